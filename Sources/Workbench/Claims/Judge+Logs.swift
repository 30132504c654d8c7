import Clockwork

/// Claims about what stands in the logs.
extension Judge {
  // MARK: Durability

  func durable(_ offset: Int64, _ name: PartitionName?, _ nodes: [NodeID]) -> Finding {
    guard let partitions = facts.partitions else { return nobodyToTell }
    let named = partitions.filter { !$0.name.isInternal }
    guard let name = name ?? (named.count == 1 ? named.first?.name : nil) else {
      let names = named.map(\.name.description).joined(separator: " ")
      return .unknown(
        [named.isEmpty ? "there are no partitions" : "of which partition? \(names)"], next: "topic list")
    }
    return with(name) { partition in
      nodes.isEmpty ? durableEverywhere(offset, partition) : durable(offset, partition, on: nodes)
    }
  }

  /// Kafka's durability: every in-sync replica has it and the leader's high watermark has passed it.
  private func durableEverywhere(_ offset: Int64, _ partition: PartitionFact) -> Finding {
    let name = partition.name
    let replicas = facts.replicas(of: name)
    guard let leader = leading(partition, replicas) else {
      return .unknown(["\(name) has no live leader to tell its high watermark"], next: "log show \(name)")
    }
    guard let record = facts.record(offset, of: name, on: leader.node) else {
      return .fails(
        ["the leader \(leader.node) has no record \(offset); its log ends at \(leader.end)"], next: "log show \(name)")
    }
    guard let highWatermark = leader.highWatermark else {
      return .unknown(["\(leader.node) does not know its high watermark yet"], next: "run 1s")
    }
    let missing = partition.inSync.filter { facts.record(offset, of: name, on: $0) != record }
    let evidence = [
      "the high watermark at the leader \(leader.node) is \(highWatermark)",
      missing.isEmpty ? "in sync: \(list(partition.inSync)), and all hold it" : "in sync without it: \(list(missing))",
    ]
    return highWatermark > offset && missing.isEmpty ? .holds(evidence) : .fails(evidence, next: "log show \(name)")
  }

  private func durable(_ offset: Int64, _ partition: PartitionFact, on nodes: [NodeID]) -> Finding {
    let name = partition.name
    let replicas = facts.replicas(of: name)
    let strangers = nodes.filter { node in !replicas.contains { $0.node == node } }
    guard strangers.isEmpty else {
      return .unknown(
        ["no replica of \(name) on \(list(strangers)); replicas: \(list(partition.replicas))"], next: "log show \(name)"
      )
    }
    let held = nodes.map { ($0, facts.record(offset, of: name, on: $0)) }
    let missing = held.filter { $0.1 == nil }.map(\.0)
    guard missing.isEmpty else {
      return .fails(["record \(offset) of \(name) is not on \(list(missing))"], next: "log show \(name)")
    }
    guard let first = held.first?.1, held.allSatisfy({ $0.1 == first }) else {
      let facts = held.map { "\($0.0) holds \($0.1?.text ?? "nothing") of epoch \($0.1?.epoch ?? 0)" }
      return .fails(["they hold different records at offset \(offset)"] + facts, next: "log show \(name)")
    }
    return .holds(["\(first.text) of epoch \(first.epoch) is on \(list(nodes))"])
  }

  func acknowledgedKept() -> Finding {
    var lost: [String] = []
    var doubtful: [String] = []
    guard !facts.acknowledged.isEmpty else { return .holds(["no record has been acknowledged yet"]) }
    guard let partitions = facts.partitions else { return nobodyToTell }
    for acked in facts.acknowledged {
      let name = acked.partition
      // A topic that was deleted took its records along, as was asked.
      guard let partition = partitions.first(where: { $0.name == name }) else { continue }
      let replicas = facts.replicas(of: name)
      let holders = replicas.map(\.node).filter { facts.holds(acked, on: $0) }
      let what = acked.text
      if let leader = leading(partition, replicas) {
        if acked.offset >= leader.start && !holders.contains(leader.node) {
          let instead = facts.record(acked.offset, of: name, on: leader.node).map { "holds \($0.text) there" }
          let others = holders.isEmpty ? "no replica has it" : "it is only on \(list(holders))"
          lost.append("\(what): the leader \(leader.node) \(instead ?? "does not have it"); \(others)")
        }
      } else if holders.isEmpty {
        lost.append("\(what): no replica has it")
      } else {
        doubtful.append("\(what): no live leader; on \(list(holders))")
      }
    }
    let total = "\(counted(facts.acknowledged.count, "batch", "batches")) acknowledged so far"
    if !lost.isEmpty { return .fails([total, "lost: \(lost.count)"] + bounded(lost), next: "log show") }
    if !doubtful.isEmpty { return .unknown([total] + bounded(doubtful), next: "run 10s") }
    return .holds([total + ", every one in its leader's log"])
  }

  /// No verdict is longer than a screen.
  private func bounded(_ lines: [String]) -> [String] {
    lines.count <= 5 ? lines : lines.prefix(5) + ["and \(lines.count - 5) more"]
  }

  // MARK: Agreement

  func logsAgree(_ only: PartitionName?) -> Finding {
    guard let partitions = facts.partitions else { return nobodyToTell }
    if let only { return with(only) { agreement([$0]) } }
    return agreement(partitions)
  }

  private func agreement(_ partitions: [PartitionFact]) -> Finding {
    var compared: Int64 = 0
    for partition in partitions {
      let replicas = facts.replicas(of: partition.name)
      for (place, a) in replicas.enumerated() {
        for b in replicas[(place + 1)...] {
          let limit = min(a.highWatermark ?? 0, b.highWatermark ?? 0, a.end, b.end)
          for offset in stride(from: max(a.start, b.start), to: limit, by: 1) {
            let left = facts.record(offset, of: partition.name, on: a.node)
            let right = facts.record(offset, of: partition.name, on: b.node)
            guard left == right else {
              return .fails(
                [
                  "\(partition.name) offset \(offset): \(a.node) has \(text(left)), \(b.node) has \(text(right))",
                  "both are below the high watermark of their node",
                ], next: "log show \(partition.name)")
            }
            compared += 1
          }
        }
      }
    }
    return .holds(["\(compared) pairs of records compared below the high watermark"])
  }

  private func text(_ record: RecordFact?) -> String { record.map { "\($0.text) of epoch \($0.epoch)" } ?? "nothing" }

  // MARK: Numbers

  func highWatermark(_ name: PartitionName, _ node: NodeID?, _ measure: Measure) -> Finding {
    replica(name, node) { replica in
      guard let highWatermark = replica.highWatermark else {
        return .unknown(["\(replica.node) does not know its high watermark"], next: "log show \(name)")
      }
      let evidence = ["the high watermark of \(name) at \(replica.node) is \(highWatermark)"]
      return measure.holds(for: highWatermark) ? .holds(evidence) : .fails(evidence, next: "log show \(name)")
    }
  }

  func logEnd(_ name: PartitionName, _ node: NodeID?, _ measure: Measure) -> Finding {
    replica(name, node) { replica in
      let evidence = ["the log of \(name) on \(replica.node) ends at \(replica.end)"]
      return measure.holds(for: replica.end) ? .holds(evidence) : .fails(evidence, next: "log show \(name)")
    }
  }

  func records(_ name: PartitionName, _ node: NodeID?, _ measure: Measure) -> Finding {
    replica(name, node) { replica in
      let count = replica.end - replica.start - facts.markers(name, on: replica.node)
      let evidence = ["\(name) has \(count) \(count == 1 ? "record" : "records") on \(replica.node)"]
      return measure.holds(for: count) ? .holds(evidence) : .fails(evidence, next: "log show \(name)")
    }
  }

  func record(_ offset: Int64, _ name: PartitionName, _ node: NodeID?, reads text: String) -> Finding {
    replica(name, node) { replica in
      guard let record = facts.record(offset, of: name, on: replica.node) else {
        return .fails(
          ["\(replica.node) has no record \(offset); its log ends at \(replica.end)"], next: "log show \(name)")
      }
      let evidence = ["record \(offset) of \(name) on \(replica.node) is \(record.text)"]
      return record.value == text || record.text == text ? .holds(evidence) : .fails(evidence, next: "log show \(name)")
    }
  }

  /// The replica on the node named, or else the leader's.
  func replica(_ name: PartitionName, _ node: NodeID?, _ body: (ReplicaFact) -> Finding) -> Finding {
    with(name) { partition in
      let replicas = facts.replicas(of: name)
      if let node {
        guard let replica = replicas.first(where: { $0.node == node }) else {
          return .unknown(
            ["no replica of \(name) on \(node); replicas: \(list(partition.replicas))"], next: "log show \(name)")
        }
        return body(replica)
      }
      guard let leader = leading(partition, replicas) else {
        return .unknown(["\(name) has no live leader"], next: "log show \(name)")
      }
      return body(leader)
    }
  }

  func leading(_ partition: PartitionFact, _ replicas: [ReplicaFact]) -> ReplicaFact? {
    replicas.first { $0.node == partition.leader && $0.condition != .down }
  }
}

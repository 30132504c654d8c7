import Clockwork

/// Judges claims by facts. Every verdict says what was observed; one that does not hold names a command to look with.
struct Judge<Facts: ClusterFacts> {
  let facts: Facts

  init(_ facts: Facts) { self.facts = facts }

  func judge(_ claim: Claim, saying text: String) -> Verdict {
    var verdict = finding(claim).verdict(claim: text)
    if verdict.value == .holds { verdict.next = nil }
    return verdict
  }

  func finding(_ claim: Claim) -> Finding {
    switch claim {
    case .not(let inner): finding(inner).turnedRound(next: inner.lookWith)
    case .leaderIs(let partition, let node): leader(of: partition) { $0 == node }
    case .leaderExists(let partition): leader(of: partition) { _ in true }
    case .epoch(let partition, let measure): epoch(of: partition, measure)
    case .controllerIs(let node): controller { $0 == node }
    case .controllerExists: controller { _ in true }
    case .durable(let offset, let partition, let nodes): durable(offset, partition, nodes)
    case .recordReads(let offset, let partition, let node, let text): record(offset, partition, node, reads: text)
    case .acknowledgedKept: acknowledgedKept()
    case .logsAgree(let partition): logsAgree(partition)
    case .singleLeader: singleLeader()
    case .highWatermark(let partition, let node, let measure): highWatermark(partition, node, measure)
    case .logEnd(let partition, let node, let measure): logEnd(partition, node, measure)
    case .inSync(let partition, let nodes): inSync(partition, nodes)
    case .records(let partition, let node, let measure): records(partition, node, measure)
    case .node(let node, let condition): self.node(node, condition)
    case .topicExists(let topic): topicExists(topic)
    case .consumedCount(let client, let partition, let measure): consumedCount(client, partition, measure)
    case .consumed(let client, let text): consumed(client, text)
    case .consumedBefore(let client, let first, let then): consumed(client, first, before: then)
    case .producedBefore(let client, let first, let then): produced(client, first, before: then)
    case .groupMembers(let group, let measure): members(of: group, measure)
    case .groupLag(let group, let measure): lag(of: group, measure)
    case .groupOwns(let group, let partitions): owned(partitions, in: group)
    case .owns(let client, let partitions, let group): owns(client, partitions, in: group)
    case .holds(let partition, let text, let measure): holds(partition, text, measure)
    case .noDuplicates(let topic): noDuplicates(in: topic)
    case .lastStable(let partition, let measure): lastStable(partition, measure)
    case .transaction(let id, let condition): transaction(id, condition)
    case .ownsCount(let client, let measure, let group): ownsCount(client, measure, in: group)
    case .window(let window, let stream, let measure): self.window(window, of: stream, measure)
    case .checkout(let claim): checkout(claim)
    case .delivery(let claim): delivery(claim)
    case .rush(let claim): rush(claim)
    case .linearizable(let partition): linearizable(partition)
    case .session(let guarantee, let partition): session(guarantee, partition)
    case .isolated(let level): isolated(level)
    case .checkoutWhole: checkoutWhole()
    case .cartsAgree: cartsAgree()
    case .cartHolds(let region, let dish, let kind): cart(region, holds: dish, kind)
    case .compared(let name, let system, let measure): compared(name, of: system, measure)
    }
  }

  // MARK: Who leads

  private func leader(of name: PartitionName, _ isRight: (NodeID) -> Bool) -> Finding {
    with(name) { partition in
      guard let leader = partition.leader else {
        return .fails(["\(name) has no leader in epoch \(partition.epoch)"], next: "topic show \(name.topic)")
      }
      let condition = facts.brokers.first { $0.id == leader }?.condition
      guard condition != .down else {
        return .fails(
          ["the cluster still names \(leader) leader of \(name), but \(leader) is down"], next: "run 10s")
      }
      let evidence = ["\(leader) leads \(name) in epoch \(partition.epoch)"]
      return isRight(leader) ? .holds(evidence) : .fails(evidence, next: "topic show \(name.topic)")
    }
  }

  private func epoch(of name: PartitionName, _ measure: Measure) -> Finding {
    with(name) { partition in
      let evidence = ["\(name) is in leader epoch \(partition.epoch)"]
      return measure.holds(for: Int64(partition.epoch))
        ? .holds(evidence) : .fails(evidence, next: "topic show \(name.topic)")
    }
  }

  private func controller(_ isRight: (NodeID) -> Bool) -> Finding {
    guard facts.brokers.contains(where: { $0.condition == .up }) else { return nobodyToTell }
    guard let controller = facts.controller else { return .fails(["no node leads the quorum"], next: "quorum show") }
    let evidence = ["\(controller) is the controller"]
    return isRight(controller) ? .holds(evidence) : .fails(evidence, next: "quorum show")
  }

  private func singleLeader() -> Finding {
    var first: [(PartitionName, Int32, NodeID)] = []
    for reign in facts.reigns {
      if let other = first.first(where: { $0.0 == reign.partition && $0.1 == reign.epoch }) {
        guard other.2 == reign.leader else {
          return .fails(
            ["\(other.2) and \(reign.leader) both led \(reign.partition) in epoch \(reign.epoch)"], next: "trace 40")
        }
      } else {
        first.append((reign.partition, reign.epoch, reign.leader))
      }
    }
    return .holds(["\(first.count) reigns so far, each with an epoch of its own"])
  }

  // MARK: The cluster's state

  private func inSync(_ name: PartitionName, _ nodes: [NodeID]) -> Finding {
    with(name) { partition in
      let evidence = ["in sync with \(name): \(list(partition.inSync))"]
      return partition.inSync.sorted() == nodes.sorted()
        ? .holds(evidence) : .fails(evidence, next: "topic show \(name.topic)")
    }
  }

  private func node(_ node: NodeID, _ condition: BrokerFact.Condition) -> Finding {
    let nodes = facts.brokers + facts.engines
    guard let broker = nodes.first(where: { $0.id == node }) else {
      return .unknown(["there is no node \(node); nodes: \(list(nodes.map(\.id)))"], next: "cluster show")
    }
    let evidence = ["\(node) is \(broker.condition.rawValue)"]
    return broker.condition == condition ? .holds(evidence) : .fails(evidence, next: "cluster show")
  }

  private func topicExists(_ topic: String) -> Finding {
    guard let partitions = facts.partitions else { return nobodyToTell }
    var topics: [String] = []
    for partition in partitions where topics.last != partition.name.topic { topics.append(partition.name.topic) }
    let evidence = [topics.isEmpty ? "there are no topics" : "topics: \(topics.joined(separator: " "))"]
    return topics.contains(topic) ? .holds(evidence) : .fails(evidence, next: "topic list")
  }

  // MARK: What consumers saw

  private func consumedCount(_ client: NodeID, _ partition: PartitionName?, _ measure: Measure) -> Finding {
    let seen = facts.consumed.filter { $0.client == client && (partition == nil || $0.partition == partition) }
    let evidence = ["\(client) was given \(seen.count) \(seen.count == 1 ? "record" : "records")"]
    return measure.holds(for: Int64(seen.count)) ? .holds(evidence) : .fails(evidence, next: "log show")
  }

  private func consumed(_ client: NodeID, _ text: String) -> Finding {
    let seen = facts.consumed.filter { $0.client == client }
    if let record = seen.first(where: { $0.value == text }) {
      return .holds(["\(client) was given \(text) as \(record.partition) offset \(record.offset)"])
    }
    let last = seen.last.map { "; last: \($0.value)" } ?? ""
    return .fails(["\(client) was given \(seen.count) records, none of them \(text)\(last)"], next: "log show")
  }

  // MARK: Looking up

  var nobodyToTell: Finding {
    .unknown(["no broker is alive to tell"], next: facts.brokers.first.map { "restart \($0.id)" } ?? "cluster start 3")
  }

  /// Finds the partition, or tells why nothing can be said about it.
  func with(_ name: PartitionName, _ body: (PartitionFact) -> Finding) -> Finding {
    guard let partitions = facts.partitions else { return nobodyToTell }
    guard let partition = partitions.first(where: { $0.name == name }) else {
      let names = partitions.map(\.name.description).joined(separator: " ")
      return .unknown(
        ["there is no partition \(name); partitions: \(names.isEmpty ? "none" : names)"], next: "topic list")
    }
    return body(partition)
  }

  func list(_ nodes: [NodeID]) -> String {
    nodes.isEmpty ? "nobody" : nodes.map(\.description).joined(separator: " ")
  }
}

extension Claim {
  /// The command that shows what the claim is about.
  fileprivate var lookWith: String {
    switch self {
    case .not(let inner): inner.lookWith
    case .isolated: "isolation show"
    case .cartHolds, .cartsAgree: "cart show"
    case .checkout: "txn show"
    case .linearizable, .session: "log show"
    default: "trace"
    }
  }
}

/// A verdict that does not yet know the claim's words.
enum Finding: Hashable {
  case holds([String])
  case fails([String], next: String)
  case unknown([String], next: String)

  func turnedRound(next: String) -> Finding {
    switch self {
    case .holds(let evidence): .fails(evidence, next: next)
    case .fails(let evidence, _): .holds(evidence)
    case .unknown: self
    }
  }

  func verdict(claim: String) -> Verdict {
    switch self {
    case .holds(let evidence): Verdict(.holds, claim: claim, evidence: evidence)
    case .fails(let evidence, let next): Verdict(.fails, claim: claim, evidence: evidence, next: next)
    case .unknown(let evidence, let next): Verdict(.unknown, claim: claim, evidence: evidence, next: next)
    }
  }
}

import Clockwork

/// Claims about consumer groups, and about the order in which consumers were given records.
extension Judge {
  // MARK: Order

  /// Readers of one client are compared each with itself: between two of them there is no order.
  func consumed(_ client: NodeID, _ first: String, before then: String) -> Finding {
    let seen = facts.consumed.filter { $0.client == client }
    var readers: [String?] = []
    for fact in seen where !readers.contains(fact.group) { readers.append(fact.group) }
    var evidence: [String] = []
    for reader in readers {
      let given = seen.filter { $0.group == reader }
      guard let a = given.firstIndex(where: { $0.reads(first) }), let b = given.firstIndex(where: { $0.reads(then) })
      else { continue }
      let places = (a < b ? [a, b] : [b, a]).map { "\(given[$0].value) (\(given[$0].place))" }
      let how = reader.map { "as a member of \($0)" } ?? "on demand"
      let order = ["\(client) was given \(places[0]) before \(places[1]), \(how)"]
      guard a < b else { return .fails(order, next: lookAgain(reader, client)) }
      evidence += order
    }
    guard evidence.isEmpty else { return .holds(evidence) }
    let missing = [first, then].filter { text in !seen.contains { $0.reads(text) } }
    let why = missing.isEmpty ? "not both by one reader" : "not \(missing.joined(separator: ", nor "))"
    return .fails(
      ["\(client) was given \(counted(seen.count, "record")): \(why)"], next: lookAgain(readers.last ?? nil, client))
  }

  func produced(_ client: NodeID, _ first: String, before then: String) -> Finding {
    var texts: [String] = []
    var firstAt: Int?
    var thenAt: Int?
    for acked in facts.acknowledged where acked.client == client {
      guard let partition = facts.partitions?.first(where: { $0.name == acked.partition }),
        let leader = partition.leader
      else { continue }
      for offset in acked.offset..<acked.offset + acked.count {
        guard let record = facts.record(offset, of: acked.partition, on: leader) else { continue }
        if firstAt == nil, record.reads(first) { firstAt = texts.count }
        if thenAt == nil, record.reads(then) { thenAt = texts.count }
        texts.append("\(record.value) (\(acked.partition) offset \(offset))")
      }
    }
    guard let a = firstAt, let b = thenAt else {
      let missing = [firstAt == nil ? first : nil, thenAt == nil ? then : nil].compactMap { $0 }
      return .fails(
        ["\(client) was told of \(counted(texts.count, "record")): not \(missing.joined(separator: ", nor "))"],
        next: "log show")
    }
    let evidence = ["\(client) wrote \(texts[min(a, b)]) before \(texts[max(a, b)])"]
    return a < b ? .holds(evidence) : .fails(evidence, next: "log show")
  }

  private func lookAgain(_ group: String?, _ client: NodeID) -> String {
    group.map { "group read \($0) --client \(client)" } ?? "log show"
  }

  // MARK: Groups

  func members(of name: String, _ measure: Measure) -> Finding {
    with(group: name) { group in
      let names = group.members.map(\.client)
      let evidence = [
        "\(group.coordinator) counts \(counted(names.count, "member")) of \(name)"
          + (names.isEmpty ? "" : ": \(list(names))")
      ]
      return measure.holds(for: Int64(names.count)) ? .holds(evidence) : .fails(evidence, next: "group show \(name)")
    }
  }

  func lag(of name: String, _ measure: Measure) -> Finding {
    with(group: name) { group in
      var lag: Int64 = 0
      var behind: [String] = []
      for partition in group.partitions {
        guard let fact = facts.partitions?.first(where: { $0.name == partition }) else { continue }
        guard let leader = leading(fact, facts.replicas(of: partition)), let end = leader.highWatermark else {
          return .unknown(["\(partition) has no live leader to tell how many records there are"], next: "run 10s")
        }
        let committed = group.committed[partition]
        let rest = max(0, end - (committed ?? leader.start))
        lag += rest
        if rest > 0 {
          behind.append(
            "\(partition): \(committed.map { "committed \($0)" } ?? "nothing committed"), readable up to \(end)")
        }
      }
      let evidence = ["\(name) is \(counted(Int(lag), "record")) behind"] + behind.prefix(5)
      return measure.holds(for: lag) ? .holds(evidence) : .fails(evidence, next: "group show \(name)")
    }
  }

  func owned(_ partitions: [PartitionName], in name: String) -> Finding {
    with(group: name, partitions) { group in
      var evidence: [String] = []
      for partition in partitions {
        let owner = group.members.first { $0.assigned.contains(partition) }
        guard let owner, group.isSettled(owner), owner.reads.contains(partition) else {
          return .fails([group.whyNobodyReads(partition, name)], next: "group show \(name)")
        }
        evidence.append("\(owner.client) reads \(partition)")
      }
      return .holds(evidence)
    }
  }

  func owns(_ client: NodeID, _ partitions: [PartitionName], in name: String) -> Finding {
    with(group: name, partitions) { group in
      let (share, why) = group.share(of: client, name)
      let missing = partitions.filter { !share.contains($0) }
      return missing.isEmpty ? .holds([why]) : .fails([why], next: "group show \(name)")
    }
  }

  func ownsCount(_ client: NodeID, _ measure: Measure, in name: String) -> Finding {
    with(group: name) { group in
      let (share, why) = group.share(of: client, name)
      let isMember = group.members.contains { $0.client == client }
      return isMember && measure.holds(for: Int64(share.count))
        ? .holds([why]) : .fails([why], next: "group show \(name)")
    }
  }

  /// Finds the group and sees that the partitions exist, or tells why nothing can be said.
  private func with(group name: String, _ partitions: [PartitionName] = [], _ body: (GroupFact) -> Finding) -> Finding {
    guard let all = facts.partitions else { return nobodyToTell }
    guard let group = facts.group(name) else {
      return .unknown(["no live broker coordinates \(name)"], next: "run 10s")
    }
    guard !group.isAbsent else {
      let topic = all.first { !$0.name.isInternal }?.name.topic
      return .unknown(["there is no group \(name)"], next: "group join \(name) \(topic ?? "orders")")
    }
    if let stranger = partitions.first(where: { name in !all.contains { $0.name == name } }) {
      return .unknown(["there is no partition \(stranger)"], next: "topic list")
    }
    return body(group)
  }
}

extension RecordFact {
  fileprivate func reads(_ text: String) -> Bool { value == text || self.text == text }
}

extension ConsumedFact {
  fileprivate func reads(_ text: String) -> Bool { value == text || self.text == text }
  fileprivate var place: String { "\(partition) offset \(offset)" }
}

extension GroupFact {
  fileprivate func isSettled(_ member: Member) -> Bool { state == "Stable" && member.condition != .down }

  /// What the client surely reads, and a sentence on it.
  fileprivate func share(of client: NodeID, _ name: String) -> (share: [PartitionName], why: String) {
    guard let member = members.first(where: { $0.client == client }) else {
      return ([], "\(client) is no member of \(name)")
    }
    let given = Self.list(member.assigned)
    guard member.condition != .down else {
      return ([], "\(coordinator) still gives \(client) \(given), but it is down")
    }
    guard state == "Stable" else { return ([], "\(name) is rebalancing (\(state))") }
    let share = member.assigned.filter(member.reads.contains)
    return share == member.assigned
      ? (share, "\(client) reads \(given)")
      : (share, "\(client) was given \(given) and reads \(Self.list(share)) so far")
  }

  fileprivate func whyNobodyReads(_ partition: PartitionName, _ name: String) -> String {
    guard let owner = members.first(where: { $0.assigned.contains(partition) }) else {
      return "\(partition) is given to nobody (\(name) is \(state), with \(counted(members.count, "member")))"
    }
    return "\(partition): " + share(of: owner.client, name).why
  }

  private static func list(_ partitions: [PartitionName]) -> String {
    partitions.isEmpty ? "no partition" : partitions.map(\.description).joined(separator: " ")
  }
}

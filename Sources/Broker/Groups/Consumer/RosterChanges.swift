import Clockwork

/// What a heartbeat, a deadline or a farewell has changed in a roster, for the log.
struct RosterChanges {
  private(set) var records: [RosterRecord] = []
  /// Members that are in it no more.
  private(set) var removed: [String] = []

  var isEmpty: Bool { records.isEmpty }

  mutating func epoch(of roster: ConsumerRoster) {
    records.append(.epoch(RosterRecord.Epoch(epoch: roster.epoch, topicsHash: roster.topicsHash)))
  }

  mutating func describe(_ member: ConsumerRoster.Member) { records.append(.member(member.id, member.description)) }
  mutating func current(_ member: ConsumerRoster.Member) { records.append(.current(member.id, member.current)) }

  mutating func targets(_ targets: [ConsumerRoster.Target], of roster: ConsumerRoster) {
    records += targets.map { .target($0.member, $0.partitions) }
    records.append(.targetEpoch(roster.targetEpoch))
  }

  mutating func remove(_ member: String) {
    removed.append(member)
    records += [.current(member, nil), .target(member, nil), .member(member, nil)]
  }
}

extension ConsumerRoster {
  /// All of it, after tombstones for members whose own may have been lost.
  var wholeRecords: [RosterRecord] {
    var changes = RosterChanges()
    for member in lost where place(of: member) == nil { changes.remove(member) }
    changes.epoch(of: self)
    for member in members { changes.describe(member) }
    changes.targets(targets, of: self)
    for member in members { changes.current(member) }
    return changes.records
  }

  /// Tombstones for all of it.
  var tombstones: [RosterRecord] {
    var changes = RosterChanges()
    for member in members.map(\.id) + lost { changes.remove(member) }
    return changes.records + [.targetEpoch(nil), .epoch(nil)]
  }

  /// Becomes what a record of the log says.
  mutating func load(_ record: RosterRecord) {
    switch record {
    case .epoch(let read):
      guard let read else { return }
      epoch = read.epoch
      topicsHash = read.topicsHash
    case .member(let id, nil):
      if let place = place(of: id) { members.remove(at: place) }
    case .member(let id, let read?):
      members[loadedPlace(of: id)].description = read
    case .targetEpoch(let read): targetEpoch = read ?? 0
    case .target(let member, let read): setTarget(read?.sorted(), of: member)
    case .current(let id, let read):
      if read == nil, place(of: id) == nil { return }
      let place = loadedPlace(of: id)
      members[place].epoch = read?.epoch ?? 0
      members[place].previousEpoch = read?.previousEpoch ?? 0
      members[place].phase = read?.phase ?? .stable
      members[place].assigned = read?.assigned ?? []
      members[place].revoking = read?.revoking ?? []
    }
  }

  private mutating func loadedPlace(of id: String) -> Int { place(of: id) ?? insert(Member(id)) }

  /// The log is read: sessions begin anew, since nobody knows when its members were last heard.
  mutating func activate(_ now: Instant, session: Interval) {
    for place in members.indices {
      members[place].deadline = now + session
      if members[place].phase == .unrevoked { members[place].revokeBy = now + members[place].rebalanceTimeout }
    }
  }

  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(epoch)
    hasher.combine(targetEpoch)
    hasher.combine(isAhead)
    for target in targets {
      hasher.combine(target.member)
      for partition in target.partitions { hasher.combine(partition.index) }
    }
    for member in members {
      hasher.combine(member.id)
      hasher.combine(member.epoch)
      hasher.combine(member.previousEpoch)
      hasher.combine(Int(member.phase.rawValue))
      hasher.combine(member.deadline.nanoseconds)
      hasher.combine(member.revokeBy.nanoseconds)
      for holding in member.assigned + member.revoking {
        hasher.combine(holding.partition.index)
        hasher.combine(holding.since)
      }
    }
  }
}

extension ConsumerRoster.Member {
  var description: RosterRecord.Description {
    get {
      RosterRecord.Description(
        instance: instance, rack: rack, client: client, host: host, topics: topics, pattern: pattern,
        rebalanceTimeout: Int32(clamping: rebalanceTimeout.milliseconds), assignor: assignor)
    }
    set {
      instance = newValue.instance
      rack = newValue.rack
      client = newValue.client
      host = newValue.host
      topics = newValue.topics
      pattern = newValue.pattern
      rebalanceTimeout = .milliseconds(Int64(newValue.rebalanceTimeout))
      assignor = newValue.assignor
    }
  }

  var current: RosterRecord.Current {
    RosterRecord.Current(
      epoch: epoch, previousEpoch: previousEpoch, phase: phase, assigned: assigned, revoking: revoking)
  }
}

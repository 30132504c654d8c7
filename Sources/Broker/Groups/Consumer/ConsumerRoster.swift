import Clockwork

/// The members of a consumer group of the new protocol (KIP-848), and who shall read what.
///
/// The coordinator shares out. Three epochs tell where everybody stands: the group's grows with every change of members
/// or topics; the target's says for which of those the target was made; each member's says which target it has reached.
/// A member reaches it alone, in its own heartbeats: first it gives up what it shall not read, then it gets what others
/// have given up. Nobody waits for anybody else's sake.
struct ConsumerRoster: Hashable, Sendable {
  /// The raw values are Kafka's, for its records.
  enum Phase: UInt8 {
    /// Has what its epoch's target says. Can become any.
    case stable = 0
    /// Is told to give partitions up, and has not said that it did. Can become any; gone when it takes too long.
    case unrevoked = 1
    /// Waits for partitions that others have not given up. Can become any.
    case unreleased = 2
  }

  /// A partition that a member has, since which of its epochs.
  struct Holding: Hashable {
    var partition: OwnedPartition
    var since: Int32
  }

  struct Member: Hashable {
    var id: String
    var instance: String?
    var rack: String?
    var client = ""
    var host = ""
    var rebalanceTimeout = Interval.seconds(300)
    /// Sorted.
    var topics: [String] = []
    var pattern: String?
    var assignor: String?
    var epoch: Int32 = 0
    /// The answer with the new epoch may have been lost: a member that comes with this one is believed.
    var previousEpoch: Int32 = 0
    var phase = Phase.stable
    /// Sorted, as is `revoking`.
    var assigned: [Holding] = []
    /// Still read by it, as far as is known.
    var revoking: [Holding] = []
    /// Silent for this long, it is removed.
    var deadline = Instant.never
    /// Until then, it has given up what it was told to.
    var revokeBy = Instant.never
    /// Its latest question: what is older was overtaken on the way, what is the same was doubled.
    var lastAsker: Asker?

    init(_ id: String) { self.id = id }

    var isAway: Bool { epoch == ConsumerHeartbeat.leavingForNow }
    var partitions: [OwnedPartition] { assigned.map(\.partition) }
  }

  /// What a member shall read, once everybody has come so far.
  struct Target: Hashable {
    var member: String
    /// Sorted.
    var partitions: [OwnedPartition]
  }

  var epoch: Int32 = 0
  var targetEpoch: Int32 = 0
  /// Sorted by id.
  var members: [Member] = []
  /// Sorted by member.
  var targets: [Target] = []
  /// Of the topics that the group reads, as they were when its epoch last grew.
  var topicsHash: Int64 = 0
  /// The metadata that was last looked at; nothing has to be looked up again until there is another.
  var seenTopics: Int64 = -1
  /// What is in memory did not get into the log: the next append writes everything.
  var isAhead = false
  /// Removed members whose tombstones may not be in the log.
  var lost: [String] = []

  func place(of member: String) -> Int? {
    let place = members.firstPlace { $0.id >= member }
    return place < members.count && members[place].id == member ? place : nil
  }

  func place(ofInstance instance: String) -> Int? { members.firstIndex { $0.instance == instance } }

  func target(of member: String) -> [OwnedPartition] {
    let place = targets.firstPlace { $0.member >= member }
    return place < targets.count && targets[place].member == member ? targets[place].partitions : []
  }

  mutating func setTarget(_ partitions: [OwnedPartition]?, of member: String) {
    let place = targets.firstPlace { $0.member >= member }
    let exists = place < targets.count && targets[place].member == member
    switch (partitions, exists) {
    case (let partitions?, true): targets[place].partitions = partitions
    case (let partitions?, false): targets.insert(Target(member: member, partitions: partitions), at: place)
    case (nil, true): targets.remove(at: place)
    case (nil, false): break
    }
  }

  mutating func insert(_ member: Member) -> Int {
    let place = members.firstPlace { $0.id >= member.id }
    members.insert(member, at: place)
    return place
  }

  var stateName: String {
    if members.isEmpty { return "Empty" }
    if epoch > targetEpoch { return "Assigning" }
    return members.allSatisfy { $0.phase == .stable && ($0.epoch == targetEpoch || $0.isAway) }
      ? "Stable" : "Reconciling"
  }

  /// The way of sharing that most members would like; the first of the names on a tie.
  var assignor: ServerAssignor {
    var best = (name: ServerAssignor.uniform, votes: 0)
    for one in ServerAssignor.allCases {
      let votes = members.count { $0.assignor == one.rawValue }
      if votes > best.votes { best = (one, votes) }
    }
    return best.name
  }

  /// The topics that a member wants, of those there are.
  func topics(of member: Member, in catalog: GroupTopics) -> [GroupTopics.Topic] {
    var found = member.topics.compactMap { catalog.topic(named: $0) }
    if let pattern = member.pattern.flatMap({ TopicPattern($0) }) {
      found += catalog.topics.filter { topic in
        !topic.name.hasPrefix("__") && !member.topics.contains(topic.name) && pattern.matches(topic.name)
      }
    }
    return found
  }

  /// Names and sizes of all that the group reads: another hash means that there is something to share anew.
  func hash(of catalog: GroupTopics) -> Int64 {
    var seen: Set<TopicUUID> = []
    var wanted: [GroupTopics.Topic] = []
    for member in members {
      for topic in topics(of: member, in: catalog) where seen.insert(topic.id).inserted { wanted.append(topic) }
    }
    var hasher = StateHasher()
    for topic in wanted.sorted(by: { $0.name < $1.name }) {
      hasher.combine(topic.name)
      hasher.combine(topic.id.high)
      hasher.combine(topic.id.low)
      hasher.combine(topic.partitions)
    }
    return Int64(bitPattern: hasher.finalize())
  }

  /// Every partition that somebody has, or may still have.
  func taken(except member: String) -> Set<OwnedPartition> {
    var taken: Set<OwnedPartition> = []
    for other in members where other.id != member {
      for holding in other.assigned { taken.insert(holding.partition) }
      for holding in other.revoking { taken.insert(holding.partition) }
    }
    return taken
  }

  var nextDeadline: Instant { members.reduce(.never) { min($0, $1.deadline, $1.revokeBy) } }

  var described: DescribedConsumerGroup {
    DescribedConsumerGroup(
      state: stateName, epoch: epoch, assignmentEpoch: targetEpoch, assignor: assignor.rawValue,
      members: members.map { member in
        DescribedConsumerGroup.Member(
          id: member.id, instance: member.instance, rack: member.rack, epoch: member.epoch, client: member.client,
          host: member.host, topics: member.topics, pattern: member.pattern, assigned: member.partitions,
          target: target(of: member.id))
      })
  }
}

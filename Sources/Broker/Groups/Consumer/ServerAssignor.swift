/// How a coordinator shares partitions out (KIP-848). The names are Kafka's; the first is the one nobody asked for.
enum ServerAssignor: String, CaseIterable, Sendable {
  /// Evenly, and moving as little as that allows.
  case uniform
  /// Each topic by itself, in contiguous stretches: co-partitioned topics stay together, the first members get more.
  case range

  struct Subscriber {
    var member: String
    var instance: String?
    var topics: [GroupTopics.Topic]
    /// What it shall read so far.
    var current: [OwnedPartition]
  }

  /// Who shall read what, in the order of `subscribers`, each share sorted. Every partition of a topic that somebody
  /// wants goes to exactly one of those who want it.
  func share(_ subscribers: [Subscriber]) -> [[OwnedPartition]] {
    switch self {
    case .uniform: UniformShares(subscribers).shares()
    case .range: Self.range(subscribers)
    }
  }

  private static func range(_ subscribers: [Subscriber]) -> [[OwnedPartition]] {
    let topics = distinct(subscribers)
    let ids = Dictionary(topics.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
    let shares = Assignor.range.share(
      topics.map { TopicSize($0.name, $0.partitions) },
      among: subscribers.map { one in
        Assignor.Subscriber(member: one.member, instance: one.instance, topics: one.topics.map(\.name))
      })
    return shares.map { share in
      share.compactMap { partition in ids[partition.topic].map { OwnedPartition($0, partition.index) } }.sorted()
    }
  }

  /// Each topic that somebody wants, once, by name.
  static func distinct(_ subscribers: [Subscriber]) -> [GroupTopics.Topic] {
    var seen: Set<TopicUUID> = []
    var topics: [GroupTopics.Topic] = []
    for one in subscribers {
      for topic in one.topics where seen.insert(topic.id).inserted { topics.append(topic) }
    }
    return topics.sorted { $0.name < $1.name }
  }
}

/// The uniform assignor at work: keep what was there, give the rest to whoever has least, then even out.
private struct UniformShares {
  private let topics: [GroupTopics.Topic]
  /// Who wants each topic, by place, in the order of `topics`.
  private var takers: [[Int]]
  /// By subscriber, then by topic.
  private var given: [[[Int32]]]
  private var loads: [Int]
  private let places: [TopicUUID: Int]

  init(_ subscribers: [ServerAssignor.Subscriber]) {
    topics = ServerAssignor.distinct(subscribers)
    places = Dictionary(uniqueKeysWithValues: topics.enumerated().map { ($1.id, $0) })
    takers = Array(repeating: [], count: topics.count)
    given = Array(repeating: Array(repeating: [], count: topics.count), count: subscribers.count)
    loads = Array(repeating: 0, count: subscribers.count)
    for (taker, one) in subscribers.enumerated() {
      for topic in one.topics { if let place = places[topic.id] { takers[place].append(taker) } }
    }
    keep(subscribers)
  }

  private mutating func keep(_ subscribers: [ServerAssignor.Subscriber]) {
    var kept: Set<OwnedPartition> = []
    for (taker, one) in subscribers.enumerated() {
      for partition in one.current {
        guard let topic = places[partition.topic], takers[topic].contains(taker),
          partition.index < topics[topic].partitions, kept.insert(partition).inserted
        else { continue }
        given[taker][topic].append(partition.index)
        loads[taker] += 1
      }
    }
    // The fewer want a topic, the less choice there is: those first.
    for topic in topics.indices.sorted(by: { (takers[$0].count, $0) < (takers[$1].count, $1) }) {
      for index in 0..<topics[topic].partitions where !kept.contains(OwnedPartition(topics[topic].id, index)) {
        guard let taker = takers[topic].min(by: { (loads[$0], $0) < (loads[$1], $1) }) else { continue }
        given[taker][topic].append(index)
        loads[taker] += 1
      }
    }
  }

  func shares() -> [[OwnedPartition]] {
    var even = self
    while even.moveOne() {}
    return even.given.map { share in
      share.enumerated().flatMap { topic, indices in indices.map { OwnedPartition(topics[topic].id, $0) } }.sorted()
    }
  }

  /// Moves one partition from the fullest that can give to the emptiest that can take it, if that evens anything out.
  /// Ends: each move makes the sum of the loads' squares smaller.
  private mutating func moveOne() -> Bool {
    for giver in loads.indices.sorted(by: { (-loads[$0], $0) < (-loads[$1], $1) }) {
      var best: (taker: Int, topic: Int)?
      for topic in topics.indices where !given[giver][topic].isEmpty {
        guard let taker = takers[topic].min(by: { (loads[$0], $0) < (loads[$1], $1) }),
          loads[taker] + 1 < loads[giver], best.map({ loads[taker] < loads[$0.taker] }) ?? true
        else { continue }
        best = (taker, topic)
      }
      guard let best else { continue }
      given[best.taker][best.topic].append(given[giver][best.topic].removeLast())
      loads[giver] -= 1
      loads[best.taker] += 1
      return true
    }
    return false
  }
}

/// How a group's leader shares partitions out. The names are Kafka's.
///
/// Both give every partition of a subscribed topic to exactly one member, the same one whatever the order in which
/// members are listed.
public enum Assignor: String, Hashable, Sendable, CaseIterable {
  /// Each topic by itself, in contiguous stretches: co-partitioned topics stay together, the first members get more.
  case range
  /// All partitions of all topics in turn: even, but topics do not stay together.
  case roundRobin = "roundrobin"

  /// Somebody to share with, and the topics it wants.
  public struct Subscriber: Hashable, Sendable {
    public var member: String
    public var instance: String?
    public var topics: [String]

    public init(member: String, instance: String? = nil, topics: [String]) {
      self.member = member
      self.instance = instance
      self.topics = topics
    }

    /// Static members sort by instance, so that a restart (a new member id) moves nothing.
    var rank: (Int, String) { instance.map { (0, $0) } ?? (1, member) }
  }

  /// Who gets what, in the order of `members`. Topics without a size get nobody.
  public func share(_ sizes: [TopicSize], among members: [Subscriber]) -> [[TopicPartition]] {
    let order = members.indices.sorted { members[$0].rank < members[$1].rank }
    let wanted = sizes.filter { size in members.contains { $0.topics.contains(size.topic) } }
      .sorted { $0.topic < $1.topic }
    var shares = [[TopicPartition]](repeating: [], count: members.count)
    switch self {
    case .range:
      for size in wanted {
        let takers = order.filter { members[$0].topics.contains(size.topic) }
        var next: Int32 = 0
        for (rank, taker) in takers.enumerated() {
          let count = size.partitions / Int32(takers.count) + (rank < Int(size.partitions) % takers.count ? 1 : 0)
          shares[taker] += (next..<next + count).map { TopicPartition(size.topic, $0) }
          next += count
        }
      }
    case .roundRobin:
      var turn = 0
      for size in wanted {
        for index in 0..<size.partitions {
          while !members[order[turn % order.count]].topics.contains(size.topic) { turn += 1 }
          shares[order[turn % order.count]].append(TopicPartition(size.topic, index))
          turn += 1
        }
      }
    }
    return shares
  }
}

/// How many partitions a topic has.
public struct TopicSize: Hashable, Sendable {
  public var topic: String
  public var partitions: Int32

  public init(_ topic: String, _ partitions: Int32) {
    self.topic = topic
    self.partitions = max(0, partitions)
  }
}

public import Clockwork

/// What an operator configures for group coordinators. Names in the comments are Kafka's.
public struct GroupSetup: Hashable, Sendable {
  /// offsets.topic.num.partitions: into how many shards the groups are divided, each coordinated by one partition's
  /// leader. Must not change once groups exist.
  public var shards: Int32
  /// group.initial.rebalance.delay.ms: how long an empty group waits for more members once the first has come. Kafka
  /// ships 3 s, so that a starting fleet rebalances once.
  public var initialRebalanceDelay: Interval
  /// group.min.session.timeout.ms
  public var minSessionTimeout = Interval.seconds(6)
  /// group.max.session.timeout.ms
  public var maxSessionTimeout = Interval.seconds(1800)
  /// group.max.size
  public var maxMembers = 1000
  /// Groups per shard.
  public var maxGroups = 10_000
  /// Partitions that one group keeps offsets for.
  public var maxOffsets = 100_000
  /// offset.metadata.max.bytes
  public var maxMetadataBytes = 4096
  /// offsets.retention.minutes: the offsets of a group that is empty for this long are forgotten.
  public var offsetsRetention = Interval.seconds(7 * 86_400)
  /// group.consumer.session.timeout.ms: a member of the new protocol not heard from for this long is removed.
  public var consumerSessionTimeout = Interval.seconds(45)
  /// group.consumer.heartbeat.interval.ms: how often such a member is told to speak.
  public var consumerHeartbeatInterval = Interval.seconds(5)
  /// Records that wait for the log of one shard; more are refused.
  public var maxPendingAppends = 10_000

  /// How long the join of a new member may be held, however long the others take: its client may be gone.
  static let newMemberTimeout = Interval.seconds(300)
  /// Ways to share that one member may offer.
  static let maxProtocols = 16

  public init(shards: Int32 = 1, initialRebalanceDelay: Interval = .zero) {
    self.shards = max(1, shards)
    self.initialRebalanceDelay = initialRebalanceDelay
  }

  /// The shard that coordinates `group`: Kafka's `abs(groupId.hashCode) % n`, with Java's hash of UTF-16 units.
  public func shard(for group: String) -> Int32 {
    var hash: Int32 = 0
    for unit in group.utf16 { hash = hash &* 31 &+ Int32(unit) }
    return (hash == .min ? 0 : abs(hash)) % shards
  }
}

public import Clockwork

/// What an operator configures for transaction coordinators. Names in the comments are Kafka's.
public struct TransactionSetup: Hashable, Sendable {
  /// transaction.state.log.num.partitions: into how many shards transactional ids are divided, each coordinated by one
  /// partition's leader. Must not change once there are any.
  public var shards: Int32
  /// transaction.max.timeout.ms
  public var maxTimeout = Interval.seconds(900)
  /// transactional.id.expiration.ms: an id that nobody uses is forgotten.
  public var idExpiration = Interval.seconds(7 * 86_400)
  /// How long a marker may go unanswered before it is sent again.
  public var markerTimeout = Interval.seconds(2)
  /// How soon what failed is tried again: a marker, or a record of the coordinator's own.
  public var retryBackoff = Interval.milliseconds(100)
  /// Transactional ids per shard.
  public var maxTransactions = 100_000
  /// Partitions that one transaction may write to.
  public var maxPartitions = 10_000

  public init(shards: Int32 = 1) { self.shards = max(1, shards) }

  /// The shard that coordinates `transactionalID`, by the same hash as groups.
  public func shard(for transactionalID: String) -> Int32 { GroupSetup(shards: shards).shard(for: transactionalID) }
}

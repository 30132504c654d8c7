/// What a compacted topic's settings say (`cleanup.policy=compact`). Times are in milliseconds.
public struct CompactionRules: Hashable, Sendable {
  /// The share of bytes not compacted yet at which it is worth the work (`min.cleanable.dirty.ratio`).
  public var minDirtyRatio = 0.5
  /// Segments with younger records are left alone (`min.compaction.lag.ms`).
  public var minLag: Int64 = 0
  /// How long tombstones and markers stay, counted from their timestamp (`delete.retention.ms`).
  public var deleteRetention: Int64 = 86_400_000
  /// How long the last batch of a producer is kept for its sequence number (`producer.id.expiration.ms`).
  public var producerExpiration: Int64 = 86_400_000
  /// How many bytes of keys one run may remember; what does not fit is left to the next run.
  public var keyBytes = 64 << 20

  public init() {}
}

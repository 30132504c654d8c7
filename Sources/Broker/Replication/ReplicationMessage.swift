public import Clockwork
public import RecordLog

/// A fetch by a follower (`replica` set) or a consumer (nil).
public struct FetchRequest: Hashable, Sendable {
  /// Who replicates, with the broker epoch of its registration (KIP-903); nil for a consumer.
  public var replica: NodeID?
  public var replicaEpoch: BrokerEpoch?
  /// Wait this long for `minBytes`.
  public var maxWait: Interval
  public var minBytes: Int
  public var maxBytes: Int
  /// A consumer may read from a follower (KIP-392) when it says so.
  public var anyReplica: Bool
  /// How far a consumer may read; nothing to a follower.
  public var isolation: Isolation
  public var partitions: [FetchPartition]

  public init(
    replica: NodeID? = nil, replicaEpoch: BrokerEpoch? = nil, maxWait: Interval, minBytes: Int = 1,
    maxBytes: Int = 1 << 20, anyReplica: Bool = false, isolation: Isolation = .readUncommitted,
    partitions: [FetchPartition]
  ) {
    self.replica = replica
    self.replicaEpoch = replicaEpoch
    self.maxWait = maxWait
    self.minBytes = minBytes
    self.maxBytes = maxBytes
    self.anyReplica = anyReplica
    self.isolation = isolation
    self.partitions = partitions
  }
}

/// isolation.level
public enum Isolation: Int8, Hashable, Sendable, CaseIterable {
  /// Up to the high watermark.
  case readUncommitted
  /// Up to the last stable offset: no record of a transaction that may yet be aborted.
  case readCommitted
}

public struct FetchPartition: Hashable, Sendable {
  public var id: PartitionID
  public var offset: Offset
  /// The leader epoch the fetcher believes in: a stale one is fenced (KIP-320). Nil skips the check.
  public var currentEpoch: LeaderEpoch?
  /// The epoch of the fetcher's last record: the leader answers with where it ended, if it did not end here (KIP-595's
  /// form of truncation detection). Nil skips the check.
  public var lastFetchedEpoch: LeaderEpoch?
  /// How much of this partition at most.
  public var maxBytes: Int

  public init(
    _ id: PartitionID, offset: Offset, currentEpoch: LeaderEpoch?, lastFetchedEpoch: LeaderEpoch?,
    maxBytes: Int = .max
  ) {
    self.id = id
    self.offset = offset
    self.maxBytes = maxBytes
    self.currentEpoch = currentEpoch
    self.lastFetchedEpoch = lastFetchedEpoch
  }
}

public struct FetchReply: Hashable, Sendable {
  public var partitions: [FetchedPartition]

  public init(partitions: [FetchedPartition]) { self.partitions = partitions }
}

public struct FetchedPartition: Hashable, Sendable {
  public var id: PartitionID
  public var error: BrokerError?
  /// As the leader's log gives them cheapest: a live leader hands on stretches of its files.
  public var records: LogSlice
  public var highWatermark: Offset
  /// How far transactions are decided: at or before the high watermark.
  public var lastStableOffset: Offset
  /// With `readCommitted`: the aborted transactions in `batches`, whose records the consumer skips.
  public var aborted: [AbortedTransaction] = []
  public var logStart: Offset
  /// Where the log ends; set with `offsetOutOfRange`, so that a follower knows where to go.
  public var logEnd: Offset?
  /// Set when the fetcher's log diverges: truncate to the end of this epoch and ask again.
  public var diverging: EpochEnd?

  public init(
    _ id: PartitionID, error: BrokerError? = nil, batches: [RecordBatch] = [], highWatermark: Offset,
    lastStableOffset: Offset? = nil, logStart: Offset = .zero, diverging: EpochEnd? = nil
  ) {
    self.id = id
    self.error = error
    self.records = .batches(batches)
    self.highWatermark = highWatermark
    self.lastStableOffset = lastStableOffset ?? highWatermark
    self.logStart = logStart
    self.diverging = diverging
  }
}

/// OffsetForLeaderEpoch (KIP-101, 279, 320): where did `epoch` end in your log?
public struct EpochEndRequest: Hashable, Sendable {
  public var id: PartitionID
  public var epoch: LeaderEpoch
  public var currentEpoch: LeaderEpoch?

  public init(_ id: PartitionID, epoch: LeaderEpoch, currentEpoch: LeaderEpoch?) {
    self.id = id
    self.epoch = epoch
    self.currentEpoch = currentEpoch
  }
}

public struct EpochEndReply: Hashable, Sendable {
  public var id: PartitionID
  public var error: BrokerError?
  /// Nil: the leader does not know the epoch.
  public var end: EpochEnd?

  public init(_ id: PartitionID, error: BrokerError? = nil, end: EpochEnd? = nil) {
    self.id = id
    self.error = error
    self.end = end
  }
}

/// How many replicas must have a record before its producer hears so.
public enum Acks: Int8, Hashable, Sendable {
  /// Nobody answers.
  case none = 0
  /// The leader has appended it.
  case leader = 1
  /// The whole current in-sync set has it: the high watermark has passed it.
  case all = -1
}

public struct ProduceRequest: Hashable, Sendable {
  public var partition: PartitionID
  public var acks: Acks
  public var timeout: Interval
  /// Whose transaction the batch belongs to, if it is transactional: its coordinator is asked (KIP-890).
  public var transactionalID: String?
  public var batch: RecordBatch

  public init(
    partition: PartitionID, acks: Acks, timeout: Interval, transactionalID: String? = nil, batch: RecordBatch
  ) {
    self.partition = partition
    self.acks = acks
    self.timeout = timeout
    self.transactionalID = transactionalID
    self.batch = batch
  }
}

public struct ProduceReply: Hashable, Sendable {
  public var partition: PartitionID
  public var error: BrokerError?
  /// The first record's offset; meaningful without an error.
  public var baseOffset: Offset

  public init(partition: PartitionID, error: BrokerError? = nil, baseOffset: Offset = .zero) {
    self.partition = partition
    self.error = error
    self.baseOffset = baseOffset
  }
}

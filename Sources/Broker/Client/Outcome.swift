public import Clockwork
public import RecordLog

/// How a command ended.
public enum Outcome: Hashable, Sendable {
  case produced(Produced)
  /// acks=0: the records have left, and nobody will ever say more.
  case sent(count: Int)
  /// `lastStable`: of a committed reader, how far transactions are decided.
  case consumed([ConsumedRecord], next: Offset, highWatermark: Offset, lastStable: Offset?, from: NodeID)
  case transacted(Transacted)
  case done(by: NodeID)
  case group(GroupReply, by: NodeID)
  case joined(group: String)
  case left(group: String)
  /// `definite`: it surely did not happen. Otherwise it may have, and nobody told.
  case failed(BrokerError, reason: String, definite: Bool)
  /// Nobody answered in time. `last` is the last error heard.
  case timedOut(after: Interval, last: BrokerError?, definite: Bool)
}

public struct Produced: Hashable, Sendable {
  public var partition: PartitionID
  public var first: Offset
  public var last: Offset
  public var count: Int
  /// Who acknowledged the last of them.
  public var by: NodeID
  public var took: Interval
  /// Requests sent for it; more than batches means that some were sent again.
  public var attempts: Int
}

public struct ConsumedRecord: Hashable, Sendable {
  public var offset: Offset
  public var epoch: LeaderEpoch
  public var key: [UInt8]?
  public var value: [UInt8]?
  /// Milliseconds since the world began.
  public var timestamp: Int64
}

/// A batch that a broker has acknowledged: what `acks` promised must now hold.
public struct Acknowledgement: Hashable, Sendable {
  public var partition: PartitionID
  public var base: Offset
  public var count: Int64
  /// The batch's CRC: which records, not only where.
  public var checksum: UInt32
  public var acks: Acks
  public var by: NodeID
}

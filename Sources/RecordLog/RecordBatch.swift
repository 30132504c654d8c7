/// A stretch of records as one producer sent them: the unit that is appended, replicated and checked (magic 2).
///
/// The base offset and the leader epoch are the leader's to set and lie before the CRC, so setting them copies no bytes;
/// `body` is everything from the magic byte on, immutable and shared.
public struct RecordBatch: Hashable, Sendable {
  public var baseOffset: Offset
  public var leaderEpoch: LeaderEpoch
  /// magic, crc, attributes, last offset delta, …, records, as on disk.
  public let body: [UInt8]

  public init(baseOffset: Offset, leaderEpoch: LeaderEpoch, body: [UInt8]) {
    self.baseOffset = baseOffset
    self.leaderEpoch = leaderEpoch
    self.body = body
  }
}

public enum RecordBatchError: Error, Hashable, Sendable { case malformed(String) }
public struct LeaderEpochHistory: Hashable, Sendable {}

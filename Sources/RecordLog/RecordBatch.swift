public import Codecs

/// A stretch of records as one producer sent them: the unit that is appended, replicated and checked (magic 2).
///
/// The base offset and the leader epoch are the leader's to set and lie before the CRC, so setting them copies no bytes;
/// `body` is everything from the magic byte on, immutable and shared. Every batch is well formed up to its records:
/// it was either encoded here or validated. Layout: `RecordBatchLayout.swift`.
public struct RecordBatch: Hashable, Sendable {
  public var baseOffset: Offset
  public var leaderEpoch: LeaderEpoch
  /// A copy of the body's field, so that a search by offset does not chase a pointer per batch.
  private let lastOffsetDelta: Int32
  /// magic, crc, attributes, last offset delta, …, records, as on disk. Perhaps a part of what else came with it.
  public let body: ArraySlice<UInt8>

  /// `body` must already be known to be well formed.
  init(baseOffset: Offset, leaderEpoch: LeaderEpoch, trusting body: ArraySlice<UInt8>) {
    self.baseOffset = baseOffset
    self.leaderEpoch = leaderEpoch
    self.body = body
    lastOffsetDelta = Layout.load(Int32.self, from: body, at: Layout.lastOffsetDelta)
  }

  /// The offset of the last record this batch was made with, even if compaction has removed that one since.
  public var lastOffset: Offset { Offset(baseOffset.rawValue &+ Int64(lastOffsetDelta)) }
  /// The offset after this batch.
  public var nextOffset: Offset { Offset(baseOffset.rawValue &+ Int64(lastOffsetDelta) &+ 1) }
  /// How many records it holds now; compaction may have removed some.
  public var recordCount: Int { Int(field(Int32.self, at: Layout.recordCount)) }
  /// Its size on disk and on the wire, in bytes.
  public var sizeInBytes: Int { Layout.bodyStart + body.count }

  /// The stored CRC-32C, from the attributes to the end: equal for equal contents whoever leads, wherever they lie.
  public var checksum: UInt32 { field(UInt32.self, at: Layout.checksum) }
  public var attributes: Attributes { Attributes(rawValue: field(Int16.self, at: Layout.attributes)) }
  /// The timestamp of the first record, in milliseconds.
  public var baseTimestamp: Int64 { field(Int64.self, at: Layout.baseTimestamp) }
  /// The largest timestamp of any record, in milliseconds; -1 when none has one.
  public var maxTimestamp: Int64 { Layout.latest(field(Int64.self, at: Layout.maxTimestamp), base: baseTimestamp) }

  /// The idempotent producer's id (KIP-98), or -1.
  public var producerID: Int64 { field(Int64.self, at: Layout.producerID) }
  public var producerEpoch: Int16 { field(Int16.self, at: Layout.producerEpoch) }
  /// The sequence number of the first record, or -1.
  public var baseSequence: Int32 { field(Int32.self, at: Layout.baseSequence) }
  /// The sequence number of the last record, which wraps around at Int32.max as in KIP-98; -1 without a producer.
  public var lastSequence: Int32 {
    baseSequence < 0 ? -1 : Int32((Int64(baseSequence) + Int64(lastOffsetDelta)) & Int64(Int32.max))
  }

  private func field<Number: FixedWidthInteger>(_: Number.Type, at index: Int) -> Number {
    Layout.load(Number.self, from: body, at: index)
  }

  public static func == (a: RecordBatch, b: RecordBatch) -> Bool {
    a.baseOffset == b.baseOffset && a.leaderEpoch == b.leaderEpoch && a.lastOffsetDelta == b.lastOffsetDelta
      && a.body == b.body
  }

  /// The checksum stands for the body.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(baseOffset)
    hasher.combine(leaderEpoch)
    hasher.combine(checksum)
  }
}

extension RecordBatch {
  /// What a batch says of itself (KIP-98, "Attributes").
  public struct Attributes: Hashable, Sendable {
    public var rawValue: Int16

    public init(rawValue: Int16) { self.rawValue = rawValue }

    public init(isTransactional: Bool, isControl: Bool) {
      rawValue = (isTransactional ? 0x10 : 0) | (isControl ? 0x20 : 0)
    }

    /// Nil for a codec nobody has assigned a number to.
    public var compression: Codec? { Codec(rawValue: rawValue & 0x07) }
    public var isTransactional: Bool { rawValue & 0x10 != 0 }
    /// Every record's timestamp is the header's largest: when the leader appended it (`LogAppendTime`).
    public var isStampedByLog: Bool { rawValue & 0x08 != 0 }
    /// Holds a transaction marker, which consumers do not see.
    public var isControl: Bool { rawValue & 0x20 != 0 }
  }

  /// Who sent a batch, for idempotence (KIP-98).
  public struct Producer: Hashable, Sendable {
    public var id: Int64
    public var epoch: Int16
    /// The sequence number of the batch's first record.
    public var baseSequence: Int32

    public init(id: Int64, epoch: Int16, baseSequence: Int32) {
      self.id = id
      self.epoch = epoch
      self.baseSequence = baseSequence
    }

    public static let none = Producer(id: -1, epoch: -1, baseSequence: -1)
  }
}

/// Why bytes are not a record batch.
public enum RecordBatchError: Error, Hashable, Sendable {
  /// The bytes end before the batch does: the tail of a write that was cut short.
  case truncated(needed: Int, available: Int)
  /// Not the format of Kafka 0.11 and later.
  case unsupportedMagic(Int8)
  case unknownCodec
  /// Decompressed, its records are more than a batch of its size may hold.
  case opensTooLarge(limit: Int)
  case checksumMismatch(stored: UInt32, computed: UInt32)
  case malformed(String)
}

extension RecordBatch {
  /// What a batch says of itself before its records: all that a broker needs to know of a batch that it does not hand on.
  ///
  /// Read without the records, so that a log can be walked for a fraction of its bytes. The checksum is not checked.
  public struct Header: Hashable, Sendable {
    public var baseOffset: Offset
    public var leaderEpoch: LeaderEpoch
    /// The whole batch, on disk and on the wire.
    public var sizeInBytes: Int
    public var attributes: Attributes
    /// The offset of the last record the batch was made with.
    public var lastOffset: Offset
    /// Milliseconds.
    public var baseTimestamp: Int64
    public var maxTimestamp: Int64
    /// The idempotent producer's id (KIP-98), or -1.
    public var producerID: Int64
    public var producerEpoch: Int16
    /// The sequence number of the first record, or -1.
    public var baseSequence: Int32
    /// How many records it holds now; compaction may have removed some.
    public var recordCount: Int

    /// The offset after this batch.
    public var nextOffset: Offset { Offset(lastOffset.rawValue &+ 1) }
    /// The sequence number of the last record, which wraps around at Int32.max; -1 without a producer.
    public var lastSequence: Int32 {
      baseSequence < 0
        ? -1 : Int32((Int64(baseSequence) + (lastOffset.rawValue &- baseOffset.rawValue)) & Int64(Int32.max))
    }
    /// Sent by an idempotent producer, or a marker for one.
    public var hasProducer: Bool { producerID >= 0 }
  }

  public var header: Header {
    Header(
      baseOffset: baseOffset, leaderEpoch: leaderEpoch, sizeInBytes: sizeInBytes, attributes: attributes,
      lastOffset: lastOffset, baseTimestamp: baseTimestamp, maxTimestamp: maxTimestamp, producerID: producerID,
      producerEpoch: producerEpoch, baseSequence: baseSequence, recordCount: recordCount)
  }
}

extension RecordBatch.Header {
  /// How many bytes a header takes.
  public static var size: Int { Layout.headerSize }

  /// Reads a header from the front of `bytes`, which need hold no more than that: the records may follow elsewhere.
  /// Throws where `RecordBatch.init(validating:)` would, but for the checksum and for records that are cut short.
  public init(validating bytes: ArraySlice<UInt8>) throws(RecordBatchError) {
    guard bytes.count >= Layout.headerSize else {
      throw .truncated(needed: Layout.headerSize, available: bytes.count)
    }
    func field<Number: FixedWidthInteger>(_: Number.Type, at index: Int) -> Number {
      bytes.withUnsafeBytes { Number(bigEndian: $0.loadUnaligned(fromByteOffset: index, as: Number.self)) }
    }
    func inBody<Number: FixedWidthInteger>(_ type: Number.Type, at index: Int) -> Number {
      field(type, at: Layout.bodyStart + index)
    }
    let base = field(Int64.self, at: 0)
    let size = Layout.lengthEnd + Int(field(Int32.self, at: 8))
    let magic = inBody(Int8.self, at: Layout.magic)
    let last = inBody(Int32.self, at: Layout.lastOffsetDelta)
    let count = inBody(Int32.self, at: Layout.recordCount)
    let firstTime = inBody(Int64.self, at: Layout.baseTimestamp)
    guard size >= Layout.headerSize else {
      throw .malformed("a length of \(size - Layout.lengthEnd) is less than a header's")
    }
    guard base >= 0, base <= Layout.maxBaseOffset else { throw .malformed("base offset \(base)") }
    guard magic == 2 else { throw .unsupportedMagic(magic) }
    guard last >= 0, count >= 0, Int64(count) <= Int64(last) + 1 else {
      throw .malformed("\(count) records in \(Int64(last) + 1) offsets")
    }
    self.init(
      baseOffset: Offset(base), leaderEpoch: LeaderEpoch(field(Int32.self, at: 12)), sizeInBytes: size,
      attributes: RecordBatch.Attributes(rawValue: inBody(Int16.self, at: Layout.attributes)),
      lastOffset: Offset(base + Int64(last)), baseTimestamp: firstTime,
      maxTimestamp: Layout.latest(inBody(Int64.self, at: Layout.maxTimestamp), base: firstTime),
      producerID: inBody(Int64.self, at: Layout.producerID),
      producerEpoch: inBody(Int16.self, at: Layout.producerEpoch),
      baseSequence: inBody(Int32.self, at: Layout.baseSequence), recordCount: Int(count))
  }
}

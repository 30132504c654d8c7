import Bytes
import Codecs

extension RecordBatch {
  /// Encodes records, uncompressed. The leader sets the offset and the epoch when it appends.
  ///
  /// Without any record the batch takes up no offset, and no log takes it.
  public init(
    records: [Record], baseOffset: Offset = .zero, leaderEpoch: LeaderEpoch = LeaderEpoch(-1),
    producer: Producer = .none, attributes: Attributes = Attributes(rawValue: 0)
  ) {
    let firstTimestamp = records.first?.timestamp ?? -1
    var maxTimestamp = firstTimestamp
    var size = Layout.records
    for index in records.indices {
      size += 16 + (records[index].key?.count ?? 0) + (records[index].value?.count ?? 0)
      maxTimestamp = max(maxTimestamp, records[index].timestamp)
    }
    var header: [UInt8] = []
    header.reserveCapacity(size)
    header.append(contentsOf: repeatElement(0, count: Layout.records))
    header.withUnsafeMutableBytes {
      Layout.store(2 as Int8, in: $0, at: Layout.magic)
      Layout.store(attributes.rawValue & ~0x07, in: $0, at: Layout.attributes)
      Layout.store(Int32(truncatingIfNeeded: records.count - 1), in: $0, at: Layout.lastOffsetDelta)
      Layout.store(firstTimestamp, in: $0, at: Layout.baseTimestamp)
      Layout.store(maxTimestamp, in: $0, at: Layout.maxTimestamp)
      Layout.store(producer.id, in: $0, at: Layout.producerID)
      Layout.store(producer.epoch, in: $0, at: Layout.producerEpoch)
      Layout.store(producer.baseSequence, in: $0, at: Layout.baseSequence)
      Layout.store(Int32(truncatingIfNeeded: records.count), in: $0, at: Layout.recordCount)
    }
    var writer = ByteWriter(appendingTo: header)
    header = []
    for index in records.indices {
      records[index].write(into: &writer, index: index, firstTimestamp: firstTimestamp)
    }
    writer.overwrite(Layout.checksum(of: writer.bytes[...]), at: Layout.checksum)
    self.init(baseOffset: baseOffset, leaderEpoch: leaderEpoch, trusting: writer.bytes[...])
  }

  /// The batch as the leader of a topic with `LogAppendTime` appends it: all its records are of this time, in
  /// milliseconds. Compressed records need not be opened for it (KIP-32).
  public func stamped(at time: Int64) -> RecordBatch {
    var stamped = Array(body)
    stamped.withUnsafeMutableBytes {
      Layout.store(attributes.rawValue | 0x08, in: $0, at: Layout.attributes)
      Layout.store(time, in: $0, at: Layout.maxTimestamp)
    }
    let checksum = Layout.checksum(of: stamped[...])
    stamped.withUnsafeMutableBytes { Layout.store(checksum, in: $0, at: Layout.checksum) }
    return RecordBatch(baseOffset: baseOffset, leaderEpoch: leaderEpoch, trusting: stamped[...])
  }

  /// Reads one batch from the front of `bytes` and checks its length, magic, checksum and counts. What follows it, if
  /// anything, is the next batch: `sizeInBytes` further on. A length that the bytes do not bear out reserves nothing.
  ///
  /// `sharing` keeps all of the array that `bytes` are of for as long as the batch lives, instead of copying the body:
  /// for an array that holds little else, and that nobody changes meanwhile.
  public init(validating bytes: ArraySlice<UInt8>, sharing: Bool = false) throws(RecordBatchError) {
    guard bytes.count >= Layout.headerSize else {
      throw .truncated(needed: Layout.headerSize, available: bytes.count)
    }
    let (base, length, epoch) = bytes.withUnsafeBytes {
      (
        Int64(bigEndian: $0.loadUnaligned(fromByteOffset: 0, as: Int64.self)),
        Int(Int32(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: Int32.self))),
        Int32(bigEndian: $0.loadUnaligned(fromByteOffset: 12, as: Int32.self))
      )
    }
    let size = Layout.lengthEnd + length
    guard size >= Layout.headerSize else { throw .malformed("a length of \(length) is less than a header's") }
    guard size <= bytes.count else { throw .truncated(needed: size, available: bytes.count) }
    guard base >= 0, base <= Layout.maxBaseOffset else { throw .malformed("base offset \(base)") }
    let body = bytes[(bytes.startIndex + Layout.bodyStart)..<(bytes.startIndex + size)]
    try Self.check(body)
    self.init(
      baseOffset: Offset(base), leaderEpoch: LeaderEpoch(epoch), trusting: sharing ? body : Array(body)[...])
  }

  public init(validating bytes: [UInt8]) throws(RecordBatchError) { try self.init(validating: bytes[...]) }

  private static func check(_ body: ArraySlice<UInt8>) throws(RecordBatchError) {
    let magic = Layout.load(Int8.self, from: body, at: Layout.magic)
    guard magic == 2 else { throw .unsupportedMagic(magic) }
    let stored = Layout.load(UInt32.self, from: body, at: Layout.checksum)
    let computed = Layout.checksum(of: body)
    guard stored == computed else { throw .checksumMismatch(stored: stored, computed: computed) }
    let last = Int64(Layout.load(Int32.self, from: body, at: Layout.lastOffsetDelta))
    let count = Int64(Layout.load(Int32.self, from: body, at: Layout.recordCount))
    guard last >= 0, count >= 0, count <= last + 1 else {
      throw .malformed("\(count) records in \(last + 1) offsets")
    }
  }

  /// Appends the batch as it lies on disk and on the wire.
  public func serialized(into bytes: inout [UInt8]) {
    var writer = ByteWriter(appendingTo: bytes)
    bytes = []
    writer.write(baseOffset.rawValue)
    writer.write(Int32(truncatingIfNeeded: sizeInBytes - Layout.lengthEnd))
    writer.write(leaderEpoch.rawValue)
    writer.write(bytes: body)
    bytes = writer.bytes
  }

  /// Writes what lies before the body: `Layout.bodyStart` bytes.
  func storeHeader(in header: UnsafeMutableRawBufferPointer) {
    Layout.store(baseOffset.rawValue, in: header, at: 0)
    Layout.store(Int32(truncatingIfNeeded: sizeInBytes - Layout.lengthEnd), in: header, at: 8)
    Layout.store(leaderEpoch.rawValue, in: header, at: 12)
  }

  /// The batch as it lies on disk and on the wire.
  public func serialized() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(sizeInBytes)
    serialized(into: &bytes)
    return bytes
  }

  /// Decodes the records, decompressed if need be. Throws for records that do not add up to what the header says.
  public func records() throws(RecordBatchError) -> [Record] {
    var reader = ByteReader(try decompressed())
    // A record takes seven bytes at least, so a lying count cannot make this reserve more than there is.
    var records: [Record] = []
    records.reserveCapacity(min(recordCount, reader.remaining / 7))
    do throws(ByteError) {
      for _ in 0..<recordCount {
        var record = try Record(from: &reader, baseOffset: baseOffset, firstTimestamp: baseTimestamp)
        if attributes.isStampedByLog { record.timestamp = maxTimestamp }
        records.append(record)
      }
    } catch {
      throw .malformed("record \(records.count): \(error)")
    }
    guard reader.isAtEnd else { throw .malformed("\(reader.remaining) bytes after the last record") }
    guard records.allSatisfy({ $0.offset >= baseOffset && $0.offset <= lastOffset }) else {
      throw .malformed("a record's offset lies outside its batch")
    }
    return records
  }
}

extension Record {
  fileprivate func write(into writer: inout ByteWriter, index: Int, firstTimestamp: Int64) {
    let delta = timestamp &- firstTimestamp
    writer.writeVarint(Int32(truncatingIfNeeded: encodedSize(index: index, timestampDelta: delta)))
    writer.write(0 as Int8)
    writer.writeVarlong(delta)
    writer.writeVarint(Int32(truncatingIfNeeded: index))
    writer.write(nullable: key)
    writer.write(nullable: value)
    writer.writeVarint(Int32(truncatingIfNeeded: headers.count))
    for header in headers {
      writer.writeVarint(Int32(truncatingIfNeeded: header.key.utf8.count))
      writer.write(bytes: header.key.utf8)
      writer.write(nullable: header.value)
    }
  }

  /// What the record takes after its length.
  private func encodedSize(index: Int, timestampDelta: Int64) -> Int {
    func sized(_ count: Int?) -> Int { Varint.size(Int64(count ?? -1)) + (count ?? 0) }
    var size = 1 + Varint.size(timestampDelta) + Varint.size(Int64(index)) + sized(key?.count) + sized(value?.count)
    size += Varint.size(Int64(headers.count))
    for header in headers { size += sized(header.key.utf8.count) + sized(header.value?.count) }
    return size
  }

  fileprivate init(from reader: inout ByteReader, baseOffset: Offset, firstTimestamp: Int64) throws(ByteError) {
    let length = Int(try reader.readVarint())
    var fields = ByteReader(try reader.readSlice(length))
    _ = try fields.read(Int8.self)
    let timestampDelta = try fields.readVarlong()
    let offsetDelta = try fields.readVarint()
    let key = try fields.readNullableBytes()
    let value = try fields.readNullableBytes()
    let headerCount = try fields.readCount(itemSize: 2)
    var headers: [Header] = []
    headers.reserveCapacity(headerCount)
    for _ in 0..<headerCount {
      let name = try fields.readText(Int(try fields.readVarint()))
      headers.append(Header(key: name, value: try fields.readNullableBytes()))
    }
    guard fields.isAtEnd else { throw .badLength(length) }
    self.init(
      key: key, value: value, timestamp: firstTimestamp &+ timestampDelta, headers: headers,
      offset: Offset(baseOffset.rawValue &+ Int64(offsetDelta)))
  }
}

import Bytes
public import Codecs

extension RecordBatch {
  /// How many bytes its records may take when they are decompressed: sixteen times what they take compressed, or what a
  /// message may take by default (`max.message.bytes`). A few bytes can stand for gigabytes; who sends such a batch is
  /// asked to split it.
  private var decompressedLimit: Int { min(Int(Int32.max), 16 * max(1 << 20, sizeInBytes)) }

  /// The bytes of its records, decompressed.
  func decompressed() throws(RecordBatchError) -> ArraySlice<UInt8> {
    let records = body.dropFirst(Layout.records)
    guard let codec = attributes.compression else { throw .unknownCodec }
    guard codec != .none else { return records }
    do throws(CodecError) {
      return try codec.decompress(records, limit: decompressedLimit)[...]
    } catch {
      if case .tooLarge(let limit) = error { throw .opensTooLarge(limit: limit) }
      throw .malformed("its records are not what \(codec) writes: \(error)")
    }
  }

  /// The same batch, not compressed.
  public func opened() throws(RecordBatchError) -> RecordBatch {
    guard attributes.compression != Codec.none else { return self }
    return rewritten(try decompressed(), .none, count: recordCount, latest: nil)
  }

  /// A batch that is not compressed, compressed.
  public func compressed(by codec: Codec) throws(CodecError) -> RecordBatch {
    guard codec != .none else { return self }
    let records = try codec.compress(Array(body.dropFirst(Layout.records)))
    return rewritten(records[...], codec, count: recordCount, latest: nil)
  }

  /// The batch with some of its records, in place: same offsets, same producer, compressed as before. Nil when that cannot
  /// be done: the batch is damaged, opens to more than it may, or is compressed by a codec nobody knows.
  func keeping(where isKept: (OpenedRecords.Element) -> Bool) -> RecordBatch? {
    guard let records = try? OpenedRecords(self), let codec = attributes.compression else { return nil }
    var kept: [UInt8] = []
    var count = 0
    var latest = Int64.min
    for record in records where isKept(record) {
      kept += record.bytes
      count += 1
      latest = Swift.max(latest, record.timestamp)
    }
    guard count < recordCount else { return self }
    guard count > 0 else { return emptied }
    return try? rewritten(kept[...], .none, count: count, latest: latest).compressed(by: codec)
  }

  /// The batch without records, or a marker as it is: it still says whose it was, and where it ended.
  var emptied: RecordBatch { attributes.isControl ? self : rewritten([], .none, count: 0, latest: nil) }

  /// The places in the batch of records without a key, the first `most` of them.
  public func keyless(most: Int) throws(RecordBatchError) -> [Int] {
    var places: [Int] = []
    for (place, record) in try OpenedRecords(self).enumerated() where record.key == nil && places.count < most {
      places.append(place)
    }
    return places
  }

  private func rewritten(
    _ records: ArraySlice<UInt8>, _ codec: Codec, count: Int, latest: Int64?
  ) -> RecordBatch {
    var bytes = Array(body.prefix(Layout.records))
    bytes.withUnsafeMutableBytes {
      Layout.store(attributes.rawValue & ~0x07 | codec.rawValue, in: $0, at: Layout.attributes)
      // With timestamps given by the log (bit 3) the header's is that of every record.
      if let latest, !attributes.isStampedByLog { Layout.store(latest, in: $0, at: Layout.maxTimestamp) }
      Layout.store(Int32(truncatingIfNeeded: count), in: $0, at: Layout.recordCount)
    }
    bytes += records
    let checksum = Layout.checksum(of: bytes[...])
    bytes.withUnsafeMutableBytes { Layout.store(checksum, in: $0, at: Layout.checksum) }
    return RecordBatch(baseOffset: baseOffset, leaderEpoch: leaderEpoch, trusting: bytes[...])
  }
}

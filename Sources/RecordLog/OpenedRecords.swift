import Bytes

/// The records of a batch as they lie in it, decompressed and found well formed: for whoever asks for keys and places only,
/// or hands the bytes on. Nothing is copied of a batch that is not compressed.
struct OpenedRecords {
  /// A record in its encoding.
  struct Element {
    /// Its length and all that follows.
    var bytes: ArraySlice<UInt8>
    var offset: Offset
    var timestamp: Int64
    var key: ArraySlice<UInt8>?
    var isTombstone: Bool
  }

  private let bytes: ArraySlice<UInt8>
  private let baseOffset: Offset
  private let baseTimestamp: Int64
  let count: Int
  /// What the keys take, and what a table of them takes besides.
  private(set) var keyBytes = 0

  init(_ batch: RecordBatch) throws(RecordBatchError) {
    bytes = try batch.decompressed()
    (baseOffset, baseTimestamp, count) = (batch.baseOffset, batch.baseTimestamp, batch.recordCount)
    var (reader, number, isInside) = (ByteReader(bytes), 0, true)
    do throws(ByteError) {
      while number < count {
        let record = try next(&reader)
        isInside = isInside && record.offset >= batch.baseOffset && record.offset <= batch.lastOffset
        if let key = record.key { keyBytes += key.count + 32 }
        number += 1
      }
    } catch {
      throw .malformed("record \(number): \(error)")
    }
    guard isInside else { throw .malformed("a record's offset lies outside its batch") }
    guard reader.isAtEnd else { throw .malformed("\(reader.remaining) bytes after the last record") }
  }

  private func next(_ reader: inout ByteReader) throws(ByteError) -> Element {
    let start = reader.position
    var fields = ByteReader(try reader.readSlice(Int(try reader.readVarint())))
    _ = try fields.read(Int8.self)
    let timestamp = baseTimestamp &+ (try fields.readVarlong())
    let offset = Offset(baseOffset.rawValue &+ Int64(try fields.readVarint()))
    let key = try fields.readNullableSlice()
    let value = try fields.readNullableSlice()
    return Element(
      bytes: bytes[start..<reader.position], offset: offset, timestamp: timestamp, key: key, isTombstone: value == nil)
  }
}

extension OpenedRecords: Sequence {
  struct Iterator: IteratorProtocol {
    fileprivate let records: OpenedRecords
    fileprivate var reader: ByteReader

    mutating func next() -> Element? { reader.isAtEnd ? nil : try? records.next(&reader) }
  }

  func makeIterator() -> Iterator { Iterator(records: self, reader: ByteReader(bytes)) }
}

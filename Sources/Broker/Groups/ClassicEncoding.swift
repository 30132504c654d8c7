import Bytes

/// Kafka's encoding from before compact types: lengths of two or four bytes, -1 for null.
extension ByteWriter {
  /// Text of up to 32,767 bytes; longer text is cut. Nil is null.
  mutating func write(text: String?) {
    guard let text else { return write(-1 as Int16) }
    let utf8 = text.utf8.prefix(Int(Int16.max))
    write(Int16(utf8.count))
    write(bytes: utf8)
  }

  mutating func write(blob: [UInt8]?) {
    guard let blob else { return write(-1 as Int32) }
    write(Int32(truncatingIfNeeded: blob.count))
    write(bytes: blob)
  }
}

extension ByteReader {
  mutating func readNullableText16() throws(ByteError) -> String? {
    let count = try read(Int16.self)
    return count == -1 ? nil : try readText(Int(count))
  }

  /// Text; null reads as empty.
  mutating func readText16() throws(ByteError) -> String { try readNullableText16() ?? "" }

  /// Bytes; null reads as empty.
  mutating func readBlob32() throws(ByteError) -> [UInt8] {
    let count = try read(Int32.self)
    return count == -1 ? [] : try readBytes(Int(count))
  }

  /// How many items follow, each at least `itemSize` bytes; a count that the rest could not hold is refused. Null is 0.
  mutating func readCount32(itemSize: Int) throws(ByteError) -> Int {
    let count = Int(try read(Int32.self))
    guard count >= -1, count <= remaining / max(1, itemSize) else { throw .badLength(count) }
    return max(0, count)
  }
}

/// Reads Kafka's binary formats from bytes it was handed: big-endian integers, varints, lengths it checks.
///
/// Total: any bytes at all are read or refused by a `ByteError`, and no length found in them is trusted with memory
/// before it is held against what is left.
public struct ByteReader: Sendable {
  private let bytes: ArraySlice<UInt8>
  /// Index of the next byte, in the indices of what was handed in.
  public private(set) var position: Int

  public init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  public init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  /// How many bytes are left.
  public var remaining: Int { bytes.endIndex - position }
  public var isAtEnd: Bool { remaining == 0 }

  /// A big-endian integer of the type's own width.
  public mutating func read<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws(ByteError) -> Number {
    let width = Number.bitWidth / 8
    try require(width)
    let start = position - bytes.startIndex
    position += width
    return bytes.withUnsafeBytes { Number(bigEndian: $0.loadUnaligned(fromByteOffset: start, as: Number.self)) }
  }

  /// The next `count` bytes, without copying them.
  public mutating func readSlice(_ count: Int) throws(ByteError) -> ArraySlice<UInt8> {
    guard count >= 0 else { throw .badLength(count) }
    try require(count)
    defer { position += count }
    return bytes[position..<position + count]
  }

  public mutating func readBytes(_ count: Int) throws(ByteError) -> [UInt8] { Array(try readSlice(count)) }

  /// `count` bytes of text.
  public mutating func readText(_ count: Int) throws(ByteError) -> String {
    guard let text = String(validating: try readSlice(count), as: UTF8.self) else { throw .notUTF8 }
    return text
  }

  public mutating func skip(_ count: Int) throws(ByteError) { _ = try readSlice(count) }

  /// A varint length and as many bytes; nil for the length -1.
  public mutating func readNullableBytes() throws(ByteError) -> [UInt8]? { try readNullableSlice().map { Array($0) } }

  /// The same, without copying them.
  public mutating func readNullableSlice() throws(ByteError) -> ArraySlice<UInt8>? {
    let count = Int(try readVarint())
    return count == -1 ? nil : try readSlice(count)
  }

  /// A varint that says how many items follow, each at least `itemSize` bytes long, so that a count the rest could not
  /// hold is refused before anything is reserved for it.
  public mutating func readCount(itemSize: Int) throws(ByteError) -> Int {
    let count = Int(try readVarint())
    guard count >= 0, count <= remaining / max(1, itemSize) else { throw .badLength(count) }
    return count
  }

  private func require(_ count: Int) throws(ByteError) {
    guard count <= remaining else { throw .truncated(needed: count, remaining: remaining) }
  }
}

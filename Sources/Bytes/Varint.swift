// Kafka's variable-length integers: seven bits a byte, lowest first, the top bit saying that more follow. Signed ones
// are folded first so that small negatives stay short (zigzag: 0, -1, 1, -2, …). Source: KIP-98, KIP-482; Protocol
// Buffers, "Encoding". Unlike Kafka's reader, bits beyond the type's width are refused rather than dropped.

extension ByteReader {
  /// A zigzag varint of 32 bits: at most 5 bytes.
  public mutating func readVarint() throws(ByteError) -> Int32 {
    let folded = try readUnsignedVarint()
    return Int32(bitPattern: folded >> 1) ^ -Int32(bitPattern: folded & 1)
  }

  /// A zigzag varint of 64 bits: at most 10 bytes.
  public mutating func readVarlong() throws(ByteError) -> Int64 {
    let folded = try readUnsignedVarlong()
    return Int64(bitPattern: folded >> 1) ^ -Int64(bitPattern: folded & 1)
  }

  /// An unsigned varint of 32 bits.
  public mutating func readUnsignedVarint() throws(ByteError) -> UInt32 {
    guard let value = UInt32(exactly: try readUnsignedVarlong()) else { throw .overlongVarint }
    return value
  }

  /// An unsigned varint of 64 bits.
  public mutating func readUnsignedVarlong() throws(ByteError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = UInt64(try read(UInt8.self))
      guard shift < 63 || byte <= 1 else { throw .overlongVarint }
      value |= (byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }
}

extension ByteWriter {
  /// A zigzag varint of 32 bits.
  public mutating func writeVarint(_ value: Int32) {
    writeUnsignedVarlong(UInt64(UInt32(bitPattern: (value << 1) ^ (value >> 31))))
  }

  /// A zigzag varint of 64 bits.
  public mutating func writeVarlong(_ value: Int64) {
    writeUnsignedVarlong(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  /// An unsigned varint of 32 bits.
  public mutating func writeUnsignedVarint(_ value: UInt32) { writeUnsignedVarlong(UInt64(value)) }

  /// An unsigned varint of 64 bits.
  public mutating func writeUnsignedVarlong(_ value: UInt64) {
    if value < 0x80 { return write(UInt8(truncatingIfNeeded: value)) }
    var rest = value
    while rest >= 0x80 {
      write(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    write(UInt8(rest))
  }
}

/// How many bytes varints take, for lengths that are written before what they measure.
public enum Varint {
  /// The size of a zigzag varint or varlong of this value.
  public static func size(_ value: Int64) -> Int {
    let folded = UInt64(bitPattern: (value << 1) ^ (value >> 63))
    return folded == 0 ? 1 : (64 - folded.leadingZeroBitCount + 6) / 7
  }
}

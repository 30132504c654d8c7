import Bytes

/// Writes a message's fields. Never fails: a null where none may be is written empty, and a text longer than a length
/// can express is cut.
public struct WireWriter: WireCoder {
  public let version: Int16
  public let isFlexible: Bool
  private var writer: ByteWriter
  /// Where record batches that lie elsewhere belong: before the byte at each position, in order.
  public private(set) var holes: [(position: Int, count: Int)] = []

  /// Goes on writing at the end of `bytes`.
  public init(appendingTo bytes: consuming [UInt8] = [], version: Int16, isFlexible: Bool) {
    writer = ByteWriter(appendingTo: bytes)
    self.version = version
    self.isFlexible = isFlexible
  }

  public var isReading: Bool { false }
  public var bytes: [UInt8] { writer.bytes }
  /// How large the message is with its holes filled.
  public var sizeInBytes: Int { holes.reduce(writer.count) { $0 + $1.count } }

  public mutating func message(_ message: consuming some WireStruct) throws(WireError) { try message.code(&self) }

  public mutating func number<Number: FixedWidthInteger & Sendable>(_ value: inout Number) { writer.write(value) }

  public mutating func text(_ value: inout String?, nullable: Bool) {
    guard let text = value ?? (nullable ? nil : "") else { return length(-1, Int16.self) }
    let utf8 = text.utf8
    guard utf8.count <= Int(Int16.max) else {
      let cut = Array(utf8.prefix(Int(Int16.max)))
      length(cut.count, Int16.self)
      return writer.write(bytes: cut)
    }
    length(utf8.count, Int16.self)
    writer.write(bytes: utf8)
  }

  public mutating func blob(_ value: inout [UInt8]?, nullable: Bool) {
    guard let bytes = value ?? (nullable ? nil : []) else { return length(-1, Int32.self) }
    length(bytes.count, Int32.self)
    writer.write(bytes: bytes)
  }

  public mutating func records(_ value: inout WireRecords) {
    switch value {
    case .none: length(-1, Int32.self)
    case .bytes(let bytes):
      length(bytes.count, Int32.self)
      writer.write(bytes: bytes)
    case .elsewhere(let count):
      length(count, Int32.self)
      holes.append((writer.count, count))
    }
  }

  public mutating func count(_ count: Int?, nullable: Bool) -> Int? {
    guard let count = count ?? (nullable ? nil : 0) else {
      length(-1, Int32.self)
      return nil
    }
    length(count, Int32.self)
    return count
  }

  public mutating func tags() { if isFlexible { writer.writeUnsignedVarint(0) } }

  private mutating func length<Number: FixedWidthInteger>(_ count: Int, _: Number.Type) {
    if isFlexible {
      writer.writeUnsignedVarint(UInt32(truncatingIfNeeded: count + 1))
    } else {
      writer.write(Number(truncatingIfNeeded: count))
    }
  }
}

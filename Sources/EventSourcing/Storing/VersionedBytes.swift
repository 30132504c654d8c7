public import Bytes

/// Why an event or a command could not be read.
public enum SchemaError: Error, Hashable, Sendable {
  case bytes(ByteError)
  /// Written by newer code: this build knows only up to `known`.
  case tooNew(version: UInt8, known: UInt8)
  /// A tag that no version ever wrote.
  case unknownCase(UInt8, of: String)
  /// More bytes than the value has.
  case trailing(Int)
}

/// A value that is written in its newest form and read in every form it ever had.
///
/// One byte says the version, then come the fields. Old forms are never rewritten in the log: `init(from:version:)`
/// fills in what they lack, which is all there is to upcasting.
public protocol VersionedBytes: Sendable {
  /// The version that `encode` writes.
  static var version: UInt8 { get }
  func encode(into writer: inout ByteWriter)
  /// Reads the fields as `version` wrote them; never asked for a version above `Self.version`.
  init(from reader: inout ByteReader, version: UInt8) throws(SchemaError)
}

extension VersionedBytes {
  /// The version byte and the fields.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 64)
    write(into: &writer)
    return writer.bytes
  }

  public func write(into writer: inout ByteWriter) {
    writer.write(Self.version)
    encode(into: &writer)
  }

  /// Reads what `write` wrote, in any version up to the present one.
  public static func read(from reader: inout ByteReader) throws(SchemaError) -> Self {
    let version = try reading(&reader) { r throws(ByteError) in try r.read(UInt8.self) }
    guard version >= 1, version <= Self.version else { throw .tooNew(version: version, known: Self.version) }
    return try Self(from: &reader, version: version)
  }

  /// Reads exactly these bytes.
  public init(encoded bytes: ArraySlice<UInt8>) throws(SchemaError) {
    var reader = ByteReader(bytes)
    self = try Self.read(from: &reader)
    guard reader.isAtEnd else { throw .trailing(reader.remaining) }
  }

  public init(encoded bytes: [UInt8]) throws(SchemaError) { try self.init(encoded: bytes[...]) }
}

/// Lets a reader's errors pass as `SchemaError.bytes`.
@inlinable
public func reading<Value>(
  _ reader: inout ByteReader, _ body: (inout ByteReader) throws(ByteError) -> Value
) throws(SchemaError) -> Value {
  do throws(ByteError) { return try body(&reader) } catch { throw .bytes(error) }
}

extension ByteReader {
  /// The longest text in an event: what is longer was not written by us.
  @usableFromInline static let mostText = 4096

  /// A length and as much text.
  public mutating func readShortText() throws(SchemaError) -> String {
    try reading(&self) { r throws(ByteError) in
      let count = try r.readUnsignedVarint()
      guard count <= Self.mostText else { throw .badLength(Int(count)) }
      return try r.readText(Int(count))
    }
  }

  public mutating func readNumber() throws(SchemaError) -> UInt64 {
    try reading(&self) { r throws(ByteError) in try r.readUnsignedVarlong() }
  }

  public mutating func readSigned() throws(SchemaError) -> Int64 {
    try reading(&self) { r throws(ByteError) in try r.readVarlong() }
  }

  public mutating func readByte() throws(SchemaError) -> UInt8 {
    try reading(&self) { r throws(ByteError) in try r.read(UInt8.self) }
  }

  public mutating func readFlag() throws(SchemaError) -> Bool { try readByte() != 0 }

  /// A count of items of at least `itemSize` bytes each, refused when the rest could not hold them.
  public mutating func readListCount(itemSize: Int = 1) throws(SchemaError) -> Int {
    try reading(&self) { r throws(ByteError) in
      let count = Int(try r.readUnsignedVarint())
      guard count <= r.remaining / max(1, itemSize) else { throw .badLength(count) }
      return count
    }
  }
}

extension ByteWriter {
  /// A length and the text, of at most 4096 bytes; what is longer is cut at a character.
  public mutating func writeShortText(_ text: String) {
    var fitting = Substring(text)
    while fitting.utf8.count > 4096 { fitting.removeLast() }
    writeUnsignedVarint(UInt32(fitting.utf8.count))
    write(bytes: fitting.utf8)
  }

  public mutating func writeNumber(_ number: UInt64) { writeUnsignedVarlong(number) }
  public mutating func writeSigned(_ number: Int64) { writeVarlong(number) }
  public mutating func writeFlag(_ flag: Bool) { write((flag ? 1 : 0) as UInt8) }
}

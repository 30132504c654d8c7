import Bytes
import Clockwork
import RecordLog

/// What brokers of separate processes write to each other, and the quorum to its journal.
///
/// Our own format, by hand: big-endian integers, a tag byte before each case, a varint count before each list. Brokers
/// of one cluster run the same version (`PeerFormat.version`), so nothing in it is optional or skipped.
///
/// Total: any bytes at all are read or refused, and no length found in them is trusted with memory.
protocol PeerCodable {
  func encode(into writer: inout ByteWriter)
  init(from reader: inout ByteReader) throws(PeerError)
}

enum PeerFormat {
  /// Leads every frame and the journal. Raised with every change to any `encode`.
  static let version: UInt8 = 2
}

/// Why bytes of a peer, or of the journal, cannot be read.
enum PeerError: Error, Hashable {
  case bytes(ByteError)
  /// A case that this version does not have.
  case unknownTag(UInt8, of: String)
  case unknownName(String, of: String)
  /// Its parts are whole, and contradict each other.
  case inconsistent(String)
  case batch(RecordBatchError)
  /// What was read is whole, but more follows.
  case trailing(Int)
  case unsupportedVersion(UInt8)
  /// For another broker, from another, or of another cluster.
  case misdirected(from: NodeID, to: NodeID)
}

extension ByteReader {
  mutating func next<Value: PeerCodable>(_: Value.Type = Value.self) throws(PeerError) -> Value {
    try Value(from: &self)
  }

  /// Turns what the reader says of bytes into what is said of a peer.
  mutating func bytes<Value>(_ read: (inout ByteReader) throws(ByteError) -> Value) throws(PeerError) -> Value {
    do throws(ByteError) { return try read(&self) } catch { throw .bytes(error) }
  }

  mutating func tag() throws(PeerError) -> UInt8 { try next() }
}

extension ByteWriter {
  mutating func write<each Value: PeerCodable>(tag: UInt8, _ values: repeat each Value) {
    write(tag)
    repeat (each values).encode(into: &self)
  }
}

// MARK: Numbers and text

extension PeerCodable where Self: FixedWidthInteger {
  func encode(into writer: inout ByteWriter) { writer.write(self) }

  init(from reader: inout ByteReader) throws(PeerError) {
    self = try reader.bytes { bytes throws(ByteError) in try bytes.read(Self.self) }
  }
}

extension UInt8: PeerCodable {}
extension Int8: PeerCodable {}
extension Int16: PeerCodable {}
extension Int32: PeerCodable {}
extension UInt16: PeerCodable {}
extension UInt32: PeerCodable {}
extension Int64: PeerCodable {}
extension UInt64: PeerCodable {}
extension Int: PeerCodable {}

extension Bool: PeerCodable {
  func encode(into writer: inout ByteWriter) { writer.write(self ? 1 : 0 as UInt8) }

  init(from reader: inout ByteReader) throws(PeerError) {
    switch try reader.tag() {
    case 0: self = false
    case 1: self = true
    case let tag: throw .unknownTag(tag, of: "Bool")
    }
  }
}

extension String: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    let utf8 = self.utf8
    writer.writeVarint(Int32(truncatingIfNeeded: utf8.count))
    writer.write(bytes: utf8)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self = try reader.bytes { bytes throws(ByteError) in try bytes.readText(try bytes.readCount(itemSize: 1)) }
  }
}

// MARK: What may be missing, and lists

extension Optional: PeerCodable where Wrapped: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    (self != nil).encode(into: &writer)
    self?.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self = try reader.next(Bool.self) ? try reader.next(Wrapped.self) : nil
  }
}

extension Array: PeerCodable where Element: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(Int32(truncatingIfNeeded: count))
    if let bytes = self as? [UInt8] { return writer.write(bytes: bytes) }
    for element in self { element.encode(into: &writer) }
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    let count = try reader.bytes { bytes throws(ByteError) in try bytes.readCount(itemSize: 1) }
    self = []
    // An element may be much larger in memory than in bytes.
    reserveCapacity(Swift.min(count, 256))
    for _ in 0..<count { append(try reader.next()) }
  }
}

// MARK: Enums that are names or numbers

/// An enum without payloads, as its raw value.
protocol PeerNamed: PeerCodable, RawRepresentable where RawValue: PeerCodable {}

extension PeerNamed {
  func encode(into writer: inout ByteWriter) { rawValue.encode(into: &writer) }

  init(from reader: inout ByteReader) throws(PeerError) {
    let raw = try reader.next(RawValue.self)
    guard let value = Self(rawValue: raw) else { throw .unknownName("\(raw)", of: "\(Self.self)") }
    self = value
  }
}

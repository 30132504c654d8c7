public import Bytes
public import Clockwork

/// How a key or a value is written to bytes and read back. Equal values must give equal bytes: keys are compared by them.
public struct Serde<Value: Sendable>: Sendable {
  public let write: @Sendable (borrowing Value, inout ByteWriter) -> Void
  /// Throws on bytes that are none of its own, or that go on where the value ends.
  public let read: @Sendable (inout ByteReader) throws(ByteError) -> Value

  public init(
    write: @escaping @Sendable (borrowing Value, inout ByteWriter) -> Void,
    read: @escaping @Sendable (inout ByteReader) throws(ByteError) -> Value
  ) {
    self.write = write
    self.read = read
  }

  public func bytes(_ value: Value) -> [UInt8] {
    var writer = ByteWriter(capacity: 16)
    write(value, &writer)
    return writer.bytes
  }

  /// Reads a whole value: what is left over is refused.
  public func value(_ bytes: [UInt8]) throws(ByteError) -> Value {
    var reader = ByteReader(bytes)
    let value = try read(&reader)
    guard reader.isAtEnd else { throw .badLength(reader.remaining) }
    return value
  }
}

extension Serde where Value == [UInt8] {
  /// The bytes as they are, up to the end.
  public static var bytes: Serde {
    Serde(
      write: { $1.write(bytes: copy $0) },
      read: { (reader: inout ByteReader) throws(ByteError) in try reader.readBytes(reader.remaining) })
  }
}

extension Serde where Value == String {
  /// UTF-8, up to the end.
  public static var text: Serde {
    Serde(
      write: { text, writer in writer.write(bytes: text.utf8) },
      read: { (reader: inout ByteReader) throws(ByteError) in try reader.readText(reader.remaining) })
  }
}

extension Serde where Value == Int64 {
  /// Eight bytes, big-endian.
  public static var number: Serde {
    Serde(
      write: { $1.write(copy $0) },
      read: { (reader: inout ByteReader) throws(ByteError) in try reader.read(Int64.self) })
  }
}

/// A key in one window.
public struct Windowed<Key: Sendable & Hashable>: Sendable, Hashable {
  /// When the window begins.
  public var start: Instant
  public var key: Key

  public init(start: Instant, key: Key) {
    self.start = start
    self.key = key
  }
}

extension Serde where Value: Hashable {
  /// The start, in the order of time, and then the key.
  public var windowed: Serde<Windowed<Value>> {
    Serde<Windowed<Value>>(
      write: { [write] windowed, writer in
        writer.write(WindowKey.bits(windowed.start))
        write(windowed.key, &writer)
      },
      read: { [read] (reader: inout ByteReader) throws(ByteError) in
        let start = WindowKey.instant(try reader.read(UInt64.self))
        return Windowed(start: start, key: try read(&reader))
      })
  }
}

/// Instants as unsigned numbers in the order of time, so that bytes sort as time does.
enum WindowKey {
  static func bits(_ start: Instant) -> UInt64 { UInt64(bitPattern: start.nanoseconds) ^ (1 << 63) }
  static func instant(_ bits: UInt64) -> Instant { Instant(nanoseconds: Int64(bitPattern: bits ^ (1 << 63))) }

  /// The start that a store's key begins with; nil for a key too short to have one.
  static func start(of key: [UInt8]) -> Instant? {
    guard key.count >= 8 else { return nil }
    return instant(key.withUnsafeBytes { UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)) })
  }
}

import Bytes

/// Reads a message's fields from a frame. Total: any bytes are read or refused, and no count found in them reserves more
/// memory than the frame could fill.
public struct WireReader: WireCoder {
  public let version: Int16
  public let isFlexible: Bool
  private var reader: ByteReader
  /// Array items that may still be read: an empty item takes one byte on the wire and a hundred in memory.
  private var itemsLeft = Self.itemLimit

  /// Items that all arrays of one message may have together.
  public static let itemLimit = 250_000

  public init(_ bytes: ArraySlice<UInt8>, version: Int16, isFlexible: Bool) {
    reader = ByteReader(bytes)
    self.version = version
    self.isFlexible = isFlexible
  }

  public var isReading: Bool { true }
  public var remaining: Int { reader.remaining }

  /// Reads a whole message; bytes left over are an error.
  public mutating func message<Message: WireStruct>(_: Message.Type = Message.self) throws(WireError) -> Message {
    var message = Message()
    try message.code(&self)
    guard reader.isAtEnd else { throw .trailingBytes(reader.remaining) }
    return message
  }

  public mutating func number<Number: FixedWidthInteger & Sendable>(_ value: inout Number) throws(WireError) {
    do { value = try reader.read(Number.self) } catch { throw WireError(error) }
  }

  public mutating func text(_ value: inout String?, nullable: Bool) throws(WireError) {
    guard let count = try length(Int16.self, nullable) else {
      value = nil
      return
    }
    do { value = try reader.readText(count) } catch { throw WireError(error) }
  }

  public mutating func blob(_ value: inout [UInt8]?, nullable: Bool) throws(WireError) {
    guard let count = try length(Int32.self, nullable) else {
      value = nil
      return
    }
    do { value = try reader.readBytes(count) } catch { throw WireError(error) }
  }

  public mutating func records(_ value: inout WireRecords) throws(WireError) {
    guard let count = try length(Int32.self, true) else {
      value = .none
      return
    }
    do { value = .bytes(try reader.readSlice(count)) } catch { throw WireError(error) }
  }

  public mutating func count(_ count: Int?, nullable: Bool) throws(WireError) -> Int? {
    guard let count = try length(Int32.self, nullable) else { return nil }
    guard count <= itemsLeft else { throw .badLength(count) }
    itemsLeft -= count
    return count
  }

  public mutating func tags() throws(WireError) {
    guard isFlexible else { return }
    do {
      // Each takes two bytes at least, so the frame bounds the loop.
      for _ in 0..<(try reader.readUnsignedVarint()) {
        _ = try reader.readUnsignedVarint()
        try reader.skip(Int(try reader.readUnsignedVarint()))
      }
    } catch { throw WireError(error) }
  }

  /// A length or count that the rest of the frame could hold; nil for null.
  private mutating func length<Number: FixedWidthInteger & SignedInteger & Sendable>(
    _: Number.Type, _ nullable: Bool
  ) throws(WireError) -> Int? {
    var count = 0
    if isFlexible {
      do { count = Int(try reader.readUnsignedVarint()) - 1 } catch { throw WireError(error) }
    } else {
      var number: Number = 0
      try self.number(&number)
      count = Int(number)
    }
    if count == -1 {
      guard nullable else { throw .unexpectedNull }
      return nil
    }
    guard count >= 0, count <= reader.remaining else { throw .badLength(count) }
    return count
  }
}

extension WireError {
  init(_ error: ByteError) {
    self =
      switch error {
      case .truncated: .truncated
      case .overlongVarint: .overlongVarint
      case .badLength(let count): .badLength(count)
      case .notUTF8: .notUTF8
      }
  }
}

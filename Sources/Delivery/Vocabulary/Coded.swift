import Bytes
import Clockwork
import EventSourcing

/// A field of a command or an event as bytes: numbers as varints, times in nanoseconds, text with its length.
protocol Coded: Sendable {
  func encode(into writer: inout ByteWriter)
  init(from reader: inout ByteReader) throws(SchemaError)
}

extension ByteWriter {
  /// A case of an enumeration: its tag, then its fields.
  mutating func write<each Field: Coded>(case tag: UInt8, _ fields: repeat each Field) {
    write(tag)
    repeat (each fields).encode(into: &self)
  }

  /// Fields, one after the other.
  mutating func write<each Field: Coded>(fields: repeat each Field) { repeat (each fields).encode(into: &self) }
}

extension ByteReader {
  mutating func read<Field: Coded>() throws(SchemaError) -> Field { try Field(from: &self) }
}

extension UInt64: Coded {
  func encode(into writer: inout ByteWriter) { writer.writeUnsignedVarlong(self) }
  init(from reader: inout ByteReader) throws(SchemaError) { self = try reader.readNumber() }
}

extension Int64: Coded {
  func encode(into writer: inout ByteWriter) { writer.writeVarlong(self) }
  init(from reader: inout ByteReader) throws(SchemaError) { self = try reader.readSigned() }
}

extension UInt8: Coded {
  func encode(into writer: inout ByteWriter) { writer.write(self) }
  init(from reader: inout ByteReader) throws(SchemaError) { self = try reader.readByte() }
}

extension Bool: Coded {
  func encode(into writer: inout ByteWriter) { writer.writeFlag(self) }
  init(from reader: inout ByteReader) throws(SchemaError) { self = try reader.readFlag() }
}

extension String: Coded {
  func encode(into writer: inout ByteWriter) { writer.writeShortText(self) }
  init(from reader: inout ByteReader) throws(SchemaError) { self = try reader.readShortText() }
}

extension Instant: Coded {
  func encode(into writer: inout ByteWriter) { writer.writeVarlong(nanoseconds) }
  init(from reader: inout ByteReader) throws(SchemaError) { self.init(nanoseconds: try reader.readSigned()) }
}

extension Location: Coded {
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(latitude)
    writer.writeVarint(longitude)
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    let latitude = try reading(&reader) { r throws(ByteError) in try r.readVarint() }
    let longitude = try reading(&reader) { r throws(ByteError) in try r.readVarint() }
    self.init(latitude: latitude, longitude: longitude)
  }
}

extension Zone: Coded {
  func encode(into writer: inout ByteWriter) { writer.writeUnsignedVarlong(hash.bits) }
  init(from reader: inout ByteReader) throws(SchemaError) { self.init(bits: try reader.readNumber()) }
}

/// One of few, as its number.
protocol CodedChoice: Coded, RawRepresentable where RawValue == UInt8 {
  /// What a number that is none of them is said to be no case of.
  static var noun: String { get }
}

extension CodedChoice {
  func encode(into writer: inout ByteWriter) { writer.write(rawValue) }
  init(from reader: inout ByteReader) throws(SchemaError) {
    let tag = try reader.readByte()
    guard let choice = Self(rawValue: tag) else { throw .unknownCase(tag, of: Self.noun) }
    self = choice
  }
}

extension Card: CodedChoice { static var noun: String { "card" } }
extension RejectReason: CodedChoice { static var noun: String { "reason" } }
extension Party.Choice: CodedChoice { static var noun: String { "choice" } }

extension EntityID: Coded {
  func encode(into writer: inout ByteWriter) {
    writer.write(kind)
    writer.writeUnsignedVarlong(number)
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    self.init(kind: try reader.readByte(), number: try reader.readNumber())
  }
}

extension TimerID: Coded {
  func encode(into writer: inout ByteWriter) {
    entity.encode(into: &writer)
    writer.write(name)
  }
  init(from reader: inout ByteReader) throws(SchemaError) { try self.init(reader.read(), reader.read()) }
}

extension Addressed: Coded {
  func encode(into writer: inout ByteWriter) {
    to.encode(into: &writer)
    key.encode(into: &writer)
    command.write(into: &writer)
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    let (to, key): (EntityID, EntityID) = (try reader.read(), try reader.read())
    self.init(to: to, key: key, try EngineCommand(for: to.known, from: &reader))
  }
}

extension Array: Coded where Element: Coded {
  func encode(into writer: inout ByteWriter) {
    writer.writeUnsignedVarint(UInt32(truncatingIfNeeded: count))
    for element in self { element.encode(into: &writer) }
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    let count = try reader.readListCount()
    self.init()
    reserveCapacity(count)
    for _ in 0..<count { append(try reader.read()) }
  }
}

extension Optional: Coded where Wrapped: Coded {
  func encode(into writer: inout ByteWriter) {
    writer.writeFlag(self != nil)
    self?.encode(into: &writer)
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    self = try reader.readFlag() ? Wrapped(from: &reader) : nil
  }
}

extension Dictionary: Coded where Key: Coded & Comparable, Value: Coded {
  func encode(into writer: inout ByteWriter) {
    writer.writeUnsignedVarint(UInt32(count))
    for (key, value) in sorted(by: { $0.key < $1.key }) { writer.write(fields: key, value) }
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    self.init()
    for _ in 0..<(try reader.readListCount(itemSize: 2)) {
      let key = try Key(from: &reader)
      self[key] = try Value(from: &reader)
    }
  }
}

extension OrderLine: Coded {
  func encode(into writer: inout ByteWriter) {
    item.encode(into: &writer)
    count.encode(into: &writer)
    price.encode(into: &writer)
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    try self.init(reader.read(), count: reader.read(), price: reader.read())
  }
}

extension Stop: Coded {
  func encode(into writer: inout ByteWriter) {
    ticket.encode(into: &writer)
    restaurant.encode(into: &writer)
    location.encode(into: &writer)
    readyAt.encode(into: &writer)
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    try self.init(ticket: reader.read(), restaurant: reader.read(), location: reader.read(), readyAt: reader.read())
  }
}

extension Basket: Coded {
  func encode(into writer: inout ByteWriter) {
    encodeFirst(into: &writer)
    wish.encode(into: &writer)
  }

  /// The form of the first version: without a wish.
  func encodeFirst(into writer: inout ByteWriter) {
    customer.encode(into: &writer)
    restaurant.encode(into: &writer)
    pickup.encode(into: &writer)
    dropoff.encode(into: &writer)
    lines.encode(into: &writer)
    card.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(SchemaError) { try self.init(from: &reader, version: 2) }

  init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    try self.init(
      customer: reader.read(), restaurant: reader.read(), pickup: reader.read(), dropoff: reader.read(),
      lines: reader.read(), card: reader.read())
    if version >= 2 { wish = try String(from: &reader) }
  }
}

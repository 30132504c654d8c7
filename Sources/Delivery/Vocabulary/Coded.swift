import Bytes
import Clockwork
import EventSourcing

/// A field of a command or an event as bytes: numbers as varints, times in nanoseconds, text with its length.
protocol Coded: Sendable {
  func encode(into writer: inout ByteWriter)
  init(from reader: inout ByteReader) throws(SchemaError)
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

extension Card: Coded {
  func encode(into writer: inout ByteWriter) { writer.write(rawValue) }
  init(from reader: inout ByteReader) throws(SchemaError) {
    let tag = try reader.readByte()
    guard let card = Card(rawValue: tag) else { throw .unknownCase(tag, of: "card") }
    self = card
  }
}

extension EntityID: Coded {
  func encode(into writer: inout ByteWriter) {
    writer.write(kind)
    writer.writeUnsignedVarlong(number)
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    self.init(kind: try reader.readByte(), number: try reader.readNumber())
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
    for _ in 0..<count { append(try Element(from: &reader)) }
  }
}

extension OrderLine: Coded {
  func encode(into writer: inout ByteWriter) {
    item.encode(into: &writer)
    count.encode(into: &writer)
    price.encode(into: &writer)
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    self.init(try String(from: &reader), count: try UInt64(from: &reader), price: try Int64(from: &reader))
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
    self.init(
      ticket: try UInt64(from: &reader), restaurant: try UInt64(from: &reader), location: try Location(from: &reader),
      readyAt: try Instant(from: &reader))
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
    self.init(
      customer: try UInt64(from: &reader), restaurant: try UInt64(from: &reader), pickup: try Location(from: &reader),
      dropoff: try Location(from: &reader), lines: try [OrderLine](from: &reader), card: try Card(from: &reader))
    if version >= 2 { wish = try String(from: &reader) }
  }
}

extension RejectReason: Coded {
  func encode(into writer: inout ByteWriter) { writer.write(rawValue) }
  init(from reader: inout ByteReader) throws(SchemaError) {
    let tag = try reader.readByte()
    guard let reason = RejectReason(rawValue: tag) else { throw .unknownCase(tag, of: "reason") }
    self = reason
  }
}

extension Party.Choice: Coded {
  func encode(into writer: inout ByteWriter) { writer.write(rawValue) }
  init(from reader: inout ByteReader) throws(SchemaError) {
    let tag = try reader.readByte()
    guard let choice = Party.Choice(rawValue: tag) else { throw .unknownCase(tag, of: "choice") }
    self = choice
  }
}

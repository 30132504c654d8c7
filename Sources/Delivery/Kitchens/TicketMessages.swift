public import Bytes
public import Clockwork
public import EventSourcing

extension KitchenTicket {
  /// What may be asked of it.
  public enum Command: Hashable, Sendable {
    case propose(restaurant: UInt64, lines: [OrderLine])
    case accept(readyAt: Instant)
    case refuse
    case startCooking
    case delay(readyAt: Instant)
    /// `substitute` is what the kitchen offers instead; empty for nothing.
    case soldOut(item: String, substitute: String)
    case substitute(item: String, with: String)
    /// It goes on without the item.
    case drop(item: String)
    case ready
    case handOver
    case void
  }

  /// What has happened to it.
  public enum Event: Hashable, Sendable {
    case proposed(restaurant: UInt64, lines: [OrderLine])
    case accepted(readyAt: Instant)
    case refused
    case cookingStarted
    case estimateChanged(readyAt: Instant)
    case itemSoldOut(item: String, substitute: String)
    case substituteChosen(item: String, with: String)
    case itemDropped(item: String)
    case ready
    case handedOver
    case voided
  }
}

// How they stand in the log: a tag, then the fields. A tag is never used again for anything else.

extension KitchenTicket.Command: VersionedBytes {
  public static var version: UInt8 { 1 }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .propose(let a, let b):
      writer.write(1 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .accept(let a):
      writer.write(2 as UInt8)
      a.encode(into: &writer)
    case .refuse: writer.write(3 as UInt8)
    case .startCooking: writer.write(4 as UInt8)
    case .delay(let a):
      writer.write(5 as UInt8)
      a.encode(into: &writer)
    case .soldOut(let a, let b):
      writer.write(6 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .substitute(let a, let b):
      writer.write(7 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .drop(let a):
      writer.write(8 as UInt8)
      a.encode(into: &writer)
    case .ready: writer.write(9 as UInt8)
    case .handOver: writer.write(10 as UInt8)
    case .void: writer.write(11 as UInt8)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = .propose(restaurant: try UInt64(from: &reader), lines: try [OrderLine](from: &reader))
    case 2: self = .accept(readyAt: try Instant(from: &reader))
    case 3: self = .refuse
    case 4: self = .startCooking
    case 5: self = .delay(readyAt: try Instant(from: &reader))
    case 6: self = .soldOut(item: try String(from: &reader), substitute: try String(from: &reader))
    case 7: self = .substitute(item: try String(from: &reader), with: try String(from: &reader))
    case 8: self = .drop(item: try String(from: &reader))
    case 9: self = .ready
    case 10: self = .handOver
    case 11: self = .void
    default: throw .unknownCase(tag, of: "KitchenTicket.Command")
    }
  }
}

extension KitchenTicket.Event: VersionedBytes {
  public static var version: UInt8 { 1 }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .proposed(let a, let b):
      writer.write(1 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .accepted(let a):
      writer.write(2 as UInt8)
      a.encode(into: &writer)
    case .refused: writer.write(3 as UInt8)
    case .cookingStarted: writer.write(4 as UInt8)
    case .estimateChanged(let a):
      writer.write(5 as UInt8)
      a.encode(into: &writer)
    case .itemSoldOut(let a, let b):
      writer.write(6 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .substituteChosen(let a, let b):
      writer.write(7 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .itemDropped(let a):
      writer.write(8 as UInt8)
      a.encode(into: &writer)
    case .ready: writer.write(9 as UInt8)
    case .handedOver: writer.write(10 as UInt8)
    case .voided: writer.write(11 as UInt8)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = .proposed(restaurant: try UInt64(from: &reader), lines: try [OrderLine](from: &reader))
    case 2: self = .accepted(readyAt: try Instant(from: &reader))
    case 3: self = .refused
    case 4: self = .cookingStarted
    case 5: self = .estimateChanged(readyAt: try Instant(from: &reader))
    case 6: self = .itemSoldOut(item: try String(from: &reader), substitute: try String(from: &reader))
    case 7: self = .substituteChosen(item: try String(from: &reader), with: try String(from: &reader))
    case 8: self = .itemDropped(item: try String(from: &reader))
    case 9: self = .ready
    case 10: self = .handedOver
    case 11: self = .voided
    default: throw .unknownCase(tag, of: "KitchenTicket.Event")
    }
  }
}

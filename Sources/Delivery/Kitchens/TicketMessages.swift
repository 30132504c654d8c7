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
    case .propose(let a, let b): writer.write(case: 1, a, b)
    case .accept(let a): writer.write(case: 2, a)
    case .refuse: writer.write(case: 3)
    case .startCooking: writer.write(case: 4)
    case .delay(let a): writer.write(case: 5, a)
    case .soldOut(let a, let b): writer.write(case: 6, a, b)
    case .substitute(let a, let b): writer.write(case: 7, a, b)
    case .drop(let a): writer.write(case: 8, a)
    case .ready: writer.write(case: 9)
    case .handOver: writer.write(case: 10)
    case .void: writer.write(case: 11)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = try .propose(restaurant: reader.read(), lines: reader.read())
    case 2: self = try .accept(readyAt: reader.read())
    case 3: self = .refuse
    case 4: self = .startCooking
    case 5: self = try .delay(readyAt: reader.read())
    case 6: self = try .soldOut(item: reader.read(), substitute: reader.read())
    case 7: self = try .substitute(item: reader.read(), with: reader.read())
    case 8: self = try .drop(item: reader.read())
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
    case .proposed(let a, let b): writer.write(case: 1, a, b)
    case .accepted(let a): writer.write(case: 2, a)
    case .refused: writer.write(case: 3)
    case .cookingStarted: writer.write(case: 4)
    case .estimateChanged(let a): writer.write(case: 5, a)
    case .itemSoldOut(let a, let b): writer.write(case: 6, a, b)
    case .substituteChosen(let a, let b): writer.write(case: 7, a, b)
    case .itemDropped(let a): writer.write(case: 8, a)
    case .ready: writer.write(case: 9)
    case .handedOver: writer.write(case: 10)
    case .voided: writer.write(case: 11)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = try .proposed(restaurant: reader.read(), lines: reader.read())
    case 2: self = try .accepted(readyAt: reader.read())
    case 3: self = .refused
    case 4: self = .cookingStarted
    case 5: self = try .estimateChanged(readyAt: reader.read())
    case 6: self = try .itemSoldOut(item: reader.read(), substitute: reader.read())
    case 7: self = try .substituteChosen(item: reader.read(), with: reader.read())
    case 8: self = try .itemDropped(item: reader.read())
    case 9: self = .ready
    case 10: self = .handedOver
    case 11: self = .voided
    default: throw .unknownCase(tag, of: "KitchenTicket.Event")
    }
  }
}

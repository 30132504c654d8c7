public import Bytes
public import Clockwork
public import EventSourcing

extension Party {
  /// What may be asked of it.
  public enum Command: Hashable, Sendable {
    case open(customer: UInt64, dropoff: Location)
    case join(line: UInt8, basket: Basket)
    case lock(card: Card)
    case paymentAuthorised
    case paymentDeclined
    case paymentOverdue
    case kitchenAccepted(line: UInt8, readyAt: Instant)
    case kitchenRefused(line: UInt8)
    case kitchenOverdue
    case kitchenReady(line: UInt8)
    case estimate(line: UInt8, readyAt: Instant)
    case soldOut(line: UInt8, item: String, substitute: String)
    case choose(line: UInt8, choice: Choice)
    /// The customer has said nothing in time.
    case offerOverdue(line: UInt8)
    /// One more restaurant, on the way.
    case add(line: UInt8, basket: Basket)
    case riderAssigned(UInt64)
    case riderLost
    case collected(line: UInt8)
    case delivered
    case escalated
    case cancel
    case deliveryAborted
    case deliveryTooLate
    /// The kitchen of a line that was added has said nothing in time.
    case lineOverdue(line: UInt8)
    /// The rider had left for the door before the line could be collected.
    case pickupTooLate(line: UInt8)
  }

  /// What has happened to it.
  public enum Event: Hashable, Sendable {
    case opened(customer: UInt64, dropoff: Location)
    case basketJoined(line: UInt8, basket: Basket)
    case locked(card: Card)
    case paid
    case lineAccepted(line: UInt8, readyAt: Instant)
    /// Every line is accepted or dropped: one rider is sought for all of them.
    case preparing
    case optionOffered(line: UInt8, item: String, substitute: String, deadline: Instant)
    case optionChosen(line: UInt8, item: String, choice: Choice, with: String)
    case lineDropped(line: UInt8, refund: Int64)
    case itemDropped(line: UInt8, item: String, refund: Int64)
    case lineDelayed(line: UInt8, readyAt: Instant)
    case lineReady(line: UInt8)
    case allReady
    case pickupAdded(line: UInt8, basket: Basket)
    case riderAssigned(UInt64)
    case riderLost
    case lineCollected(line: UInt8)
    case delivered
    case cancelRequested
    case cancelRefused
    case cancelled
    case rejected(RejectReason)
    case escalated
  }
}

// How they stand in the log: a tag, then the fields. A tag is never used again for anything else.

extension Party.Command: VersionedBytes {
  public static var version: UInt8 { 2 }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .open(let a, let b):
      writer.write(1 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .join(let a, let b):
      writer.write(2 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .lock(let a):
      writer.write(3 as UInt8)
      a.encode(into: &writer)
    case .paymentAuthorised: writer.write(4 as UInt8)
    case .paymentDeclined: writer.write(5 as UInt8)
    case .paymentOverdue: writer.write(6 as UInt8)
    case .kitchenAccepted(let a, let b):
      writer.write(7 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .kitchenRefused(let a):
      writer.write(8 as UInt8)
      a.encode(into: &writer)
    case .kitchenOverdue: writer.write(9 as UInt8)
    case .kitchenReady(let a):
      writer.write(10 as UInt8)
      a.encode(into: &writer)
    case .estimate(let a, let b):
      writer.write(11 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .soldOut(let a, let b, let c):
      writer.write(12 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
    case .choose(let a, let b):
      writer.write(13 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .offerOverdue(let a):
      writer.write(14 as UInt8)
      a.encode(into: &writer)
    case .add(let a, let b):
      writer.write(15 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .riderAssigned(let a):
      writer.write(16 as UInt8)
      a.encode(into: &writer)
    case .riderLost: writer.write(17 as UInt8)
    case .collected(let a):
      writer.write(18 as UInt8)
      a.encode(into: &writer)
    case .delivered: writer.write(19 as UInt8)
    case .escalated: writer.write(20 as UInt8)
    case .cancel: writer.write(21 as UInt8)
    case .deliveryAborted: writer.write(22 as UInt8)
    case .deliveryTooLate: writer.write(23 as UInt8)
    case .lineOverdue(let a):
      writer.write(24 as UInt8)
      a.encode(into: &writer)
    case .pickupTooLate(let a):
      writer.write(25 as UInt8)
      a.encode(into: &writer)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = .open(customer: try UInt64(from: &reader), dropoff: try Location(from: &reader))
    case 2: self = .join(line: try UInt8(from: &reader), basket: try Basket(from: &reader, version: version))
    case 3: self = .lock(card: try Card(from: &reader))
    case 4: self = .paymentAuthorised
    case 5: self = .paymentDeclined
    case 6: self = .paymentOverdue
    case 7: self = .kitchenAccepted(line: try UInt8(from: &reader), readyAt: try Instant(from: &reader))
    case 8: self = .kitchenRefused(line: try UInt8(from: &reader))
    case 9: self = .kitchenOverdue
    case 10: self = .kitchenReady(line: try UInt8(from: &reader))
    case 11: self = .estimate(line: try UInt8(from: &reader), readyAt: try Instant(from: &reader))
    case 12:
      self = .soldOut(
        line: try UInt8(from: &reader), item: try String(from: &reader), substitute: try String(from: &reader))
    case 13: self = .choose(line: try UInt8(from: &reader), choice: try Party.Choice(from: &reader))
    case 14: self = .offerOverdue(line: try UInt8(from: &reader))
    case 15: self = .add(line: try UInt8(from: &reader), basket: try Basket(from: &reader, version: version))
    case 16: self = .riderAssigned(try UInt64(from: &reader))
    case 17: self = .riderLost
    case 18: self = .collected(line: try UInt8(from: &reader))
    case 19: self = .delivered
    case 20: self = .escalated
    case 21: self = .cancel
    case 22: self = .deliveryAborted
    case 23: self = .deliveryTooLate
    case 24: self = .lineOverdue(line: try UInt8(from: &reader))
    case 25: self = .pickupTooLate(line: try UInt8(from: &reader))
    default: throw .unknownCase(tag, of: "Party.Command")
    }
  }
}

extension Party.Event: VersionedBytes {
  public static var version: UInt8 { 2 }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .opened(let a, let b):
      writer.write(1 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .basketJoined(let a, let b):
      writer.write(2 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .locked(let a):
      writer.write(3 as UInt8)
      a.encode(into: &writer)
    case .paid: writer.write(4 as UInt8)
    case .lineAccepted(let a, let b):
      writer.write(5 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .preparing: writer.write(6 as UInt8)
    case .optionOffered(let a, let b, let c, let d):
      writer.write(7 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
      d.encode(into: &writer)
    case .optionChosen(let a, let b, let c, let d):
      writer.write(8 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
      d.encode(into: &writer)
    case .lineDropped(let a, let b):
      writer.write(9 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .itemDropped(let a, let b, let c):
      writer.write(10 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
    case .lineDelayed(let a, let b):
      writer.write(11 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .lineReady(let a):
      writer.write(12 as UInt8)
      a.encode(into: &writer)
    case .allReady: writer.write(13 as UInt8)
    case .pickupAdded(let a, let b):
      writer.write(14 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .riderAssigned(let a):
      writer.write(15 as UInt8)
      a.encode(into: &writer)
    case .riderLost: writer.write(16 as UInt8)
    case .lineCollected(let a):
      writer.write(17 as UInt8)
      a.encode(into: &writer)
    case .delivered: writer.write(18 as UInt8)
    case .cancelRequested: writer.write(19 as UInt8)
    case .cancelRefused: writer.write(20 as UInt8)
    case .cancelled: writer.write(21 as UInt8)
    case .rejected(let a):
      writer.write(22 as UInt8)
      a.encode(into: &writer)
    case .escalated: writer.write(23 as UInt8)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = .opened(customer: try UInt64(from: &reader), dropoff: try Location(from: &reader))
    case 2: self = .basketJoined(line: try UInt8(from: &reader), basket: try Basket(from: &reader, version: version))
    case 3: self = .locked(card: try Card(from: &reader))
    case 4: self = .paid
    case 5: self = .lineAccepted(line: try UInt8(from: &reader), readyAt: try Instant(from: &reader))
    case 6: self = .preparing
    case 7:
      self = .optionOffered(
        line: try UInt8(from: &reader), item: try String(from: &reader), substitute: try String(from: &reader),
        deadline: try Instant(from: &reader))
    case 8:
      self = .optionChosen(
        line: try UInt8(from: &reader), item: try String(from: &reader), choice: try Party.Choice(from: &reader),
        with: try String(from: &reader))
    case 9: self = .lineDropped(line: try UInt8(from: &reader), refund: try Int64(from: &reader))
    case 10:
      self = .itemDropped(
        line: try UInt8(from: &reader), item: try String(from: &reader), refund: try Int64(from: &reader))
    case 11: self = .lineDelayed(line: try UInt8(from: &reader), readyAt: try Instant(from: &reader))
    case 12: self = .lineReady(line: try UInt8(from: &reader))
    case 13: self = .allReady
    case 14: self = .pickupAdded(line: try UInt8(from: &reader), basket: try Basket(from: &reader, version: version))
    case 15: self = .riderAssigned(try UInt64(from: &reader))
    case 16: self = .riderLost
    case 17: self = .lineCollected(line: try UInt8(from: &reader))
    case 18: self = .delivered
    case 19: self = .cancelRequested
    case 20: self = .cancelRefused
    case 21: self = .cancelled
    case 22: self = .rejected(try RejectReason(from: &reader))
    case 23: self = .escalated
    default: throw .unknownCase(tag, of: "Party.Event")
    }
  }
}

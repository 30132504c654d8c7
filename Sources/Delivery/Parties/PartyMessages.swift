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
    case .open(let a, let b): writer.write(case: 1, a, b)
    case .join(let a, let b): writer.write(case: 2, a, b)
    case .lock(let a): writer.write(case: 3, a)
    case .paymentAuthorised: writer.write(case: 4)
    case .paymentDeclined: writer.write(case: 5)
    case .paymentOverdue: writer.write(case: 6)
    case .kitchenAccepted(let a, let b): writer.write(case: 7, a, b)
    case .kitchenRefused(let a): writer.write(case: 8, a)
    case .kitchenOverdue: writer.write(case: 9)
    case .kitchenReady(let a): writer.write(case: 10, a)
    case .estimate(let a, let b): writer.write(case: 11, a, b)
    case .soldOut(let a, let b, let c): writer.write(case: 12, a, b, c)
    case .choose(let a, let b): writer.write(case: 13, a, b)
    case .offerOverdue(let a): writer.write(case: 14, a)
    case .add(let a, let b): writer.write(case: 15, a, b)
    case .riderAssigned(let a): writer.write(case: 16, a)
    case .riderLost: writer.write(case: 17)
    case .collected(let a): writer.write(case: 18, a)
    case .delivered: writer.write(case: 19)
    case .escalated: writer.write(case: 20)
    case .cancel: writer.write(case: 21)
    case .deliveryAborted: writer.write(case: 22)
    case .deliveryTooLate: writer.write(case: 23)
    case .lineOverdue(let a): writer.write(case: 24, a)
    case .pickupTooLate(let a): writer.write(case: 25, a)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = try .open(customer: reader.read(), dropoff: reader.read())
    case 2: self = try .join(line: reader.read(), basket: Basket(from: &reader, version: version))
    case 3: self = try .lock(card: reader.read())
    case 4: self = .paymentAuthorised
    case 5: self = .paymentDeclined
    case 6: self = .paymentOverdue
    case 7: self = try .kitchenAccepted(line: reader.read(), readyAt: reader.read())
    case 8: self = try .kitchenRefused(line: reader.read())
    case 9: self = .kitchenOverdue
    case 10: self = try .kitchenReady(line: reader.read())
    case 11: self = try .estimate(line: reader.read(), readyAt: reader.read())
    case 12: self = try .soldOut(line: reader.read(), item: reader.read(), substitute: reader.read())
    case 13: self = try .choose(line: reader.read(), choice: reader.read())
    case 14: self = try .offerOverdue(line: reader.read())
    case 15: self = try .add(line: reader.read(), basket: Basket(from: &reader, version: version))
    case 16: self = try .riderAssigned(reader.read())
    case 17: self = .riderLost
    case 18: self = try .collected(line: reader.read())
    case 19: self = .delivered
    case 20: self = .escalated
    case 21: self = .cancel
    case 22: self = .deliveryAborted
    case 23: self = .deliveryTooLate
    case 24: self = try .lineOverdue(line: reader.read())
    case 25: self = try .pickupTooLate(line: reader.read())
    default: throw .unknownCase(tag, of: "Party.Command")
    }
  }
}

extension Party.Event: VersionedBytes {
  public static var version: UInt8 { 2 }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .opened(let a, let b): writer.write(case: 1, a, b)
    case .basketJoined(let a, let b): writer.write(case: 2, a, b)
    case .locked(let a): writer.write(case: 3, a)
    case .paid: writer.write(case: 4)
    case .lineAccepted(let a, let b): writer.write(case: 5, a, b)
    case .preparing: writer.write(case: 6)
    case .optionOffered(let a, let b, let c, let d): writer.write(case: 7, a, b, c, d)
    case .optionChosen(let a, let b, let c, let d): writer.write(case: 8, a, b, c, d)
    case .lineDropped(let a, let b): writer.write(case: 9, a, b)
    case .itemDropped(let a, let b, let c): writer.write(case: 10, a, b, c)
    case .lineDelayed(let a, let b): writer.write(case: 11, a, b)
    case .lineReady(let a): writer.write(case: 12, a)
    case .allReady: writer.write(case: 13)
    case .pickupAdded(let a, let b): writer.write(case: 14, a, b)
    case .riderAssigned(let a): writer.write(case: 15, a)
    case .riderLost: writer.write(case: 16)
    case .lineCollected(let a): writer.write(case: 17, a)
    case .delivered: writer.write(case: 18)
    case .cancelRequested: writer.write(case: 19)
    case .cancelRefused: writer.write(case: 20)
    case .cancelled: writer.write(case: 21)
    case .rejected(let a): writer.write(case: 22, a)
    case .escalated: writer.write(case: 23)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = try .opened(customer: reader.read(), dropoff: reader.read())
    case 2: self = try .basketJoined(line: reader.read(), basket: Basket(from: &reader, version: version))
    case 3: self = try .locked(card: reader.read())
    case 4: self = .paid
    case 5: self = try .lineAccepted(line: reader.read(), readyAt: reader.read())
    case 6: self = .preparing
    case 7:
      self = try .optionOffered(
        line: reader.read(), item: reader.read(), substitute: reader.read(), deadline: reader.read())
    case 8:
      self = try .optionChosen(line: reader.read(), item: reader.read(), choice: reader.read(), with: reader.read())
    case 9: self = try .lineDropped(line: reader.read(), refund: reader.read())
    case 10: self = try .itemDropped(line: reader.read(), item: reader.read(), refund: reader.read())
    case 11: self = try .lineDelayed(line: reader.read(), readyAt: reader.read())
    case 12: self = try .lineReady(line: reader.read())
    case 13: self = .allReady
    case 14: self = try .pickupAdded(line: reader.read(), basket: Basket(from: &reader, version: version))
    case 15: self = try .riderAssigned(reader.read())
    case 16: self = .riderLost
    case 17: self = try .lineCollected(line: reader.read())
    case 18: self = .delivered
    case 19: self = .cancelRequested
    case 20: self = .cancelRefused
    case 21: self = .cancelled
    case 22: self = try .rejected(reader.read())
    case 23: self = .escalated
    default: throw .unknownCase(tag, of: "Party.Event")
    }
  }
}

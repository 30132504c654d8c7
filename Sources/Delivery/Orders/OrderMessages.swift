public import Bytes
public import Clockwork
public import EventSourcing

extension Order {
  /// What may be asked of it.
  public enum Command: Hashable, Sendable {
    case place(Basket)
    case paymentAuthorised
    case paymentDeclined
    /// The bank has said nothing for too long.
    case paymentOverdue
    case kitchenAccepted(readyAt: Instant)
    case kitchenRefused
    /// The kitchen has said nothing for too long.
    case kitchenOverdue
    case kitchenCooking
    case kitchenReady
    case estimate(readyAt: Instant)
    case riderAssigned(UInt64)
    case riderLost
    case pickedUp
    case delivered
    /// Nobody could be found to bring it.
    case escalated
    /// The customer changed their mind.
    case cancel
    /// Nobody is bringing it any more.
    case deliveryAborted
    /// It was collected before the cancellation came.
    case deliveryTooLate
  }

  /// What has happened to it.
  public enum Event: Hashable, Sendable {
    case placed(Basket)
    case paid
    case accepted(readyAt: Instant)
    case cooking
    case ready
    case estimateChanged(readyAt: Instant)
    case riderAssigned(UInt64)
    case riderLost
    case pickedUp
    case delivered
    /// It is cancelled once nobody is on the way with it.
    case cancelRequested
    /// It is on the way, and stays so.
    case cancelRefused
    case cancelled
    case rejected(RejectReason)
    case escalated
  }
}

// How they stand in the log: a tag, then the fields. A tag is never used again for anything else.

extension Order.Command: VersionedBytes {
  public static var version: UInt8 { 2 }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .place(let a): writer.write(case: 1, a)
    case .paymentAuthorised: writer.write(case: 2)
    case .paymentDeclined: writer.write(case: 3)
    case .paymentOverdue: writer.write(case: 4)
    case .kitchenAccepted(let a): writer.write(case: 5, a)
    case .kitchenRefused: writer.write(case: 6)
    case .kitchenOverdue: writer.write(case: 7)
    case .kitchenCooking: writer.write(case: 8)
    case .kitchenReady: writer.write(case: 9)
    case .estimate(let a): writer.write(case: 10, a)
    case .riderAssigned(let a): writer.write(case: 11, a)
    case .riderLost: writer.write(case: 12)
    case .pickedUp: writer.write(case: 13)
    case .delivered: writer.write(case: 14)
    case .escalated: writer.write(case: 15)
    case .cancel: writer.write(case: 16)
    case .deliveryAborted: writer.write(case: 17)
    case .deliveryTooLate: writer.write(case: 18)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = try .place(Basket(from: &reader, version: version))
    case 2: self = .paymentAuthorised
    case 3: self = .paymentDeclined
    case 4: self = .paymentOverdue
    case 5: self = try .kitchenAccepted(readyAt: reader.read())
    case 6: self = .kitchenRefused
    case 7: self = .kitchenOverdue
    case 8: self = .kitchenCooking
    case 9: self = .kitchenReady
    case 10: self = try .estimate(readyAt: reader.read())
    case 11: self = try .riderAssigned(reader.read())
    case 12: self = .riderLost
    case 13: self = .pickedUp
    case 14: self = .delivered
    case 15: self = .escalated
    case 16: self = .cancel
    case 17: self = .deliveryAborted
    case 18: self = .deliveryTooLate
    default: throw .unknownCase(tag, of: "Order.Command")
    }
  }
}

extension Order.Event: VersionedBytes {
  public static var version: UInt8 { 2 }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .placed(let a): writer.write(case: 1, a)
    case .paid: writer.write(case: 2)
    case .accepted(let a): writer.write(case: 3, a)
    case .cooking: writer.write(case: 4)
    case .ready: writer.write(case: 5)
    case .estimateChanged(let a): writer.write(case: 6, a)
    case .riderAssigned(let a): writer.write(case: 7, a)
    case .riderLost: writer.write(case: 8)
    case .pickedUp: writer.write(case: 9)
    case .delivered: writer.write(case: 10)
    case .cancelRequested: writer.write(case: 11)
    case .cancelRefused: writer.write(case: 12)
    case .cancelled: writer.write(case: 13)
    case .rejected(let a): writer.write(case: 14, a)
    case .escalated: writer.write(case: 15)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = try .placed(Basket(from: &reader, version: version))
    case 2: self = .paid
    case 3: self = try .accepted(readyAt: reader.read())
    case 4: self = .cooking
    case 5: self = .ready
    case 6: self = try .estimateChanged(readyAt: reader.read())
    case 7: self = try .riderAssigned(reader.read())
    case 8: self = .riderLost
    case 9: self = .pickedUp
    case 10: self = .delivered
    case 11: self = .cancelRequested
    case 12: self = .cancelRefused
    case 13: self = .cancelled
    case 14: self = try .rejected(reader.read())
    case 15: self = .escalated
    default: throw .unknownCase(tag, of: "Order.Event")
    }
  }
}

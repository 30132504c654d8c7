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
    case .place(let a):
      writer.write(1 as UInt8)
      a.encode(into: &writer)
    case .paymentAuthorised: writer.write(2 as UInt8)
    case .paymentDeclined: writer.write(3 as UInt8)
    case .paymentOverdue: writer.write(4 as UInt8)
    case .kitchenAccepted(let a):
      writer.write(5 as UInt8)
      a.encode(into: &writer)
    case .kitchenRefused: writer.write(6 as UInt8)
    case .kitchenOverdue: writer.write(7 as UInt8)
    case .kitchenCooking: writer.write(8 as UInt8)
    case .kitchenReady: writer.write(9 as UInt8)
    case .estimate(let a):
      writer.write(10 as UInt8)
      a.encode(into: &writer)
    case .riderAssigned(let a):
      writer.write(11 as UInt8)
      a.encode(into: &writer)
    case .riderLost: writer.write(12 as UInt8)
    case .pickedUp: writer.write(13 as UInt8)
    case .delivered: writer.write(14 as UInt8)
    case .escalated: writer.write(15 as UInt8)
    case .cancel: writer.write(16 as UInt8)
    case .deliveryAborted: writer.write(17 as UInt8)
    case .deliveryTooLate: writer.write(18 as UInt8)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = .place(try Basket(from: &reader, version: version))
    case 2: self = .paymentAuthorised
    case 3: self = .paymentDeclined
    case 4: self = .paymentOverdue
    case 5: self = .kitchenAccepted(readyAt: try Instant(from: &reader))
    case 6: self = .kitchenRefused
    case 7: self = .kitchenOverdue
    case 8: self = .kitchenCooking
    case 9: self = .kitchenReady
    case 10: self = .estimate(readyAt: try Instant(from: &reader))
    case 11: self = .riderAssigned(try UInt64(from: &reader))
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
    case .placed(let a):
      writer.write(1 as UInt8)
      a.encode(into: &writer)
    case .paid: writer.write(2 as UInt8)
    case .accepted(let a):
      writer.write(3 as UInt8)
      a.encode(into: &writer)
    case .cooking: writer.write(4 as UInt8)
    case .ready: writer.write(5 as UInt8)
    case .estimateChanged(let a):
      writer.write(6 as UInt8)
      a.encode(into: &writer)
    case .riderAssigned(let a):
      writer.write(7 as UInt8)
      a.encode(into: &writer)
    case .riderLost: writer.write(8 as UInt8)
    case .pickedUp: writer.write(9 as UInt8)
    case .delivered: writer.write(10 as UInt8)
    case .cancelRequested: writer.write(11 as UInt8)
    case .cancelRefused: writer.write(12 as UInt8)
    case .cancelled: writer.write(13 as UInt8)
    case .rejected(let a):
      writer.write(14 as UInt8)
      a.encode(into: &writer)
    case .escalated: writer.write(15 as UInt8)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = .placed(try Basket(from: &reader, version: version))
    case 2: self = .paid
    case 3: self = .accepted(readyAt: try Instant(from: &reader))
    case 4: self = .cooking
    case 5: self = .ready
    case 6: self = .estimateChanged(readyAt: try Instant(from: &reader))
    case 7: self = .riderAssigned(try UInt64(from: &reader))
    case 8: self = .riderLost
    case 9: self = .pickedUp
    case 10: self = .delivered
    case 11: self = .cancelRequested
    case 12: self = .cancelRefused
    case 13: self = .cancelled
    case 14: self = .rejected(try RejectReason(from: &reader))
    case 15: self = .escalated
    default: throw .unknownCase(tag, of: "Order.Event")
    }
  }
}

public import Bytes
public import EventSourcing

extension Payment {
  /// What may be asked of it.
  public enum Command: Hashable, Sendable {
    case request(amount: Int64, card: Card)
    case bankSaidYes
    case bankSaidNo
    case capture
    /// A part of it goes back.
    case refund(amount: Int64)
    /// All of it goes back, or is never taken.
    case cancel
    /// So much more, from the same card.
    case increase(amount: Int64)
  }

  /// What has happened to it.
  public enum Event: Hashable, Sendable {
    case requested(amount: Int64, card: Card)
    case authorised
    case declined
    case captured
    case authorisationVoided
    case refunded(amount: Int64)
    case increased(amount: Int64)
  }
}

// How they stand in the log: a tag, then the fields. A tag is never used again for anything else.

extension Payment.Command: VersionedBytes {
  public static var version: UInt8 { 1 }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .request(let a, let b):
      writer.write(1 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .bankSaidYes: writer.write(2 as UInt8)
    case .bankSaidNo: writer.write(3 as UInt8)
    case .capture: writer.write(4 as UInt8)
    case .refund(let a):
      writer.write(5 as UInt8)
      a.encode(into: &writer)
    case .cancel: writer.write(6 as UInt8)
    case .increase(let a):
      writer.write(7 as UInt8)
      a.encode(into: &writer)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = .request(amount: try Int64(from: &reader), card: try Card(from: &reader))
    case 2: self = .bankSaidYes
    case 3: self = .bankSaidNo
    case 4: self = .capture
    case 5: self = .refund(amount: try Int64(from: &reader))
    case 6: self = .cancel
    case 7: self = .increase(amount: try Int64(from: &reader))
    default: throw .unknownCase(tag, of: "Payment.Command")
    }
  }
}

extension Payment.Event: VersionedBytes {
  public static var version: UInt8 { 1 }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .requested(let a, let b):
      writer.write(1 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .authorised: writer.write(2 as UInt8)
    case .declined: writer.write(3 as UInt8)
    case .captured: writer.write(4 as UInt8)
    case .authorisationVoided: writer.write(5 as UInt8)
    case .refunded(let a):
      writer.write(6 as UInt8)
      a.encode(into: &writer)
    case .increased(let a):
      writer.write(7 as UInt8)
      a.encode(into: &writer)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = .requested(amount: try Int64(from: &reader), card: try Card(from: &reader))
    case 2: self = .authorised
    case 3: self = .declined
    case 4: self = .captured
    case 5: self = .authorisationVoided
    case 6: self = .refunded(amount: try Int64(from: &reader))
    case 7: self = .increased(amount: try Int64(from: &reader))
    default: throw .unknownCase(tag, of: "Payment.Event")
    }
  }
}

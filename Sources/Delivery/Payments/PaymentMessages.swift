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
    case .request(let a, let b): writer.write(case: 1, a, b)
    case .bankSaidYes: writer.write(case: 2)
    case .bankSaidNo: writer.write(case: 3)
    case .capture: writer.write(case: 4)
    case .refund(let a): writer.write(case: 5, a)
    case .cancel: writer.write(case: 6)
    case .increase(let a): writer.write(case: 7, a)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = try .request(amount: reader.read(), card: reader.read())
    case 2: self = .bankSaidYes
    case 3: self = .bankSaidNo
    case 4: self = .capture
    case 5: self = try .refund(amount: reader.read())
    case 6: self = .cancel
    case 7: self = try .increase(amount: reader.read())
    default: throw .unknownCase(tag, of: "Payment.Command")
    }
  }
}

extension Payment.Event: VersionedBytes {
  public static var version: UInt8 { 1 }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .requested(let a, let b): writer.write(case: 1, a, b)
    case .authorised: writer.write(case: 2)
    case .declined: writer.write(case: 3)
    case .captured: writer.write(case: 4)
    case .authorisationVoided: writer.write(case: 5)
    case .refunded(let a): writer.write(case: 6, a)
    case .increased(let a): writer.write(case: 7, a)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = try .requested(amount: reader.read(), card: reader.read())
    case 2: self = .authorised
    case 3: self = .declined
    case 4: self = .captured
    case 5: self = .authorisationVoided
    case 6: self = try .refunded(amount: reader.read())
    case 7: self = try .increased(amount: reader.read())
    default: throw .unknownCase(tag, of: "Payment.Event")
    }
  }
}

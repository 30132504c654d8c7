public import Bytes
public import Clockwork
public import EventSourcing

extension ZoneBoard {
  /// What may be asked of it.
  public enum Command: Hashable, Sendable {
    case list(rider: UInt64, at: Location)
    case unlist(rider: UInt64)
    /// `backup`: for a neighbour, with riders who are left over.
    case seek(trip: EntityNumber, pickup: Location, home: Zone, backup: Bool, not: [UInt64])
    case drop(trip: EntityNumber)
    /// The batch is full: match.
    case match
    /// The rider did not take it.
    case refused(trip: EntityNumber, rider: UInt64)
    /// A neighbour needs riders.
    case lend(to: Zone, most: UInt64)
    case lendRefused(to: Zone, rider: UInt64)
  }

  /// What has happened to it.
  public enum Event: Hashable, Sendable {
    case riderListed(UInt64, at: Location)
    case riderUnlisted(UInt64)
    case jobListed(trip: EntityNumber, pickup: Location, home: Zone, backup: Bool, not: [UInt64], at: Instant)
    /// `widened`: the boards that seek for it too.
    case jobDropped(trip: EntityNumber, widened: [Zone])
    case matched(trip: EntityNumber, rider: UInt64, home: Zone)
    case unmatched(trip: EntityNumber, rider: UInt64)
    /// Nobody was found for these.
    case roundPassed(waiting: [UInt64], at: Instant)
    case widened(trip: EntityNumber, to: Zone)
    case escalated(trip: EntityNumber, home: Zone)
    /// Many more jobs than riders.
    case pressureRose(need: UInt64, at: Instant)
    case pressureFell
    case lent(rider: UInt64, to: Zone)
  }
}

// How they stand in the log: a tag, then the fields. A tag is never used again for anything else.

extension ZoneBoard.Command: VersionedBytes {
  public static var version: UInt8 { 1 }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .list(let a, let b): writer.write(case: 1, a, b)
    case .unlist(let a): writer.write(case: 2, a)
    case .seek(let a, let b, let c, let d, let e): writer.write(case: 3, a, b, c, d, e)
    case .drop(let a): writer.write(case: 4, a)
    case .match: writer.write(case: 5)
    case .refused(let a, let b): writer.write(case: 6, a, b)
    case .lend(let a, let b): writer.write(case: 7, a, b)
    case .lendRefused(let a, let b): writer.write(case: 8, a, b)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = try .list(rider: reader.read(), at: reader.read())
    case 2: self = try .unlist(rider: reader.read())
    case 3:
      self = try .seek(
        trip: reader.read(), pickup: reader.read(), home: reader.read(), backup: reader.read(), not: reader.read())
    case 4: self = try .drop(trip: reader.read())
    case 5: self = .match
    case 6: self = try .refused(trip: reader.read(), rider: reader.read())
    case 7: self = try .lend(to: reader.read(), most: reader.read())
    case 8: self = try .lendRefused(to: reader.read(), rider: reader.read())
    default: throw .unknownCase(tag, of: "ZoneBoard.Command")
    }
  }
}

extension ZoneBoard.Event: VersionedBytes {
  public static var version: UInt8 { 1 }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .riderListed(let a, let b): writer.write(case: 1, a, b)
    case .riderUnlisted(let a): writer.write(case: 2, a)
    case .jobListed(let a, let b, let c, let d, let e, let f): writer.write(case: 3, a, b, c, d, e, f)
    case .jobDropped(let a, let b): writer.write(case: 4, a, b)
    case .matched(let a, let b, let c): writer.write(case: 5, a, b, c)
    case .unmatched(let a, let b): writer.write(case: 6, a, b)
    case .roundPassed(let a, let b): writer.write(case: 7, a, b)
    case .widened(let a, let b): writer.write(case: 8, a, b)
    case .escalated(let a, let b): writer.write(case: 9, a, b)
    case .pressureRose(let a, let b): writer.write(case: 10, a, b)
    case .pressureFell: writer.write(case: 11)
    case .lent(let a, let b): writer.write(case: 12, a, b)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = try .riderListed(reader.read(), at: reader.read())
    case 2: self = try .riderUnlisted(reader.read())
    case 3:
      self = try .jobListed(
        trip: reader.read(), pickup: reader.read(), home: reader.read(), backup: reader.read(), not: reader.read(),
        at: reader.read())
    case 4: self = try .jobDropped(trip: reader.read(), widened: reader.read())
    case 5: self = try .matched(trip: reader.read(), rider: reader.read(), home: reader.read())
    case 6: self = try .unmatched(trip: reader.read(), rider: reader.read())
    case 7: self = try .roundPassed(waiting: reader.read(), at: reader.read())
    case 8: self = try .widened(trip: reader.read(), to: reader.read())
    case 9: self = try .escalated(trip: reader.read(), home: reader.read())
    case 10: self = try .pressureRose(need: reader.read(), at: reader.read())
    case 11: self = .pressureFell
    case 12: self = try .lent(rider: reader.read(), to: reader.read())
    default: throw .unknownCase(tag, of: "ZoneBoard.Event")
    }
  }
}

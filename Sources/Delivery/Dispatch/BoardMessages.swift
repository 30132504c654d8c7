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
    case .list(let a, let b):
      writer.write(1 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .unlist(let a):
      writer.write(2 as UInt8)
      a.encode(into: &writer)
    case .seek(let a, let b, let c, let d, let e):
      writer.write(3 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
      d.encode(into: &writer)
      e.encode(into: &writer)
    case .drop(let a):
      writer.write(4 as UInt8)
      a.encode(into: &writer)
    case .match: writer.write(5 as UInt8)
    case .refused(let a, let b):
      writer.write(6 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .lend(let a, let b):
      writer.write(7 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .lendRefused(let a, let b):
      writer.write(8 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = .list(rider: try UInt64(from: &reader), at: try Location(from: &reader))
    case 2: self = .unlist(rider: try UInt64(from: &reader))
    case 3:
      self = .seek(
        trip: try EntityNumber(from: &reader), pickup: try Location(from: &reader), home: try Zone(from: &reader),
        backup: try Bool(from: &reader), not: try [UInt64](from: &reader))
    case 4: self = .drop(trip: try EntityNumber(from: &reader))
    case 5: self = .match
    case 6: self = .refused(trip: try EntityNumber(from: &reader), rider: try UInt64(from: &reader))
    case 7: self = .lend(to: try Zone(from: &reader), most: try UInt64(from: &reader))
    case 8: self = .lendRefused(to: try Zone(from: &reader), rider: try UInt64(from: &reader))
    default: throw .unknownCase(tag, of: "ZoneBoard.Command")
    }
  }
}

extension ZoneBoard.Event: VersionedBytes {
  public static var version: UInt8 { 1 }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .riderListed(let a, let b):
      writer.write(1 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .riderUnlisted(let a):
      writer.write(2 as UInt8)
      a.encode(into: &writer)
    case .jobListed(let a, let b, let c, let d, let e, let f):
      writer.write(3 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
      d.encode(into: &writer)
      e.encode(into: &writer)
      f.encode(into: &writer)
    case .jobDropped(let a, let b):
      writer.write(4 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .matched(let a, let b, let c):
      writer.write(5 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
    case .unmatched(let a, let b):
      writer.write(6 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .roundPassed(let a, let b):
      writer.write(7 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .widened(let a, let b):
      writer.write(8 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .escalated(let a, let b):
      writer.write(9 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .pressureRose(let a, let b):
      writer.write(10 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .pressureFell: writer.write(11 as UInt8)
    case .lent(let a, let b):
      writer.write(12 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = .riderListed(try UInt64(from: &reader), at: try Location(from: &reader))
    case 2: self = .riderUnlisted(try UInt64(from: &reader))
    case 3:
      self = .jobListed(
        trip: try EntityNumber(from: &reader), pickup: try Location(from: &reader), home: try Zone(from: &reader),
        backup: try Bool(from: &reader), not: try [UInt64](from: &reader), at: try Instant(from: &reader))
    case 4: self = .jobDropped(trip: try EntityNumber(from: &reader), widened: try [Zone](from: &reader))
    case 5:
      self = .matched(
        trip: try EntityNumber(from: &reader), rider: try UInt64(from: &reader), home: try Zone(from: &reader))
    case 6: self = .unmatched(trip: try EntityNumber(from: &reader), rider: try UInt64(from: &reader))
    case 7: self = .roundPassed(waiting: try [UInt64](from: &reader), at: try Instant(from: &reader))
    case 8: self = .widened(trip: try EntityNumber(from: &reader), to: try Zone(from: &reader))
    case 9: self = .escalated(trip: try EntityNumber(from: &reader), home: try Zone(from: &reader))
    case 10: self = .pressureRose(need: try UInt64(from: &reader), at: try Instant(from: &reader))
    case 11: self = .pressureFell
    case 12: self = .lent(rider: try UInt64(from: &reader), to: try Zone(from: &reader))
    default: throw .unknownCase(tag, of: "ZoneBoard.Event")
    }
  }
}

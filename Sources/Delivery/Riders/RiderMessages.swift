public import Bytes
public import Clockwork
public import EventSourcing

extension Rider {
  /// What may be asked of it.
  public enum Command: Hashable, Sendable {
    case goOnline(Location)
    case goOffline
    case move(Location)
    /// `home` is the zone that keeps the delivery, `by` the one whose board asks.
    case reserve(trip: EntityNumber, home: Zone, by: Zone)
    case leaseOver(epoch: UInt64)
    /// The person on the scooter says no.
    case refuse
    case confirm(trip: EntityNumber, epoch: UInt64, stops: [Stop], dropoff: Location)
    /// Only the reservation of that epoch: a later one is somebody else's.
    case release(trip: EntityNumber, epoch: UInt64)
    case revise(trip: EntityNumber, version: UInt64, stops: [Stop])
    case arrive(ticket: EntityNumber)
    case collect(ticket: EntityNumber)
    case deliver
    case suggest(Zone)
    case suggestionOver
    case acceptSuggestion
    case refuseSuggestion
    /// The phone is out of reach, or back.
    case loseSignal
    case regainSignal
  }

  /// What has happened to it.
  public enum Event: Hashable, Sendable {
    case wentOnline(Location)
    case wentOffline
    case moved(Location, from: Location)
    case reserved(trip: EntityNumber, epoch: UInt64, home: Zone, by: Zone, until: Instant)
    case reservationRefused(trip: EntityNumber, by: Zone)
    case leaseExpired(trip: EntityNumber, epoch: UInt64, home: Zone, by: Zone)
    case offerRefused(trip: EntityNumber, epoch: UInt64, home: Zone, by: Zone)
    case confirmed(trip: EntityNumber, epoch: UInt64, stops: [Stop], dropoff: Location)
    /// Too late: the lease was over.
    case confirmationRefused(trip: EntityNumber, epoch: UInt64, home: Zone)
    case released(trip: EntityNumber, epoch: UInt64)
    case planReceived(version: UInt64, stops: [Stop])
    case arrived(ticket: EntityNumber)
    case collected(ticket: EntityNumber)
    case delivered(trip: EntityNumber, home: Zone)
    case repositionSuggested(Zone, until: Instant)
    case repositioned(to: Location, from: Location)
    case repositionRefused(Zone)
    case signalLost
    case signalRegained
  }
}

// How they stand in the log: a tag, then the fields. A tag is never used again for anything else.

extension Rider.Command: VersionedBytes {
  public static var version: UInt8 { 1 }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .goOnline(let a):
      writer.write(1 as UInt8)
      a.encode(into: &writer)
    case .goOffline: writer.write(2 as UInt8)
    case .move(let a):
      writer.write(3 as UInt8)
      a.encode(into: &writer)
    case .reserve(let a, let b, let c):
      writer.write(4 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
    case .leaseOver(let a):
      writer.write(5 as UInt8)
      a.encode(into: &writer)
    case .refuse: writer.write(6 as UInt8)
    case .confirm(let a, let b, let c, let d):
      writer.write(7 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
      d.encode(into: &writer)
    case .release(let a, let b):
      writer.write(8 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .revise(let a, let b, let c):
      writer.write(9 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
    case .arrive(let a):
      writer.write(10 as UInt8)
      a.encode(into: &writer)
    case .collect(let a):
      writer.write(11 as UInt8)
      a.encode(into: &writer)
    case .deliver: writer.write(12 as UInt8)
    case .suggest(let a):
      writer.write(13 as UInt8)
      a.encode(into: &writer)
    case .suggestionOver: writer.write(14 as UInt8)
    case .acceptSuggestion: writer.write(15 as UInt8)
    case .refuseSuggestion: writer.write(16 as UInt8)
    case .loseSignal: writer.write(17 as UInt8)
    case .regainSignal: writer.write(18 as UInt8)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = .goOnline(try Location(from: &reader))
    case 2: self = .goOffline
    case 3: self = .move(try Location(from: &reader))
    case 4:
      self = .reserve(trip: try EntityNumber(from: &reader), home: try Zone(from: &reader), by: try Zone(from: &reader))
    case 5: self = .leaseOver(epoch: try UInt64(from: &reader))
    case 6: self = .refuse
    case 7:
      self = .confirm(
        trip: try EntityNumber(from: &reader), epoch: try UInt64(from: &reader), stops: try [Stop](from: &reader),
        dropoff: try Location(from: &reader))
    case 8: self = .release(trip: try EntityNumber(from: &reader), epoch: try UInt64(from: &reader))
    case 9:
      self = .revise(
        trip: try EntityNumber(from: &reader), version: try UInt64(from: &reader), stops: try [Stop](from: &reader))
    case 10: self = .arrive(ticket: try EntityNumber(from: &reader))
    case 11: self = .collect(ticket: try EntityNumber(from: &reader))
    case 12: self = .deliver
    case 13: self = .suggest(try Zone(from: &reader))
    case 14: self = .suggestionOver
    case 15: self = .acceptSuggestion
    case 16: self = .refuseSuggestion
    case 17: self = .loseSignal
    case 18: self = .regainSignal
    default: throw .unknownCase(tag, of: "Rider.Command")
    }
  }
}

extension Rider.Event: VersionedBytes {
  public static var version: UInt8 { 1 }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .wentOnline(let a):
      writer.write(1 as UInt8)
      a.encode(into: &writer)
    case .wentOffline: writer.write(2 as UInt8)
    case .moved(let a, let b):
      writer.write(3 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .reserved(let a, let b, let c, let d, let e):
      writer.write(4 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
      d.encode(into: &writer)
      e.encode(into: &writer)
    case .reservationRefused(let a, let b):
      writer.write(5 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .leaseExpired(let a, let b, let c, let d):
      writer.write(6 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
      d.encode(into: &writer)
    case .offerRefused(let a, let b, let c, let d):
      writer.write(7 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
      d.encode(into: &writer)
    case .confirmed(let a, let b, let c, let d):
      writer.write(8 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
      d.encode(into: &writer)
    case .confirmationRefused(let a, let b, let c):
      writer.write(9 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
    case .released(let a, let b):
      writer.write(10 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .planReceived(let a, let b):
      writer.write(11 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .arrived(let a):
      writer.write(12 as UInt8)
      a.encode(into: &writer)
    case .collected(let a):
      writer.write(13 as UInt8)
      a.encode(into: &writer)
    case .delivered(let a, let b):
      writer.write(14 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .repositionSuggested(let a, let b):
      writer.write(15 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .repositioned(let a, let b):
      writer.write(16 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .repositionRefused(let a):
      writer.write(17 as UInt8)
      a.encode(into: &writer)
    case .signalLost: writer.write(18 as UInt8)
    case .signalRegained: writer.write(19 as UInt8)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = .wentOnline(try Location(from: &reader))
    case 2: self = .wentOffline
    case 3: self = .moved(try Location(from: &reader), from: try Location(from: &reader))
    case 4:
      self = .reserved(
        trip: try EntityNumber(from: &reader), epoch: try UInt64(from: &reader), home: try Zone(from: &reader),
        by: try Zone(from: &reader), until: try Instant(from: &reader))
    case 5: self = .reservationRefused(trip: try EntityNumber(from: &reader), by: try Zone(from: &reader))
    case 6:
      self = .leaseExpired(
        trip: try EntityNumber(from: &reader), epoch: try UInt64(from: &reader), home: try Zone(from: &reader),
        by: try Zone(from: &reader))
    case 7:
      self = .offerRefused(
        trip: try EntityNumber(from: &reader), epoch: try UInt64(from: &reader), home: try Zone(from: &reader),
        by: try Zone(from: &reader))
    case 8:
      self = .confirmed(
        trip: try EntityNumber(from: &reader), epoch: try UInt64(from: &reader), stops: try [Stop](from: &reader),
        dropoff: try Location(from: &reader))
    case 9:
      self = .confirmationRefused(
        trip: try EntityNumber(from: &reader), epoch: try UInt64(from: &reader), home: try Zone(from: &reader))
    case 10: self = .released(trip: try EntityNumber(from: &reader), epoch: try UInt64(from: &reader))
    case 11: self = .planReceived(version: try UInt64(from: &reader), stops: try [Stop](from: &reader))
    case 12: self = .arrived(ticket: try EntityNumber(from: &reader))
    case 13: self = .collected(ticket: try EntityNumber(from: &reader))
    case 14: self = .delivered(trip: try EntityNumber(from: &reader), home: try Zone(from: &reader))
    case 15: self = .repositionSuggested(try Zone(from: &reader), until: try Instant(from: &reader))
    case 16: self = .repositioned(to: try Location(from: &reader), from: try Location(from: &reader))
    case 17: self = .repositionRefused(try Zone(from: &reader))
    case 18: self = .signalLost
    case 19: self = .signalRegained
    default: throw .unknownCase(tag, of: "Rider.Event")
    }
  }
}

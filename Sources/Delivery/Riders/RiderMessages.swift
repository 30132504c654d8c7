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
    case .goOnline(let a): writer.write(case: 1, a)
    case .goOffline: writer.write(case: 2)
    case .move(let a): writer.write(case: 3, a)
    case .reserve(let a, let b, let c): writer.write(case: 4, a, b, c)
    case .leaseOver(let a): writer.write(case: 5, a)
    case .refuse: writer.write(case: 6)
    case .confirm(let a, let b, let c, let d): writer.write(case: 7, a, b, c, d)
    case .release(let a, let b): writer.write(case: 8, a, b)
    case .revise(let a, let b, let c): writer.write(case: 9, a, b, c)
    case .arrive(let a): writer.write(case: 10, a)
    case .collect(let a): writer.write(case: 11, a)
    case .deliver: writer.write(case: 12)
    case .suggest(let a): writer.write(case: 13, a)
    case .suggestionOver: writer.write(case: 14)
    case .acceptSuggestion: writer.write(case: 15)
    case .refuseSuggestion: writer.write(case: 16)
    case .loseSignal: writer.write(case: 17)
    case .regainSignal: writer.write(case: 18)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = try .goOnline(reader.read())
    case 2: self = .goOffline
    case 3: self = try .move(reader.read())
    case 4: self = try .reserve(trip: reader.read(), home: reader.read(), by: reader.read())
    case 5: self = try .leaseOver(epoch: reader.read())
    case 6: self = .refuse
    case 7: self = try .confirm(trip: reader.read(), epoch: reader.read(), stops: reader.read(), dropoff: reader.read())
    case 8: self = try .release(trip: reader.read(), epoch: reader.read())
    case 9: self = try .revise(trip: reader.read(), version: reader.read(), stops: reader.read())
    case 10: self = try .arrive(ticket: reader.read())
    case 11: self = try .collect(ticket: reader.read())
    case 12: self = .deliver
    case 13: self = try .suggest(reader.read())
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
    case .wentOnline(let a): writer.write(case: 1, a)
    case .wentOffline: writer.write(case: 2)
    case .moved(let a, let b): writer.write(case: 3, a, b)
    case .reserved(let a, let b, let c, let d, let e): writer.write(case: 4, a, b, c, d, e)
    case .reservationRefused(let a, let b): writer.write(case: 5, a, b)
    case .leaseExpired(let a, let b, let c, let d): writer.write(case: 6, a, b, c, d)
    case .offerRefused(let a, let b, let c, let d): writer.write(case: 7, a, b, c, d)
    case .confirmed(let a, let b, let c, let d): writer.write(case: 8, a, b, c, d)
    case .confirmationRefused(let a, let b, let c): writer.write(case: 9, a, b, c)
    case .released(let a, let b): writer.write(case: 10, a, b)
    case .planReceived(let a, let b): writer.write(case: 11, a, b)
    case .arrived(let a): writer.write(case: 12, a)
    case .collected(let a): writer.write(case: 13, a)
    case .delivered(let a, let b): writer.write(case: 14, a, b)
    case .repositionSuggested(let a, let b): writer.write(case: 15, a, b)
    case .repositioned(let a, let b): writer.write(case: 16, a, b)
    case .repositionRefused(let a): writer.write(case: 17, a)
    case .signalLost: writer.write(case: 18)
    case .signalRegained: writer.write(case: 19)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = try .wentOnline(reader.read())
    case 2: self = .wentOffline
    case 3: self = try .moved(reader.read(), from: reader.read())
    case 4:
      self = try .reserved(
        trip: reader.read(), epoch: reader.read(), home: reader.read(), by: reader.read(), until: reader.read())
    case 5: self = try .reservationRefused(trip: reader.read(), by: reader.read())
    case 6: self = try .leaseExpired(trip: reader.read(), epoch: reader.read(), home: reader.read(), by: reader.read())
    case 7: self = try .offerRefused(trip: reader.read(), epoch: reader.read(), home: reader.read(), by: reader.read())
    case 8:
      self = try .confirmed(trip: reader.read(), epoch: reader.read(), stops: reader.read(), dropoff: reader.read())
    case 9: self = try .confirmationRefused(trip: reader.read(), epoch: reader.read(), home: reader.read())
    case 10: self = try .released(trip: reader.read(), epoch: reader.read())
    case 11: self = try .planReceived(version: reader.read(), stops: reader.read())
    case 12: self = try .arrived(ticket: reader.read())
    case 13: self = try .collected(ticket: reader.read())
    case 14: self = try .delivered(trip: reader.read(), home: reader.read())
    case 15: self = try .repositionSuggested(reader.read(), until: reader.read())
    case 16: self = try .repositioned(to: reader.read(), from: reader.read())
    case 17: self = try .repositionRefused(reader.read())
    case 18: self = .signalLost
    case 19: self = .signalRegained
    default: throw .unknownCase(tag, of: "Rider.Event")
    }
  }
}

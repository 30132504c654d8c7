public import Bytes
public import Clockwork
public import EventSourcing

extension Trip {
  /// What may be asked of it.
  public enum Command: Hashable, Sendable {
    /// `home` keeps it: its board seeks the rider.
    case request(home: Zone, stops: [Stop], dropoff: Location)
    case assign(rider: UInt64, epoch: UInt64, at: Location)
    case riderLost(rider: UInt64, epoch: UInt64)
    /// The neighbour's backup riders are asked too.
    case widen(to: Zone)
    case escalate
    case arrived(ticket: EntityNumber)
    case collected(ticket: EntityNumber)
    case delivered
    case abort
    case estimate(ticket: EntityNumber, readyAt: Instant)
    /// One more place to collect at.
    case add(stop: Stop)
    case remove(ticket: EntityNumber)
    case planAcknowledged(version: UInt64)
    /// The rider's phone has said nothing for too long.
    case planOverdue(version: UInt64)
  }

  /// What has happened to it.
  public enum Event: Hashable, Sendable {
    case requested(home: Zone, stops: [Stop], dropoff: Location)
    case widened(to: Zone)
    /// Who brings it, in which order, and when the rider leaves.
    case assigned(rider: UInt64, epoch: UInt64, at: Location, order: [UInt64], departure: Instant)
    /// It is over, or has a rider: this one is free again.
    case assignmentRefused(rider: UInt64, epoch: UInt64)
    case riderLost(rider: UInt64)
    case planRevised(version: UInt64, stops: [Stop], departure: Instant)
    case planAcknowledged(version: UInt64)
    case planResent(version: UInt64)
    case arrived(ticket: EntityNumber)
    case collected(ticket: EntityNumber)
    case delivered
    case aborted
    /// It has been collected.
    case abortRefused
    case escalated
    /// One more place to collect at was asked for, and the rider has left for the door.
    case additionRefused(ticket: EntityNumber)
  }
}

// How they stand in the log: a tag, then the fields. A tag is never used again for anything else.

extension Trip.Command: VersionedBytes {
  public static var version: UInt8 { 1 }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .request(let a, let b, let c):
      writer.write(1 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
    case .assign(let a, let b, let c):
      writer.write(2 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
    case .riderLost(let a, let b):
      writer.write(3 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .widen(let a):
      writer.write(4 as UInt8)
      a.encode(into: &writer)
    case .escalate: writer.write(5 as UInt8)
    case .arrived(let a):
      writer.write(6 as UInt8)
      a.encode(into: &writer)
    case .collected(let a):
      writer.write(7 as UInt8)
      a.encode(into: &writer)
    case .delivered: writer.write(8 as UInt8)
    case .abort: writer.write(9 as UInt8)
    case .estimate(let a, let b):
      writer.write(10 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .add(let a):
      writer.write(11 as UInt8)
      a.encode(into: &writer)
    case .remove(let a):
      writer.write(12 as UInt8)
      a.encode(into: &writer)
    case .planAcknowledged(let a):
      writer.write(13 as UInt8)
      a.encode(into: &writer)
    case .planOverdue(let a):
      writer.write(14 as UInt8)
      a.encode(into: &writer)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1:
      self = .request(
        home: try Zone(from: &reader), stops: try [Stop](from: &reader), dropoff: try Location(from: &reader))
    case 2:
      self = .assign(
        rider: try UInt64(from: &reader), epoch: try UInt64(from: &reader), at: try Location(from: &reader))
    case 3: self = .riderLost(rider: try UInt64(from: &reader), epoch: try UInt64(from: &reader))
    case 4: self = .widen(to: try Zone(from: &reader))
    case 5: self = .escalate
    case 6: self = .arrived(ticket: try EntityNumber(from: &reader))
    case 7: self = .collected(ticket: try EntityNumber(from: &reader))
    case 8: self = .delivered
    case 9: self = .abort
    case 10: self = .estimate(ticket: try EntityNumber(from: &reader), readyAt: try Instant(from: &reader))
    case 11: self = .add(stop: try Stop(from: &reader))
    case 12: self = .remove(ticket: try EntityNumber(from: &reader))
    case 13: self = .planAcknowledged(version: try UInt64(from: &reader))
    case 14: self = .planOverdue(version: try UInt64(from: &reader))
    default: throw .unknownCase(tag, of: "Trip.Command")
    }
  }
}

extension Trip.Event: VersionedBytes {
  public static var version: UInt8 { 1 }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .requested(let a, let b, let c):
      writer.write(1 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
    case .widened(let a):
      writer.write(2 as UInt8)
      a.encode(into: &writer)
    case .assigned(let a, let b, let c, let d, let e):
      writer.write(3 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
      d.encode(into: &writer)
      e.encode(into: &writer)
    case .assignmentRefused(let a, let b):
      writer.write(4 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
    case .riderLost(let a):
      writer.write(5 as UInt8)
      a.encode(into: &writer)
    case .planRevised(let a, let b, let c):
      writer.write(6 as UInt8)
      a.encode(into: &writer)
      b.encode(into: &writer)
      c.encode(into: &writer)
    case .planAcknowledged(let a):
      writer.write(7 as UInt8)
      a.encode(into: &writer)
    case .planResent(let a):
      writer.write(8 as UInt8)
      a.encode(into: &writer)
    case .arrived(let a):
      writer.write(9 as UInt8)
      a.encode(into: &writer)
    case .collected(let a):
      writer.write(10 as UInt8)
      a.encode(into: &writer)
    case .delivered: writer.write(11 as UInt8)
    case .aborted: writer.write(12 as UInt8)
    case .abortRefused: writer.write(13 as UInt8)
    case .escalated: writer.write(14 as UInt8)
    case .additionRefused(let a):
      writer.write(15 as UInt8)
      a.encode(into: &writer)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1:
      self = .requested(
        home: try Zone(from: &reader), stops: try [Stop](from: &reader), dropoff: try Location(from: &reader))
    case 2: self = .widened(to: try Zone(from: &reader))
    case 3:
      self = .assigned(
        rider: try UInt64(from: &reader), epoch: try UInt64(from: &reader), at: try Location(from: &reader),
        order: try [UInt64](from: &reader), departure: try Instant(from: &reader))
    case 4: self = .assignmentRefused(rider: try UInt64(from: &reader), epoch: try UInt64(from: &reader))
    case 5: self = .riderLost(rider: try UInt64(from: &reader))
    case 6:
      self = .planRevised(
        version: try UInt64(from: &reader), stops: try [Stop](from: &reader), departure: try Instant(from: &reader))
    case 7: self = .planAcknowledged(version: try UInt64(from: &reader))
    case 8: self = .planResent(version: try UInt64(from: &reader))
    case 9: self = .arrived(ticket: try EntityNumber(from: &reader))
    case 10: self = .collected(ticket: try EntityNumber(from: &reader))
    case 11: self = .delivered
    case 12: self = .aborted
    case 13: self = .abortRefused
    case 14: self = .escalated
    case 15: self = .additionRefused(ticket: try EntityNumber(from: &reader))
    default: throw .unknownCase(tag, of: "Trip.Event")
    }
  }
}

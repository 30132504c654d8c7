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
    case .request(let a, let b, let c): writer.write(case: 1, a, b, c)
    case .assign(let a, let b, let c): writer.write(case: 2, a, b, c)
    case .riderLost(let a, let b): writer.write(case: 3, a, b)
    case .widen(let a): writer.write(case: 4, a)
    case .escalate: writer.write(case: 5)
    case .arrived(let a): writer.write(case: 6, a)
    case .collected(let a): writer.write(case: 7, a)
    case .delivered: writer.write(case: 8)
    case .abort: writer.write(case: 9)
    case .estimate(let a, let b): writer.write(case: 10, a, b)
    case .add(let a): writer.write(case: 11, a)
    case .remove(let a): writer.write(case: 12, a)
    case .planAcknowledged(let a): writer.write(case: 13, a)
    case .planOverdue(let a): writer.write(case: 14, a)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = try .request(home: reader.read(), stops: reader.read(), dropoff: reader.read())
    case 2: self = try .assign(rider: reader.read(), epoch: reader.read(), at: reader.read())
    case 3: self = try .riderLost(rider: reader.read(), epoch: reader.read())
    case 4: self = try .widen(to: reader.read())
    case 5: self = .escalate
    case 6: self = try .arrived(ticket: reader.read())
    case 7: self = try .collected(ticket: reader.read())
    case 8: self = .delivered
    case 9: self = .abort
    case 10: self = try .estimate(ticket: reader.read(), readyAt: reader.read())
    case 11: self = try .add(stop: reader.read())
    case 12: self = try .remove(ticket: reader.read())
    case 13: self = try .planAcknowledged(version: reader.read())
    case 14: self = try .planOverdue(version: reader.read())
    default: throw .unknownCase(tag, of: "Trip.Command")
    }
  }
}

extension Trip.Event: VersionedBytes {
  public static var version: UInt8 { 1 }

  public func encode(into writer: inout ByteWriter) {
    switch self {
    case .requested(let a, let b, let c): writer.write(case: 1, a, b, c)
    case .widened(let a): writer.write(case: 2, a)
    case .assigned(let a, let b, let c, let d, let e): writer.write(case: 3, a, b, c, d, e)
    case .assignmentRefused(let a, let b): writer.write(case: 4, a, b)
    case .riderLost(let a): writer.write(case: 5, a)
    case .planRevised(let a, let b, let c): writer.write(case: 6, a, b, c)
    case .planAcknowledged(let a): writer.write(case: 7, a)
    case .planResent(let a): writer.write(case: 8, a)
    case .arrived(let a): writer.write(case: 9, a)
    case .collected(let a): writer.write(case: 10, a)
    case .delivered: writer.write(case: 11)
    case .aborted: writer.write(case: 12)
    case .abortRefused: writer.write(case: 13)
    case .escalated: writer.write(case: 14)
    case .additionRefused(let a): writer.write(case: 15, a)
    }
  }

  public init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 1: self = try .requested(home: reader.read(), stops: reader.read(), dropoff: reader.read())
    case 2: self = try .widened(to: reader.read())
    case 3:
      self = try .assigned(
        rider: reader.read(), epoch: reader.read(), at: reader.read(), order: reader.read(), departure: reader.read())
    case 4: self = try .assignmentRefused(rider: reader.read(), epoch: reader.read())
    case 5: self = try .riderLost(rider: reader.read())
    case 6: self = try .planRevised(version: reader.read(), stops: reader.read(), departure: reader.read())
    case 7: self = try .planAcknowledged(version: reader.read())
    case 8: self = try .planResent(version: reader.read())
    case 9: self = try .arrived(ticket: reader.read())
    case 10: self = try .collected(ticket: reader.read())
    case 11: self = .delivered
    case 12: self = .aborted
    case 13: self = .abortRefused
    case 14: self = .escalated
    case 15: self = try .additionRefused(ticket: reader.read())
    default: throw .unknownCase(tag, of: "Trip.Event")
    }
  }
}

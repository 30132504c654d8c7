import Bytes
import Clockwork
import EventSourcing

// The states of entities as they stand in a snapshot: the fields in their order. Unlike events they have one form, of the
// snapshot's own version: who changes one raises `TaskSnapshot.version`, and what older builds have kept is dropped.

extension Order.Phase: CodedChoice { static var noun: String { "phase of an order" } }

extension Order.State: Coded {
  func encode(into writer: inout ByteWriter) {
    writer.write(fields: phase, basket, readyAt, rider, reason, isEscalated)
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    self.init()
    (phase, basket, readyAt) = (try reader.read(), try reader.read(), try reader.read())
    (rider, reason, isEscalated) = (try reader.read(), try reader.read(), try reader.read())
  }
}

extension KitchenTicket.Phase: CodedChoice { static var noun: String { "phase of a ticket" } }

extension KitchenTicket.State: Coded {
  func encode(into writer: inout ByteWriter) {
    writer.write(fields: phase, restaurant, lines, readyAt, missing)
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    self.init()
    (phase, restaurant, lines) = (try reader.read(), try reader.read(), try reader.read())
    (readyAt, missing) = (try reader.read(), try reader.read())
  }
}

extension Payment.Phase: CodedChoice { static var noun: String { "phase of a payment" } }

extension Payment.State: Coded {
  func encode(into writer: inout ByteWriter) { writer.write(fields: phase, amount, refunded, card) }
  init(from reader: inout ByteReader) throws(SchemaError) {
    self.init()
    (phase, amount, refunded, card) = (try reader.read(), try reader.read(), try reader.read(), try reader.read())
  }
}

extension Rider.Phase: Coded {
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .offline: writer.write(case: 0)
    case .idle: writer.write(case: 1)
    case .reserved(let until): writer.write(case: 2, until)
    case .busy: writer.write(case: 3)
    }
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    let tag = try reader.readByte()
    switch tag {
    case 0: self = .offline
    case 1: self = .idle
    case 2: self = .reserved(until: try reader.read())
    case 3: self = .busy
    default: throw .unknownCase(tag, of: "phase of a rider")
    }
  }
}

extension Rider.State: Coded {
  func encode(into writer: inout ByteWriter) {
    writer.write(
      fields: phase, location, epoch, trip, home, by, plan, stops, dropoff, at, collected, suggestion, hasSignal)
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    self.init()
    (phase, location, epoch, trip) = (try reader.read(), try reader.read(), try reader.read(), try reader.read())
    (home, by, plan, stops) = (try reader.read(), try reader.read(), try reader.read(), try reader.read())
    (dropoff, at, collected) = (try reader.read(), try reader.read(), try reader.read())
    (suggestion, hasSignal) = (try reader.read(), try reader.read())
  }
}

extension Trip.Phase: CodedChoice { static var noun: String { "phase of a delivery" } }

extension Trip.State: Coded {
  func encode(into writer: inout ByteWriter) {
    writer.write(
      fields: phase, home, stops, dropoff, rider, epoch, riderAt, departure, plan, acknowledged, at, collected, widened,
      isEscalated, lost)
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    self.init()
    (phase, home, stops, dropoff) = (try reader.read(), try reader.read(), try reader.read(), try reader.read())
    (rider, epoch, riderAt, departure) = (try reader.read(), try reader.read(), try reader.read(), try reader.read())
    (plan, acknowledged, at, collected) = (try reader.read(), try reader.read(), try reader.read(), try reader.read())
    (widened, isEscalated, lost) = (try reader.read(), try reader.read(), try reader.read())
  }
}

extension ZoneBoard.Job: Coded {
  func encode(into writer: inout ByteWriter) {
    writer.write(fields: pickup, home, isBackup, since, rounds, offered, refusedBy, widened, isEscalated)
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    try self.init(
      pickup: reader.read(), home: reader.read(), isBackup: reader.read(), since: reader.read(), rounds: reader.read(),
      offered: reader.read(), refusedBy: reader.read(), widened: reader.read(), isEscalated: reader.read())
  }
}

extension ZoneBoard.State: Coded {
  func encode(into writer: inout ByteWriter) {
    writer.write(
      fields: riders, jobs, isGathering, beganBatch, isUnderPressure, pressureRoseAt, UInt64(clamping: askings))
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    self.init()
    (riders, jobs, isGathering) = (try reader.read(), try reader.read(), try reader.read())
    (beganBatch, isUnderPressure, pressureRoseAt) = (try reader.read(), try reader.read(), try reader.read())
    askings = try reader.readTally()
  }
}

extension Party.Phase: CodedChoice { static var noun: String { "phase of a party" } }
extension Party.Line.Phase: CodedChoice { static var noun: String { "phase of a line" } }

extension Party.Offer: Coded {
  func encode(into writer: inout ByteWriter) { writer.write(fields: item, substitute, deadline) }
  init(from reader: inout ByteReader) throws(SchemaError) {
    try self.init(item: reader.read(), substitute: reader.read(), deadline: reader.read())
  }
}

extension Party.Line: Coded {
  func encode(into writer: inout ByteWriter) { writer.write(fields: basket, phase, readyAt, offer) }
  init(from reader: inout ByteReader) throws(SchemaError) {
    try self.init(basket: reader.read(), phase: reader.read(), readyAt: reader.read(), offer: reader.read())
  }
}

extension Party.State: Coded {
  func encode(into writer: inout ByteWriter) {
    writer.write(
      fields: phase, customer, dropoff, home, lines, card, rider, isAllReady, reason, isEscalated)
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    self.init()
    (phase, customer, dropoff, home) = (try reader.read(), try reader.read(), try reader.read(), try reader.read())
    (lines, card, rider) = (try reader.read(), try reader.read(), try reader.read())
    (isAllReady, reason, isEscalated) = (try reader.read(), try reader.read(), try reader.read())
  }
}

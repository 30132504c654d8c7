import Bytes
import Clockwork
import EventSourcing

/// Everything that a task has in memory, as a snapshot keeps it: not which task, which is the snapshot's to say.
extension TaskMemory {
  func write(into writer: inout ByteWriter) {
    writer.write(fields: nextInput, owner, UInt64(unreadable), UInt64(absorbed))
    writer.write(fields: orders, tickets, payments, riders, trips, boards, parties)
    writer.write(fields: inbox.ids, timers, admission)
    writer.writeUnsignedVarint(UInt32(holds.held.count))
    for entity in holds.entities {
      guard let hold = holds.held[entity] else { continue }
      writer.write(fields: entity, hold.reason, hold.items)
    }
  }

  /// Takes in what `write` has written, into a memory that knows nothing yet.
  mutating func restore(from reader: inout ByteReader) throws(SchemaError) {
    (nextInput, owner) = (try reader.read(), try reader.read())
    (unreadable, absorbed) = (try reader.readTally(), try reader.readTally())
    (orders, tickets, payments) = (try reader.read(), try reader.read(), try reader.read())
    (riders, trips, boards, parties) = (try reader.read(), try reader.read(), try reader.read(), try reader.read())
    for id in try [CommandID](from: &reader) { inbox.admit(id) }
    (timers, admission) = (try reader.read(), try reader.read())
    for _ in 0..<(try reader.readListCount()) {
      let (entity, reason): (EntityID, String) = (try reader.read(), try reader.read())
      // Never more than `Holds.most`: those beyond are not ours, and would be refused as they come.
      for item in try [HeldRecord](from: &reader) { try? holds.hold(entity, item, because: reason) }
    }
  }
}

extension TaskMemory.Owner: Coded {
  func encode(into writer: inout ByteWriter) { writer.write(fields: name, term) }
  init(from reader: inout ByteReader) throws(SchemaError) { try self.init(name: reader.read(), term: reader.read()) }
}

extension TaskMemory.HeldRecord: Coded {
  func encode(into writer: inout ByteWriter) { writer.write(record: bytes) }
  init(from reader: inout ByteReader) throws(SchemaError) { bytes = try reader.readRecord() }
}

extension CommandID: Coded {}

extension Timers: Coded where Command: Coded {
  func encode(into writer: inout ByteWriter) {
    writer.writeUnsignedVarint(UInt32(count))
    for timer in all { writer.write(fields: timer.id, timer.due, timer.command) }
  }
  init(from reader: inout ByteReader) throws(SchemaError) {
    self.init()
    for _ in 0..<(try reader.readListCount(itemSize: 3)) {
      try set(reader.read(), due: reader.read(), reader.read())
    }
  }
}

extension ByteWriter {
  /// A record of whatever length, with its length.
  mutating func write(record: [UInt8]) {
    writeUnsignedVarint(UInt32(record.count))
    write(bytes: record)
  }
}

extension ByteReader {
  mutating func readRecord() throws(SchemaError) -> [UInt8] {
    let count = try readListCount()
    return try reading(&self) { r throws(ByteError) in try r.readBytes(count) }
  }

  /// A count of what happened, not of what follows: of no use as a length, and so of any size that can be counted on.
  mutating func readTally() throws(SchemaError) -> Int { Int(clamping: try readNumber() & 0xFFFF_FFFF_FFFF) }
}

import Bytes
public import Clockwork
public import EventSourcing

/// One record of a task's log: everything the task must know again after a crash, in the order in which it came to be.
public struct LogEntry: Hashable, Sendable {
  public enum Body: Hashable, Sendable {
    case event(EngineEvent, version: UInt64)
    /// A command had no effect: refused, absorbed, or already so. Kept so that its second copy is known.
    case nothing(why: String)
    case timerSet(TimerID, due: Instant, Addressed)
    case timerCleared(TimerID)
    /// The entity stands still; the record waits with those before it.
    case held(record: [UInt8], why: String)
    /// What waited is handled again (the first too, or not), in the entries that follow.
    case freed
    /// A record of which not even the entity could be read.
    case unreadable(why: String)
    /// A new owner has the task; nothing of an earlier one comes after this.
    case opened(owner: String, term: UInt64)
    /// The order waits for its turn: as many as may be are in progress.
    case queued(record: [UInt8])
    /// Its turn has come; what it does is in the entries that follow.
    case admitted
  }

  public var entity: EntityID
  public var at: Instant
  /// The command behind it.
  public var cause: CommandID
  /// The offset in the input partition that comes after what this entry answers.
  public var nextInput: Int64
  public var body: Body

  public init(entity: EntityID, at: Instant, cause: CommandID, nextInput: Int64, _ body: Body) {
    self.entity = entity
    self.at = at
    self.cause = cause
    self.nextInput = nextInput
    self.body = body
  }

  /// `schema`: as an engine of that version writes it. What older ones wrote is read by all newer ones.
  public func encoded(schema: UInt8 = Envelope.newestSchema) -> [UInt8] {
    var writer = ByteWriter(capacity: 96)
    entity.encode(into: &writer)
    at.encode(into: &writer)
    cause.encode(into: &writer)
    nextInput.encode(into: &writer)
    switch body {
    case .event(let event, let version):
      writer.write(case: 1, version)
      if schema < 2, case .order(let event) = event {
        writer.write(bytes: event.encodedAsFirst())
      } else {
        event.write(into: &writer)
      }
    case .nothing(let why): writer.write(case: 2, why)
    case .timerSet(let id, let due, let addressed): writer.write(case: 3, id, due, addressed)
    case .timerCleared(let id): writer.write(case: 4, id)
    case .held(let record, let why):
      writer.write(case: 5, why)
      writer.write(bytes: record)
    case .freed: writer.write(case: 6)
    case .unreadable(let why): writer.write(case: 7, why)
    case .opened(let owner, let term): writer.write(case: 8, owner, term)
    case .queued(let record):
      writer.write(case: 9)
      writer.write(bytes: record)
    case .admitted: writer.write(case: 10)
    }
    return writer.bytes
  }

  public init(encoded bytes: [UInt8]) throws(SchemaError) {
    var reader = ByteReader(bytes)
    entity = try EntityID(from: &reader)
    at = try Instant(from: &reader)
    cause = try CommandID(from: &reader)
    nextInput = try Int64(from: &reader)
    let tag = try reader.readByte()
    switch tag {
    case 1:
      let version = try UInt64(from: &reader)
      body = .event(try EngineEvent(for: entity.known, from: &reader), version: version)
    case 2: body = .nothing(why: try String(from: &reader))
    case 3: body = try .timerSet(reader.read(), due: reader.read(), reader.read())
    case 4: body = .timerCleared(try reader.read())
    case 5:
      let why = try String(from: &reader)
      let rest = reader.remaining
      body = .held(record: try reading(&reader) { r throws(ByteError) in try r.readBytes(rest) }, why: why)
    case 6: body = .freed
    case 7: body = .unreadable(why: try String(from: &reader))
    case 8: body = .opened(owner: try String(from: &reader), term: try UInt64(from: &reader))
    case 9:
      let rest = reader.remaining
      body = .queued(record: try reading(&reader) { r throws(ByteError) in try r.readBytes(rest) })
    case 10: body = .admitted
    default: throw .unknownCase(tag, of: "log entry")
    }
    guard reader.isAtEnd else { throw .trailing(reader.remaining) }
  }
}

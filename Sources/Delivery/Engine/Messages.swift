import Bytes
public import Clockwork
public import EventSourcing

/// Something to do, for whichever entity.
public enum EngineCommand: Hashable, Sendable {
  case order(Order.Command)
  case ticket(KitchenTicket.Command)
  case payment(Payment.Command)
  case rider(Rider.Command)
  case trip(Trip.Command)
  case board(ZoneBoard.Command)
  case party(Party.Command)
  /// Handle what the entity is held for again, from the first on.
  case replayHeld
  /// Give the record up that the entity is held for, and handle what came after it.
  case releaseHeld
}

/// Something that has happened, to whichever entity.
public enum EngineEvent: Hashable, Sendable {
  case order(Order.Event)
  case ticket(KitchenTicket.Event)
  case payment(Payment.Event)
  case rider(Rider.Event)
  case trip(Trip.Event)
  case board(ZoneBoard.Event)
  case party(Party.Event)
}

/// A command and whom it is for.
public struct Addressed: Hashable, Sendable {
  public var to: EntityID
  /// By what its records are kept in order: the entity itself, or what it belongs to (a ticket's restaurant, a delivery's
  /// zone).
  public var key: EntityID
  public var command: EngineCommand

  public init(to: EntityID, key: EntityID? = nil, _ command: EngineCommand) {
    self.to = to
    self.key = key ?? to
    self.command = command
  }

  public static func order(_ id: EntityID, _ command: Order.Command) -> Addressed {
    Addressed(to: id, .order(command))
  }
  public static func party(_ id: EntityID, _ command: Party.Command) -> Addressed {
    Addressed(to: id, .party(command))
  }
  public static func rider(_ id: EntityID, _ command: Rider.Command) -> Addressed {
    Addressed(to: id, .rider(command))
  }
  public static func payment(of owner: EntityID, _ command: Payment.Command) -> Addressed {
    Addressed(to: .payment(of: owner), .payment(command))
  }
  public static func ticket(
    of owner: EntityID, line: UInt8 = 0, at restaurant: UInt64, _ command: KitchenTicket.Command
  ) -> Addressed {
    Addressed(to: .ticket(of: owner, line: line), key: .restaurant(restaurant), .ticket(command))
  }
  public static func trip(of owner: EntityID, home: Zone, _ command: Trip.Command) -> Addressed {
    Addressed(to: .delivery(of: owner), key: .zone(home), .trip(command))
  }
  public static func trip(_ number: UInt64, home: Zone, _ command: Trip.Command) -> Addressed {
    Addressed(to: EntityID(.delivery, number), key: .zone(home), .trip(command))
  }
  public static func board(_ zone: Zone, _ command: ZoneBoard.Command) -> Addressed {
    Addressed(to: .zone(zone), .board(command))
  }

  public var topic: Topic { Topic.input(for: to.known ?? .order) }
}

/// An event of one entity, as a process manager hears it.
public struct Happened<Event: Hashable & Sendable>: Hashable, Sendable {
  public var entity: EntityID
  /// Which of the entity's events it is.
  public var version: UInt64
  public var at: Instant
  public var event: Event

  public init(_ entity: EntityID, version: UInt64, at: Instant, _ event: Event) {
    self.entity = entity
    self.version = version
    self.at = at
    self.event = event
  }
}

/// A process manager with an instance for each entity of one kind, whose state is what the entity's own events fold to:
/// the engine keeps it once for both.
public protocol EntityProcess: ProcessManager
where Input == Happened<Subject.Event>, State == Subject.State, Command == Addressed {
  associatedtype Subject: EngineEntity
}

extension EntityProcess {
  public static var initial: Subject.State { Subject.initial }
  public static func route(_ input: Happened<Subject.Event>) -> Route { .start(input.entity) }
  public static func evolve(_ state: inout Subject.State, _ input: Happened<Subject.Event>) {
    Subject.evolve(&state, input.event)
  }
}

extension EngineCommand {
  func write(into writer: inout ByteWriter) {
    switch self {
    case .order(let command): command.write(into: &writer)
    case .ticket(let command): command.write(into: &writer)
    case .payment(let command): command.write(into: &writer)
    case .rider(let command): command.write(into: &writer)
    case .trip(let command): command.write(into: &writer)
    case .board(let command): command.write(into: &writer)
    case .party(let command): command.write(into: &writer)
    case .replayHeld: writer.write(Self.replayMark)
    case .releaseHeld: writer.write(Self.releaseMark)
    }
  }

  // Where a version stands, no version that high.
  private static let replayMark: UInt8 = 0xfe
  private static let releaseMark: UInt8 = 0xff

  init(for kind: Kind?, from reader: inout ByteReader) throws(SchemaError) {
    var ahead = reader
    let mark = try ahead.readByte()
    if mark == Self.replayMark || mark == Self.releaseMark {
      reader = ahead
      self = mark == Self.replayMark ? .replayHeld : .releaseHeld
      return
    }
    switch kind {
    case .order: self = .order(try Order.Command.read(from: &reader))
    case .ticket: self = .ticket(try KitchenTicket.Command.read(from: &reader))
    case .payment: self = .payment(try Payment.Command.read(from: &reader))
    case .rider: self = .rider(try Rider.Command.read(from: &reader))
    case .delivery: self = .trip(try Trip.Command.read(from: &reader))
    case .zone: self = .board(try ZoneBoard.Command.read(from: &reader))
    case .party: self = .party(try Party.Command.read(from: &reader))
    case .customer, .restaurant, nil: throw .unknownCase(kind?.rawValue ?? 0, of: "entity kind")
    }
  }
}

extension EngineEvent {
  func write(into writer: inout ByteWriter) {
    switch self {
    case .order(let event): event.write(into: &writer)
    case .ticket(let event): event.write(into: &writer)
    case .payment(let event): event.write(into: &writer)
    case .rider(let event): event.write(into: &writer)
    case .trip(let event): event.write(into: &writer)
    case .board(let event): event.write(into: &writer)
    case .party(let event): event.write(into: &writer)
    }
  }

  init(for kind: Kind?, from reader: inout ByteReader) throws(SchemaError) {
    switch kind {
    case .order: self = .order(try Order.Event.read(from: &reader))
    case .ticket: self = .ticket(try KitchenTicket.Event.read(from: &reader))
    case .payment: self = .payment(try Payment.Event.read(from: &reader))
    case .rider: self = .rider(try Rider.Event.read(from: &reader))
    case .delivery: self = .trip(try Trip.Event.read(from: &reader))
    case .zone: self = .board(try ZoneBoard.Event.read(from: &reader))
    case .party: self = .party(try Party.Event.read(from: &reader))
    case .customer, .restaurant, nil: throw .unknownCase(kind?.rawValue ?? 0, of: "entity kind")
    }
  }
}

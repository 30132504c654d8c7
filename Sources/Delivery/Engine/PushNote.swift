import Bytes
public import Clockwork
public import EventSourcing

/// What a device is told: the state of one order or party, in words for its owner. A device reads the push topic on from
/// its own cursor, so after any disconnect it shows what the others show.
public struct PushNote: Hashable, Sendable {
  public var subscriber: EntityID
  public var about: EntityID
  /// Which of the order's events it tells of: a device shows the highest.
  public var version: UInt64
  public var at: Instant
  public var status: String

  public init(subscriber: EntityID, about: EntityID, version: UInt64, at: Instant, status: String) {
    self.subscriber = subscriber
    self.about = about
    self.version = version
    self.at = at
    self.status = status
  }

  public func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 48)
    writer.write(1 as UInt8)
    subscriber.encode(into: &writer)
    about.encode(into: &writer)
    version.encode(into: &writer)
    at.encode(into: &writer)
    status.encode(into: &writer)
    return writer.bytes
  }

  public init(encoded bytes: [UInt8]) throws(SchemaError) {
    var reader = ByteReader(bytes)
    let schema = try reader.readByte()
    guard schema == 1 else { throw .tooNew(version: schema, known: 1) }
    subscriber = try EntityID(from: &reader)
    about = try EntityID(from: &reader)
    version = try UInt64(from: &reader)
    at = try Instant(from: &reader)
    status = try String(from: &reader)
  }

  /// Whom an event concerns, and what each is told: customer, kitchens and rider hear the same of the same event.
  static func notes(
    on event: EngineEvent, of entity: EntityID, version: UInt64, at: Instant, _ memory: borrowing TaskMemory
  ) -> [PushNote] {
    func tell(_ subscribers: [EntityID], _ status: String) -> [PushNote] {
      subscribers.map { PushNote(subscriber: $0, about: entity, version: version, at: at, status: status) }
    }
    switch event {
    case .order(let event):
      let state = memory.orders[entity.number].state
      guard let basket = state.basket else { return [] }
      var told: [EntityID] = [.customer(basket.customer), .restaurant(basket.restaurant)]
      if let rider = state.rider { told.append(.rider(rider)) }
      if case .estimateChanged = event { return tell(told, "\(state.phase.name), later") }
      return tell(told, state.statusText)
    case .party(let event):
      let state = memory.parties[entity.number].state
      let restaurants = state.wanted.map { EntityID.restaurant($0.line.basket.restaurant) }
      let all = tell(
        [.customer(state.customer)] + restaurants + (state.rider.map { [.rider($0)] } ?? []), state.statusText)
      guard case .lineDropped(let line, _) = event, let basket = state.lines[line]?.basket,
        !restaurants.contains(.restaurant(basket.restaurant))
      else { return all }
      return all + tell([.restaurant(basket.restaurant)], Party.leftOut)
    case .ticket, .payment, .rider, .trip, .board: return []
    }
  }
}

extension Order.State {
  /// `cooking`, `rejected: payment declined`.
  public var statusText: String {
    if let reason { return "\(phase.name): \(reason.name)" }
    return isEscalated ? "\(phase.name), no rider found" : phase.name
  }
}

extension Party {
  /// What a kitchen's tablet shows of a party that goes on without it.
  public static let leftOut = "left out"
}

extension Party.State {
  public var statusText: String {
    if let reason { return "rejected: \(reason.name)" }
    let isAsked = phase == .paid || phase == .preparing
    let offers = isAsked ? wanted.filter { $0.line.offer != nil }.map { "line \($0.number)" } : []
    if !offers.isEmpty { return "choose for \(offers.joined(separator: ", "))" }
    return phase == .preparing && isAllReady ? "all ready" : "\(phase)"
  }
}

extension Location {
  func encodedAlone() -> [UInt8] {
    var writer = ByteWriter(capacity: 10)
    encode(into: &writer)
    return writer.bytes
  }

  /// Reads a record of the topic of riders' locations.
  public init(encoded bytes: [UInt8]) throws(SchemaError) {
    var reader = ByteReader(bytes)
    try self.init(from: &reader)
  }
}

import Bytes
import Clockwork
import EventSourcing

/// One turn of a task: decides, and applies each entry the moment it is written, by the same `fold` that will replay it.
struct TaskTurn {
  let now: Instant
  let settings: EngineSettings
  let nextInput: Int64
  var output: TaskOutput

  // MARK: Records

  mutating func handle(_ record: InputRecord, _ memory: inout TaskMemory, _ frontier: borrowing LiveFrontier) {
    var reader = ByteReader(record.value)
    let head: Envelope.Head
    do throws(SchemaError) { head = try Envelope.Head(from: &reader) } catch {
      return append(EntityID(kind: 0, number: 0), Self.nobody, .unreadable(why: "\(error)"), &memory)
    }
    handle(record.value, head, &memory, frontier)
  }

  private static let nobody = CommandID(high: 0, low: 0)

  private mutating func handle(
    _ bytes: [UInt8], _ head: Envelope.Head, _ memory: inout TaskMemory, _ frontier: borrowing LiveFrontier
  ) {
    if settings.absorbs, memory.inbox.has(head.id) {
      return append(head.to, head.id, .nothing(why: TaskMemory.seen), &memory)
    }
    let envelope: Envelope
    do throws(SchemaError) { envelope = try Envelope(encoded: bytes) } catch {
      return hold(bytes, head, "\(error)", &memory)
    }
    switch envelope.addressed.command {
    case .replayHeld, .releaseHeld:
      return free(head, skippingFirst: envelope.addressed.command == .releaseHeld, &memory, frontier)
    default: break
    }
    if memory.holds.isHeld(head.to) { return hold(bytes, head, "behind the held one", &memory) }
    guard head.schema <= settings.schema else {
      return hold(bytes, head, "version \(head.schema), and this engine knows up to \(settings.schema)", &memory)
    }
    if memory.admission.holds(head.to) {
      // Somebody wants something of it already: it begins now, out of its turn.
      begin(head.to, &memory, frontier)
    } else if case .order(.place(let basket)) = envelope.addressed.command, mustWait(head.to, memory) {
      let before = memory.admission.count
      output.notes.append(
        PushNote(
          subscriber: .customer(basket.customer), about: head.to, version: 0, at: now,
          status: "waiting, \(before) before it"))
      return append(head.to, head.id, .queued(record: bytes), &memory)
    }
    carryOut(envelope.addressed, head.id, &memory, frontier)
  }

  private mutating func hold(_ bytes: [UInt8], _ head: Envelope.Head, _ why: String, _ memory: inout TaskMemory) {
    guard (memory.holds.held[head.to]?.items.count ?? 0) < Holds<TaskMemory.HeldRecord>.most else {
      return append(head.to, head.id, .nothing(why: "too much waits for this entity"), &memory)
    }
    append(head.to, head.id, .held(record: bytes, why: why), &memory)
  }

  /// Handles what is held again, in order; the first that cannot be handled holds the rest again.
  private mutating func free(
    _ head: Envelope.Head, skippingFirst: Bool, _ memory: inout TaskMemory, _ frontier: borrowing LiveFrontier
  ) {
    guard let hold = memory.holds.held[head.to] else {
      return append(head.to, head.id, .nothing(why: "nothing is held"), &memory)
    }
    append(head.to, head.id, .freed, &memory)
    for item in hold.items.dropFirst(skippingFirst ? 1 : 0) {
      var reader = ByteReader(item.bytes)
      guard let head = try? Envelope.Head(from: &reader) else { continue }
      handle(item.bytes, head, &memory, frontier)
    }
  }

  // MARK: Admission

  /// New orders stand behind those that wait already.
  private func mustWait(_ order: EntityID, _ memory: borrowing TaskMemory) -> Bool {
    memory.orders[order.number].version == 0
      && (memory.admission.inProgress >= settings.mostInProgress || !memory.admission.isEmpty)
  }

  /// Begins as many of those that wait as there is room for.
  mutating func admit(_ memory: inout TaskMemory, _ frontier: borrowing LiveFrontier) {
    while memory.admission.inProgress < settings.mostInProgress, let order = memory.admission.first {
      begin(order, &memory, frontier)
    }
  }

  private mutating func begin(
    _ order: EntityID, _ memory: inout TaskMemory, _ frontier: borrowing LiveFrontier
  ) {
    let record = memory.admission.record(of: order)
    // It was read when it came: what cannot be read is held, and does not wait here.
    let envelope = record.flatMap { try? Envelope(encoded: $0) }
    append(order, envelope?.id ?? Self.nobody, .admitted, &memory)
    if let envelope { carryOut(envelope.addressed, envelope.id, &memory, frontier) }
  }

  // MARK: Timers

  mutating func fire(
    _ timer: Timers<Addressed>.Pending, _ memory: inout TaskMemory, _ frontier: borrowing LiveFrontier
  ) {
    let id = CommandID(
      process: "timer", instance: timer.id.entity,
      input: Position(log: timer.id.name, partition: memory.partition, offset: timer.due.nanoseconds), index: 0)
    append(timer.id.entity, id, .timerCleared(timer.id), &memory)
    carryOut(timer.command, id, &memory, frontier)
  }

  // MARK: Deciding

  private mutating func carryOut(
    _ addressed: Addressed, _ id: CommandID, _ memory: inout TaskMemory, _ frontier: borrowing LiveFrontier
  ) {
    let entity = addressed.to
    switch (addressed.command, entity.known) {
    case (.order(let command), .order):
      let command = settings.schema < 2 ? command.inFirstForm : command
      decide(OrderProcess.self, command, entity, id, \.orders, EngineEvent.order, &memory, frontier)
    case (.ticket(let command), .ticket):
      decide(KitchenProcess.self, command, entity, id, \.tickets, EngineEvent.ticket, &memory, frontier)
    case (.payment(let command), .payment):
      decide(PaymentProcess.self, command, entity, id, \.payments, EngineEvent.payment, &memory, frontier)
    case (.rider(let command), .rider):
      decide(RiderProcess.self, command, entity, id, \.riders, EngineEvent.rider, &memory, frontier)
    case (.trip(let command), .delivery):
      decide(TripProcess.self, command, entity, id, \.trips, EngineEvent.trip, &memory, frontier)
    case (.board(let command), .zone):
      decide(BoardProcess.self, command, entity, id, \.boards, EngineEvent.board, &memory, frontier)
    case (.party(let command), .party):
      decide(PartyProcess.self, command, entity, id, \.parties, EngineEvent.party, &memory, frontier)
    default: append(entity, id, .nothing(why: "no such command for \(entity.name)"), &memory)
    }
  }

  private mutating func decide<P: EntityProcess>(
    _: P.Type, _ command: P.Subject.Command, _ entity: EntityID, _ id: CommandID,
    _ store: KeyPath<TaskMemory, Entities<P.Subject>>, _ wrap: (P.Subject.Event) -> EngineEvent,
    _ memory: inout TaskMemory, _ frontier: borrowing LiveFrontier
  ) {
    // A state that is still held while it changes is copied, and a zone's board is a long list: nothing here keeps one.
    let before = memory[keyPath: store][entity.number].version
    let events: [P.Subject.Event]
    do throws(P.Subject.Rejection) {
      events = try P.Subject.decide(command, memory[keyPath: store][entity.number].state, at: now)
    } catch {
      return append(entity, id, .nothing(why: "refused: \(error)"), &memory)
    }
    if events.isEmpty { return append(entity, id, .nothing(why: "no effect"), &memory) }
    for (index, event) in events.enumerated() {
      let version = before + UInt64(index) + 1
      let wrapped = wrap(event)
      append(entity, id, .event(wrapped, version: version), &memory)
      let happened = Happened(entity, version: version, at: now, event)
      let effects = P.react(happened, memory[keyPath: store][entity.number].state)
      carry(effects, from: P.name, entity, version, id, &memory)
      if let autopilot = settings.autopilot {
        let effects = autopilot.react(entity, wrapped, memory, now)
        carry(effects, from: "autopilot", entity, version, id, &memory)
      }
      output.notes += PushNote.notes(on: wrapped, of: entity, version: version, at: now, memory)
      if let place = wrapped.place { output.places.append((rider: entity.number, at: place)) }
    }
  }

  private mutating func carry(
    _ effects: [Effect<Addressed>], from process: String, _ entity: EntityID, _ version: UInt64, _ cause: CommandID,
    _ memory: inout TaskMemory
  ) {
    for (index, effect) in effects.enumerated() {
      switch effect {
      case .send(let addressed):
        // The entity's version is the event's place in its own stream, which is what the process heard.
        let heard = Position(memory.input.log, memory.partition, Int64(clamping: version))
        let id = CommandID(process: process, instance: entity, input: heard, index: index)
        output.commands.append(Envelope(addressed, id: id, schema: 1))
      case .schedule(let addressed, let wait, let name):
        append(entity, cause, .timerSet(TimerID(entity, name), due: now + max(.zero, wait), addressed), &memory)
      case .cancelTimer(let name):
        let id = TimerID(entity, name)
        if memory.timers.has(id) { append(entity, cause, .timerCleared(id), &memory) }
      case .finish: break
      }
    }
  }

  private mutating func append(
    _ entity: EntityID, _ cause: CommandID, _ body: LogEntry.Body, _ memory: inout TaskMemory
  ) {
    let entry = LogEntry(entity: entity, at: now, cause: cause, nextInput: nextInput, body)
    memory.fold(entry)
    output.entries.append(entry)
  }
}

extension EngineEvent {
  /// Where a rider is now, when the event says so.
  fileprivate var place: Location? {
    guard case .rider(let event) = self else { return nil }
    switch event {
    case .wentOnline(let place), .moved(let place, _), .repositioned(let place, _): return place
    default: return nil
    }
  }
}

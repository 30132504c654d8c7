import Clockwork
import Delivery
import EventSourcing

/// A log in which everything that a task can have in memory comes up once: what it folds to is what the tests of
/// snapshots turn over.
enum SnapshotEntries {
  static let all: [LogEntry] = {
    var list = EntryList()
    list.orders()
    list.tickets()
    list.payments()
    list.riders()
    list.trips()
    list.boards()
    list.parties()
    list.others()
    return list.entries
  }()

  /// Of what has ended one of each kind stays whole.
  static func empty(_ topic: Topic = .orderCommands, _ partition: Int32 = 3) -> TaskMemory {
    TaskMemory(topic, partition, inbox: Inbox(capacity: 60), keepingWhole: 1)
  }

  static func snapshot() -> TaskSnapshot {
    var memory = empty()
    for entry in all { memory.fold(entry) }
    return TaskSnapshot(last: 300, entry: all.last?.encoded() ?? [], memory: memory)
  }
}

private struct EntryList {
  var entries: [LogEntry] = []
  private var versions: [EntityID: UInt64] = [:]

  private static let time = Instant(nanoseconds: 1_000)
  private static let later = Instant(nanoseconds: 2_000_000)
  private static let other = Zone(bits: 6)

  private mutating func add(_ entity: EntityID, _ body: LogEntry.Body) {
    let number = UInt64(entries.count) + 1
    entries.append(
      LogEntry(
        entity: entity, at: Self.time, cause: CommandID(client: 1, number: number), nextInput: Int64(number), body))
  }

  private mutating func add(_ entity: EntityID, _ events: EngineEvent...) {
    for event in events {
      versions[entity, default: 0] += 1
      add(entity, .event(event, version: versions[entity, default: 0]))
    }
  }

  mutating func orders() {
    var wanted = basket([OrderLine("bibimbap", count: 2, price: 300)])
    wanted.wish = "문 앞에"
    add(
      .order(1), .order(.placed(wanted)), .order(.paid), .order(.accepted(readyAt: Self.later)),
      .order(.riderAssigned(7)))
    add(.order(2), .order(.placed(wanted)), .order(.paid), .order(.accepted(readyAt: Self.later)), .order(.escalated))
    for order: UInt64 in [300, 4, 5] { add(.order(order), .order(.placed(wanted)), .order(.rejected(.kitchenOverdue))) }
  }

  mutating func tickets() {
    let ticket = EntityID.ticket(of: .party(9), line: 2)
    add(
      ticket, .ticket(.proposed(restaurant: 5, lines: [OrderLine("kimbap"), OrderLine("ramyeon")])),
      .ticket(.accepted(readyAt: Self.later)), .ticket(.itemSoldOut(item: "kimbap", substitute: "")))
    for order: UInt64 in 1...2 { add(.ticket(of: .order(order)), .ticket(.voided)) }
  }

  mutating func payments() {
    add(
      .payment(of: .order(1)), .payment(.requested(amount: 9_000, card: .silent)), .payment(.authorised),
      .payment(.refunded(amount: 2_000)))
    for order: UInt64 in 2...3 {
      add(
        .payment(of: .order(order)), .payment(.requested(amount: 5_000, card: .good)), .payment(.authorised),
        .payment(.captured))
    }
  }

  private func stops(_ numbers: UInt64...) -> [Stop] {
    numbers.map { Stop(ticket: $0, restaurant: 5, location: gangnam, readyAt: Self.later) }
  }

  mutating func riders() {
    add(.rider(1), .rider(.wentOnline(gangnam)))
    add(.rider(1), .rider(.reserved(trip: 8, epoch: 1, home: home, by: Self.other, until: Self.later)))
    add(.rider(2), .rider(.wentOnline(door)))
    add(.rider(2), .rider(.reserved(trip: 9, epoch: 1, home: home, by: Self.other, until: Self.later)))
    add(
      .rider(2), .rider(.confirmed(trip: 9, epoch: 1, stops: stops(3, 4), dropoff: door)),
      .rider(.collected(ticket: 3)), .rider(.planReceived(version: 2, stops: stops(3, 4, 5))),
      .rider(.arrived(ticket: 4)))
    add(
      .rider(3), .rider(.wentOnline(gangnam)), .rider(.repositionSuggested(Self.other, until: Self.later)),
      .rider(.signalLost))
  }

  mutating func trips() {
    add(
      EntityID(.delivery, 8), .trip(.requested(home: home, stops: stops(1), dropoff: door)),
      .trip(.assigned(rider: 4, epoch: 2, at: gangnam, order: [1], departure: Self.later)),
      .trip(.riderLost(rider: 4)), .trip(.widened(to: Self.other)), .trip(.escalated))
    add(
      EntityID(.delivery, 9), .trip(.requested(home: home, stops: stops(3, 4), dropoff: door)),
      .trip(.assigned(rider: 2, epoch: 1, at: gangnam, order: [4, 3], departure: Self.later)),
      .trip(.planRevised(version: 2, stops: stops(3, 4, 5), departure: Self.later)),
      .trip(.planAcknowledged(version: 2)), .trip(.collected(ticket: 3)), .trip(.arrived(ticket: 4)))
    for trip: UInt64 in 20...21 { add(EntityID(.delivery, trip), .trip(.aborted)) }
  }

  mutating func boards() {
    func job(_ trip: UInt64, backup: Bool = false, not unwilling: [UInt64] = []) -> EngineEvent {
      .board(
        .jobListed(
          trip: trip, pickup: backup ? door : gangnam, home: backup ? Self.other : home, backup: backup, not: unwilling,
          at: backup ? Self.later : Self.time))
    }
    add(.zone(home), .board(.riderListed(1, at: gangnam)), .board(.riderListed(2, at: door)), job(1), job(2))
    add(
      .zone(home), .board(.matched(trip: 1, rider: 2, home: home)), .board(.roundPassed(waiting: [2], at: Self.time)),
      job(3), .board(.widened(trip: 3, to: Self.other)), .board(.escalated(trip: 3, home: home)),
      .board(.pressureRose(need: 3, at: Self.later)), .board(.roundPassed(waiting: [], at: Self.time)),
      job(4, backup: true, not: [6, 7]))
  }

  mutating func parties() {
    let joined: (UInt8) -> EngineEvent = {
      .party(.basketJoined(line: $0, basket: basket([OrderLine("bibimbap", count: UInt64($0)), OrderLine("kimbap")])))
    }
    add(.party(1), .party(.opened(customer: 7, dropoff: door)), joined(1), joined(2), .party(.locked(card: .silent)))
    add(
      .party(1), .party(.paid), .party(.lineAccepted(line: 1, readyAt: Self.later)), .party(.preparing),
      .party(.riderAssigned(3)), .party(.allReady),
      .party(.optionOffered(line: 1, item: "kimbap", substitute: "ramyeon", deadline: Self.later)),
      .party(.optionOffered(line: 2, item: "", substitute: "", deadline: Self.time)))
    add(.party(2), .party(.opened(customer: 8, dropoff: door)), joined(3), .party(.escalated))
    for party: UInt64 in 3...4 {
      add(.party(party), .party(.opened(customer: 8, dropoff: door)), .party(.rejected(.paymentDeclined)))
    }
  }

  mutating func others() {
    add(.order(1), .timerSet(TimerID(.order(1), 2), due: Self.later, .order(.order(1), .paymentOverdue)))
    add(.rider(2), .timerSet(TimerID(.rider(2), 1), due: Self.time, .rider(.rider(2), .leaseOver(epoch: 1))))
    add(.order(9), .timerSet(TimerID(.order(9), 1), due: Self.time, .order(.order(9), .cancel)))
    add(.order(9), .timerCleared(TimerID(.order(9), 1)))
    add(.order(9), .held(record: [1, 2, 3], why: "version 9"))
    add(.order(9), .held(record: [], why: "behind the held one"))
    // The one in the middle is let in out of its turn.
    for order: UInt64 in 21...23 { add(.order(order), .queued(record: [UInt8(order)])) }
    add(.order(22), .admitted)
    add(.order(22), .order(.placed(basket())))
    add(.order(1), .nothing(why: "seen before"))
    add(.order(1), .unreadable(why: "noise"))
    add(EntityID(kind: 0, number: 0), .opened(owner: "b", term: 77))
  }
}

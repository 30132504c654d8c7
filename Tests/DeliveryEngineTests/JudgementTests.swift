import Clockwork
import Delivery
import EventSourcing
import Simulation
import Testing

/// The judge is shown a good evening, and then the same one with one thing wrong.
@Suite("The judge of the engine's logs")
struct JudgementTests {
  /// Party 4 of restaurants 1, 2 and 3, of which the third was left out, brought by rider 7.
  struct Evening {
    var entries: [LogEntry] = []
    var notes: [PushNote] = []

    mutating func tell(_ entity: EntityID, _ events: [EngineEvent], skipping gap: UInt64 = 0) {
      for event in events {
        let version = UInt64(entries.count { $0.entity == entity }) + 1 + gap
        let cause = CommandID(client: 1, number: UInt64(entries.count))
        entries.append(
          LogEntry(entity: entity, at: .start, cause: cause, nextInput: 0, .event(event, version: version)))
      }
    }

    mutating func rider(_ number: UInt64, _ events: [Rider.Event]) {
      tell(.rider(number), events.map(EngineEvent.rider))
    }

    mutating func show(_ status: String, to subscriber: EntityID) {
      notes.append(
        PushNote(
          subscriber: subscriber, about: JudgementTests.party, version: UInt64(notes.count), at: .start, status: status)
      )
    }

    mutating func removeLast(_ entity: EntityID) {
      if let place = entries.lastIndex(where: { $0.entity == entity }) { entries.remove(at: place) }
    }

    var found: Set<String> {
      let judgement = EngineJudgement(EngineLogs(entries, notes: notes))
      return Set((judgement.always + judgement.settled).filter { !$0.found.isEmpty }.map(\.name))
    }
  }

  private static let party = EntityID.party(4)
  private static let trip = EntityID.delivery(of: party).number
  private static let place = Location(latitude: 37_498_000, longitude: 127_027_000)
  private static let zone = Zone(of: place)

  private static func ticket(_ line: UInt8) -> EntityID { .ticket(of: party, line: line) }
  private static func reserved(_ trip: UInt64) -> Rider.Event {
    .reserved(trip: trip, epoch: 1, home: zone, by: zone, until: .start)
  }

  private static var good: Evening {
    var evening = Evening()
    let lines: [UInt8] = [1, 2, 3]
    func basket(_ line: UInt8) -> Basket {
      Basket(customer: 5, restaurant: UInt64(line), pickup: place, dropoff: place, lines: [OrderLine("bibimbap")])
    }
    var events: [Party.Event] = [.opened(customer: 5, dropoff: place)]
    events += lines.map { .basketJoined(line: $0, basket: basket($0)) }
    events += [.locked(card: .good), .paid, .lineDropped(line: 3, refund: 9_000)]
    events += [1, 2].map { .lineAccepted(line: $0, readyAt: .start) }
    events += [.preparing, .riderAssigned(7), .lineCollected(line: 1), .lineCollected(line: 2), .delivered]
    evening.tell(party, events.map(EngineEvent.party))
    let payment: [Payment.Event] = [
      .requested(amount: 27_000, card: .good), .authorised, .captured, .refunded(amount: 9_000),
    ]
    evening.tell(.payment(of: party), payment.map(EngineEvent.payment))
    for line in lines {
      let proposed = KitchenTicket.Event.proposed(restaurant: UInt64(line), lines: [OrderLine("bibimbap")])
      let rest: [KitchenTicket.Event] = line == 3 ? [.voided] : [.accepted(readyAt: .start), .ready, .handedOver]
      evening.tell(ticket(line), ([proposed] + rest).map(EngineEvent.ticket))
    }
    evening.rider(
      7,
      [.wentOnline(place), reserved(trip), .collected(ticket: ticket(1).number), .collected(ticket: ticket(2).number)])
    evening.rider(7, [.delivered(trip: trip, home: zone)])
    for subscriber in [EntityID.customer(5), .restaurant(1), .restaurant(2), .rider(7)] {
      evening.show("delivered", to: subscriber)
    }
    evening.show(Party.leftOut, to: .restaurant(3))
    return evening
  }

  @Test("finds nothing where nothing is wrong")
  func fine() { #expect(Self.good.found.isEmpty) }

  enum Wrong: String, CaseIterable, Sendable {
    case aVersionIsMissing = "OneWriterPerEntity"
    case aRiderHasTwo = "NoDoubleAssignment"
    case aPartyIsBroughtTwice = "DeliveredOnce"
    case aTicketIsCollectedTwice = "CollectedOnce"
    case aTicketIsNotCollected = "PartiesBroughtWhole"
    case aTabletShowsWhatWas = "EveryViewOfPartiesAgrees"
    case moneyIsKept = "NoPartyHalfDone"
    case aPartyStandsStill = "EveryPartyEnds"
  }

  @Test("finds what is wrong", arguments: Wrong.allCases)
  func wrong(_ wrong: Wrong) {
    var evening = Self.good
    switch wrong {
    case .aVersionIsMissing: evening.tell(.rider(7), [.rider(.wentOffline)], skipping: 1)
    case .aRiderHasTwo: evening.rider(7, [Self.reserved(8), Self.reserved(10)])
    case .aPartyIsBroughtTwice: evening.rider(7, [.delivered(trip: Self.trip, home: Self.zone)])
    case .aTicketIsCollectedTwice: evening.rider(7, [.collected(ticket: Self.ticket(2).number)])
    case .aTicketIsNotCollected:
      evening.entries.removeAll { $0.entity == .rider(7) }
      evening.rider(7, [.wentOnline(Self.place), Self.reserved(Self.trip), .collected(ticket: Self.ticket(1).number)])
      evening.rider(7, [.delivered(trip: Self.trip, home: Self.zone)])
    case .aTabletShowsWhatWas: evening.show("preparing", to: .restaurant(2))
    case .moneyIsKept: evening.removeLast(.payment(of: Self.party))
    case .aPartyStandsStill: evening.removeLast(Self.party)
    }
    #expect(evening.found == [wrong.rawValue])
  }

  @Test("a party that two riders collect for is found by what they took, and by whom the customer was promised")
  func twoRiders() {
    var evening = Self.good
    evening.entries.removeAll { $0.entity == .rider(7) }
    evening.rider(7, [.wentOnline(Self.place), Self.reserved(Self.trip), .collected(ticket: Self.ticket(1).number)])
    evening.rider(7, [.delivered(trip: Self.trip, home: Self.zone)])
    evening.rider(8, [.wentOnline(Self.place), .collected(ticket: Self.ticket(2).number)])
    #expect(evening.found == ["CollectedOnce", "PartiesBroughtWhole"])
  }

  @Test("a kitchen that still cooks for a party that is over, and a rider who still has it, are found")
  func leftBehind() {
    var evening = Self.good
    evening.removeLast(Self.ticket(3))
    #expect(evening.found == ["NoPartyHalfDone"])
    evening = Self.good
    evening.removeLast(.rider(7))
    #expect(evening.found == ["NoPartyHalfDone"])
  }

  @Test("a restaurant that was left out and not told is found, and one that was cancelled with the others")
  func untold() {
    var evening = Self.good
    evening.notes.removeAll { $0.subscriber == .restaurant(3) }
    #expect(evening.found == ["EveryViewOfPartiesAgrees"])
    evening = Self.good
    evening.removeLast(Self.party)
    evening.tell(Self.party, [.party(.cancelled)])
    #expect(evening.found.contains("EveryViewOfPartiesAgrees"))
  }
}

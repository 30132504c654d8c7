import Clockwork
import Delivery
import EventSourcing
import Testing

@Suite("A party order: several kitchens, one rider")
struct PartyRowTests {
  static let places = [gangnam, gangnam.moved(east: 400, north: 0), gangnam.moved(east: 0, north: 500)]

  /// A party of three restaurants, paid.
  static func party(_ weather: OrderRowTests.Weather = .fair) -> Loop {
    var loop = OrderRowTests.loop(weather)
    loop.online(1)
    loop.send(.party(.party(4), .open(customer: 77, dropoff: door)))
    for line in 1...3 {
      let lines = [OrderLine("dish \(line)"), OrderLine("side \(line)", price: 2_000)]
      let basket = basket(lines, restaurant: UInt64(line), at: places[line - 1])
      loop.send(.party(.party(4), .join(line: UInt8(line), basket: basket)))
    }
    loop.send(.party(.party(4), .lock(card: .good)))
    loop.run(for: .seconds(1))
    return loop
  }

  static func ticket(_ loop: inout Loop, _ line: UInt8, _ command: KitchenTicket.Command) {
    loop.send(.ticket(of: .party(4), line: line, at: UInt64(line), command))
  }

  static func accept(_ loop: inout Loop, _ lines: [UInt8] = [1, 2, 3]) {
    for line in lines { ticket(&loop, line, .accept(readyAt: loop.now + .seconds(300 + Int64(line) * 60))) }
    loop.run(for: .seconds(10))
  }

  static func stop(_ line: UInt8) -> UInt64 { EntityID.ticket(of: .party(4), line: line).number }

  @Test("b1, b5: one payment, n tickets, one rider, all ready once", arguments: OrderRowTests.Weather.allCases)
  func happy(_ weather: OrderRowTests.Weather) {
    var loop = Self.party(weather)
    #expect(loop.payment(of: .party(4)).amount == 33_000)
    Self.accept(&loop)
    #expect(loop.party(4).phase == .preparing && loop.party(4).rider == 1 && loop.rider(1).stops.count == 3)
    for line: UInt8 in [3, 1, 2] { Self.ticket(&loop, line, .ready) }
    loop.run(for: .seconds(1))
    #expect(loop.party(4).isAllReady && loop.count { $0 == .party(.allReady) } == 1)
    for stop in loop.rider(1).stops { loop.rider(1, .collect(ticket: stop.ticket)) }
    loop.rider(1, .deliver)
    loop.run(for: .seconds(1))
    #expect(loop.party(4).phase == .delivered)
    #expect(loop.count { if case .rider(.collected) = $0 { true } else { false } } == 3)
  }

  @Test(
    "b1: one kitchen refuses, the customer is asked, and goes on without it", arguments: OrderRowTests.Weather.allCases)
  func refusal(_ weather: OrderRowTests.Weather) {
    var loop = Self.party(weather)
    Self.ticket(&loop, 2, .refuse)
    Self.accept(&loop, [1, 3])
    #expect(loop.party(4).phase == .paid && loop.party(4).lines[2]?.offer != nil)
    loop.send(.party(.party(4), .choose(line: 2, choice: .without)))
    loop.run(for: .seconds(10))
    #expect(loop.party(4).phase == .preparing && loop.rider(1).stops.count == 2)
    #expect(loop.payment(of: .party(4)).refunded == 11_000)
  }

  @Test("b2: a later estimate makes a new plan, and a stale one is ignored", arguments: OrderRowTests.Weather.allCases)
  func replan(_ weather: OrderRowTests.Weather) {
    var loop = Self.party(weather)
    Self.accept(&loop)
    let before = loop.trip(of: .party(4))
    Self.ticket(&loop, 1, .delay(readyAt: loop.now + .seconds(3_000)))
    loop.run(for: .seconds(1))
    let after = loop.trip(of: .party(4))
    #expect(after.plan == before.plan + 1 && after.acknowledged == after.plan)
    #expect(loop.rider(1).stops.last?.ticket == Self.stop(1) && after.departure >= before.departure)
    loop.rider(1, .revise(trip: EntityID.delivery(of: .party(4)).number, version: 0, stops: before.stops))
    loop.run(for: .seconds(1))
    #expect(loop.rider(1).stops == after.stops)
  }

  @Test(
    "b3: sold out: substitute, drop, or after 2 min what was declared", arguments: ["substitute", "drop", "silence"])
  func soldOut(_ answer: String) {
    var loop = Self.party()
    Self.accept(&loop)
    Self.ticket(&loop, 1, .soldOut(item: "side 1", substitute: answer == "drop" ? "" : "kimchi"))
    loop.run(for: .seconds(1))
    #expect(loop.party(4).statusText == "choose for line 1")
    switch answer {
    case "substitute": loop.send(.party(.party(4), .choose(line: 1, choice: .substitute)))
    case "drop": loop.send(.party(.party(4), .choose(line: 1, choice: .drop)))
    default: loop.run(for: .seconds(125))
    }
    loop.run(for: .seconds(1))
    let items = loop.ticket(of: .party(4), line: 1).lines.map(\.item)
    #expect(items == (answer == "drop" ? ["dish 1"] : ["dish 1", "kimchi"]))
    #expect(loop.payment(of: .party(4)).refunded == (answer == "drop" ? 2_000 : 0))
    #expect(loop.party(4).lines[1]?.basket.lines.map(\.item) == items)
  }

  @Test(
    "b4: a pick-up added while the rider stands at a stop comes after it", arguments: OrderRowTests.Weather.allCases)
  func added(_ weather: OrderRowTests.Weather) {
    var loop = Self.party(weather)
    Self.accept(&loop)
    let first = loop.rider(1).stops[0].ticket
    loop.rider(1, .arrive(ticket: first))
    loop.run(for: .seconds(1))
    let more = basket([OrderLine("cake")], restaurant: 4, at: gangnam.moved(east: 50, north: 50))
    for _ in 0..<2 { loop.send(.party(.party(4), .add(line: 4, basket: more))) }
    loop.run(for: .seconds(1))
    Self.ticket(&loop, 4, .accept(readyAt: loop.now))
    loop.run(for: .seconds(1))
    let stops = loop.rider(1).stops.map(\.ticket)
    #expect(stops.count == 4 && stops[0] == first && stops.contains(Self.stop(4)))
    #expect(loop.count { if case .party(.pickupAdded) = $0 { true } else { false } } == 1)
    for stop in loop.rider(1).stops { loop.rider(1, .collect(ticket: stop.ticket)) }
    loop.rider(1, .deliver)
    loop.run(for: .seconds(1))
    #expect(loop.party(4).phase == .delivered)
  }

  @Test("b4: a plan that the phone does not acknowledge in 15 s is sent again")
  func resent() {
    let stops = [Stop(ticket: 1, restaurant: 1, location: gangnam, readyAt: .start)]
    let events: [Trip.Event] = [
      .requested(home: home, stops: stops, dropoff: door),
      .assigned(rider: 1, epoch: 1, at: gangnam, order: [1], departure: .start),
      .planRevised(version: 1, stops: stops, departure: .start),
    ]
    #expect(Given<Trip>(events).when(.planOverdue(version: 1)).mismatch(then: [.planResent(version: 1)]) == nil)
    let acknowledged = events + [.planAcknowledged(version: 1)]
    #expect(Given<Trip>(acknowledged).when(.planOverdue(version: 1)).mismatch(then: []) == nil)
    #expect(Given<Trip>(events).when(.planOverdue(version: 0)).mismatch(then: []) == nil)
    let state = Trip.fold(events + [.planResent(version: 1)])
    let happened = Happened(.delivery(of: .party(4)), version: 4, at: .start, Trip.Event.planResent(version: 1))
    let effects = TripProcess.react(happened, state)
    #expect(effects.contains { if case .schedule(_, .seconds(15), _) = $0 { true } else { false } })
  }

  @Test("a party is cancelled until the first line is collected", arguments: [false, true])
  func cancelling(isCollected: Bool) {
    var loop = Self.party()
    Self.accept(&loop)
    if isCollected { loop.rider(1, .collect(ticket: Self.stop(2))) }
    loop.run(for: .seconds(1))
    loop.send(.party(.party(4), .cancel))
    loop.run(for: .seconds(1))
    #expect(loop.party(4).phase == (isCollected ? .preparing : .cancelled))
    #expect(loop.rider(1).isIdle == !isCollected)
    #expect(loop.payment(of: .party(4)).phase == (isCollected ? .captured : .refunded))
  }

  @Test("c1: pressure calls idle riders from next door, once in a while")
  func pressure() {
    var loop = Loop(EngineSettings(autopilot: Autopilot(kitchens: true, riders: true, cooking: .seconds(900))))
    let next = home.neighbours[0]
    for rider: UInt64 in 1...3 { loop.online(rider, at: next.centre) }
    for order: UInt64 in 1...8 { loop.place(order) }
    loop.run(for: .seconds(60))
    #expect(loop.count { if case .board(.pressureRose) = $0 { true } else { false } } == 1)
    #expect(loop.count { if case .rider(.repositionSuggested) = $0 { true } else { false } } >= 1)
    #expect((1...3).contains { Zone(of: loop.rider($0).location) == home })
  }

  @Test("without the inbox a record that comes twice pays back twice", arguments: [true, false])
  func inbox(absorbs: Bool) {
    var loop = Loop()
    (loop.duplicates, loop.settings.absorbs) = (true, absorbs)
    loop.send(.payment(of: .party(4), .request(amount: 33_000, card: .good)))
    loop.run(for: .seconds(1))
    loop.send(.payment(of: .party(4), .capture))
    loop.send(.payment(of: .party(4), .refund(amount: 2_000)))
    loop.run(for: .seconds(1))
    #expect(loop.payment(of: .party(4)).refunded == (absorbs ? 2_000 : 4_000))
  }
}

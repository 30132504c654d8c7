import Clockwork
import Delivery
import EventSourcing
import Testing

@Suite("A party that grows, is sold out, or is not heard")
struct PartyAdditionTests {
  typealias Weather = OrderRowTests.Weather

  static let cake = basket([OrderLine("cake")], restaurant: 4, at: gangnam.moved(east: 50, north: 50))

  /// Three kitchens have said yes, one rider comes; a fourth is asked.
  static func grown(_ weather: Weather = .fair) -> Loop {
    var loop = PartyRowTests.party(weather)
    PartyRowTests.accept(&loop)
    loop.send(.party(.party(4), .add(line: 4, basket: cake)))
    loop.run(for: .seconds(1))
    return loop
  }

  static func collectAll(_ loop: inout Loop) {
    for stop in loop.rider(1).left { loop.rider(1, .collect(ticket: stop.ticket)) }
    loop.run(for: .seconds(1))
  }

  @Test("what is added is paid for, and goes back when its kitchen refuses", arguments: Weather.allCases)
  func money(_ weather: Weather) {
    var loop = Self.grown(weather)
    #expect(loop.payment(of: .party(4)).amount == 33_000 + 9_000)
    PartyRowTests.ticket(&loop, 4, .refuse)
    loop.run(for: .seconds(1))
    loop.send(.party(.party(4), .choose(line: 4, choice: .without)))
    loop.run(for: .seconds(1))
    #expect(loop.payment(of: .party(4)).refunded == 9_000 && loop.payment(of: .party(4)).phase == .captured)
    #expect(loop.rider(1).stops.count == 3)
  }

  @Test("a kitchen that was added and says nothing is left out after three minutes", arguments: Weather.allCases)
  func silent(_ weather: Weather) {
    var loop = Self.grown(weather)
    loop.run(for: OrderProcess.kitchenPatience + .seconds(1))
    #expect(loop.party(4).lines[4]?.phase == .dropped && loop.payment(of: .party(4)).refunded == 9_000)
    for line: UInt8 in [1, 2, 3] { PartyRowTests.ticket(&loop, line, .ready) }
    Self.collectAll(&loop)
    loop.rider(1, .deliver)
    loop.run(for: .seconds(1))
    #expect(loop.party(4).phase == .delivered)
  }

  @Test(
    "a kitchen that says yes when the rider has left is left out, and paid back", arguments: Weather.allCases,
    [true, false])
  func tooLate(_ weather: Weather, isDelivered: Bool) {
    var loop = Self.grown(weather)
    Self.collectAll(&loop)
    if isDelivered { loop.rider(1, .deliver) }
    loop.run(for: .seconds(1))
    PartyRowTests.ticket(&loop, 4, .accept(readyAt: loop.now))
    loop.run(for: .seconds(1))
    if !isDelivered { loop.rider(1, .deliver) }
    loop.run(for: .seconds(1))
    #expect(loop.party(4).phase == .delivered && loop.party(4).lines[4]?.phase == .dropped)
    #expect(loop.payment(of: .party(4)).refunded == 9_000)
    #expect(loop.ticket(of: .party(4), line: 4).phase == .voided)
  }

  @Test("b4: what a phone without signal is told is sent again until it answers", arguments: Weather.allCases)
  func noSignal(_ weather: Weather) {
    var loop = PartyRowTests.party(weather)
    PartyRowTests.accept(&loop)
    loop.rider(1, .loseSignal)
    loop.send(.party(.party(4), .add(line: 4, basket: Self.cake)))
    loop.run(for: .seconds(1))
    PartyRowTests.ticket(&loop, 4, .accept(readyAt: loop.now))
    loop.run(for: .seconds(40))
    let trip = loop.trip(of: .party(4))
    #expect(trip.plan == 1 && trip.acknowledged == 0 && loop.rider(1).stops.count == 3)
    #expect(loop.count { if case .trip(.planResent) = $0 { true } else { false } } == 2)
    loop.rider(1, .regainSignal)
    loop.run(for: .seconds(15))
    #expect(loop.trip(of: .party(4)).acknowledged == 1 && loop.rider(1).stops.count == 4)
    loop.run(for: .seconds(60))
    #expect(loop.count { if case .trip(.planResent) = $0 { true } else { false } } == 3)
  }

  @Test("a rider who never heard of a stop hands over the rest, and it is paid back", arguments: Weather.allCases)
  func neverHeard(_ weather: Weather) {
    var loop = PartyRowTests.party(weather)
    PartyRowTests.accept(&loop)
    loop.rider(1, .loseSignal)
    loop.send(.party(.party(4), .add(line: 4, basket: Self.cake)))
    loop.run(for: .seconds(1))
    PartyRowTests.ticket(&loop, 4, .accept(readyAt: loop.now))
    loop.run(for: .seconds(1))
    Self.collectAll(&loop)
    loop.rider(1, .deliver)
    loop.run(for: .seconds(60))
    #expect(loop.party(4).phase == .delivered && loop.trip(of: .party(4)).phase == .delivered)
    #expect(loop.payment(of: .party(4)).refunded == 9_000 && loop.rider(1).isIdle)
    #expect(loop.ticket(of: .party(4), line: 4).phase == .voided)
  }

  @Test("b3: a second thing that is sold out settles the first as declared")
  func twoOffers() {
    var loop = PartyRowTests.party()
    PartyRowTests.accept(&loop)
    PartyRowTests.ticket(&loop, 1, .soldOut(item: "dish 1", substitute: "dumplings"))
    PartyRowTests.ticket(&loop, 1, .soldOut(item: "side 1", substitute: ""))
    loop.run(for: .seconds(125))
    #expect(loop.ticket(of: .party(4), line: 1).lines.map(\.item) == ["dumplings"])
    #expect(loop.ticket(of: .party(4), line: 1).missing.isEmpty)
    #expect(loop.payment(of: .party(4)).refunded == 2_000)
  }

  /// Any order of the kitchens' words, some said again: all ready once, and not before the last one's first word.
  @Test("b5: all ready is a set and no counter", arguments: 1...20)
  func set(seed: Int) {
    var dice = Dice(seed: UInt64(seed))
    var loop = PartyRowTests.party()
    PartyRowTests.accept(&loop)
    var heard: Set<UInt8> = []
    while heard.count < 3 {
      let line = UInt8(1 + dice.roll(3))
      #expect(!loop.party(4).isAllReady, "seed \(seed): after \(heard.sorted())")
      // As if the kitchen's process had told twice: under another name, so that no inbox absorbs it.
      loop.send(.party(.party(4), .kitchenReady(line: line)))
      loop.run(for: .seconds(1))
      heard.insert(line)
    }
    #expect(loop.party(4).isAllReady && loop.count { $0 == .party(.allReady) } == 1, "seed \(seed)")
  }
}

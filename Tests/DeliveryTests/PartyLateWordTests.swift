import Clockwork
import Delivery
import EventSourcing
import Testing

/// Words that come when the party has moved on: answers, silences and refusals that meet a rider under way.
@Suite("A party and words that come late")
struct PartyLateWordTests {
  static func readyAll(_ loop: inout Loop) {
    for line: UInt8 in [1, 2, 3] { PartyRowTests.ticket(&loop, line, .ready) }
    loop.run(for: .seconds(1))
  }

  static func deliver(_ loop: inout Loop) {
    PartyAdditionTests.collectAll(&loop)
    loop.rider(1, .deliver)
    loop.run(for: .seconds(1))
  }

  @Test("what nobody has decided when it is collected is as its kitchen declared", arguments: ["", "kimchi"])
  func collectedUndecided(substitute: String) {
    var loop = PartyRowTests.party()
    PartyRowTests.accept(&loop)
    PartyRowTests.ticket(&loop, 1, .soldOut(item: "side 1", substitute: substitute))
    Self.readyAll(&loop)
    Self.deliver(&loop)
    #expect(loop.party(4).phase == .delivered && loop.party(4).lines[1]?.offer == nil)
    #expect(loop.party(4).lines[1]?.basket.lines.map(\.item) == (substitute == "" ? ["dish 1"] : ["dish 1", "kimchi"]))
    #expect(loop.payment(of: .party(4)).refunded == (substitute == "" ? 2_000 : 0))
  }

  @Test("an answer after the delivery changes nothing", arguments: Party.Choice.allCases)
  func answeredAfterDelivery(choice: Party.Choice) {
    var loop = PartyRowTests.party()
    PartyRowTests.accept(&loop)
    PartyRowTests.ticket(&loop, 1, .soldOut(item: "dish 1", substitute: "dumplings"))
    Self.readyAll(&loop)
    Self.deliver(&loop)
    let before = (state: loop.party(4), refunded: loop.payment(of: .party(4)).refunded)
    loop.send(.party(.party(4), .choose(line: 1, choice: choice)))
    loop.run(for: Party.offerTime + .seconds(5))
    #expect(before.state.phase == .delivered && loop.party(4) == before.state)
    #expect(loop.payment(of: .party(4)).refunded == before.refunded)
  }

  @Test("while the delivery decides whether a party can be cancelled, no answer ends it", arguments: [true, false])
  func answeredWhileCancelling(isCustomer: Bool) {
    let basket = basket([OrderLine("cake")])
    let events: [Party.Event] = [
      .opened(customer: 77, dropoff: door), .basketJoined(line: 1, basket: basket), .locked(card: .good), .paid,
      .lineAccepted(line: 1, readyAt: .start), .preparing,
      .optionOffered(line: 1, item: "cake", substitute: "", deadline: .start), .cancelRequested,
    ]
    if isCustomer {
      #expect(throws: Party.Rejection.tooLate) {
        try Party.decide(.choose(line: 1, choice: .without), Party.fold(events), at: .start)
      }
    } else {
      #expect(Given<Party>(events).when(.offerOverdue(line: 1)).mismatch(then: []) == nil)
    }
  }

  @Test("a cancelled party shows as cancelled, whatever was asked before")
  func cancelledWhileAsked() {
    var loop = PartyRowTests.party()
    PartyRowTests.accept(&loop)
    PartyRowTests.ticket(&loop, 1, .soldOut(item: "side 1", substitute: ""))
    loop.run(for: .seconds(1))
    #expect(loop.shown(to: .customer(77), about: .party(4)) == "choose for line 1")
    loop.send(.party(.party(4), .cancel))
    loop.run(for: .seconds(5))
    #expect(loop.party(4).phase == .cancelled)
    for subscriber in [EntityID.customer(77), .restaurant(1), .restaurant(2), .restaurant(3), .rider(1)] {
      #expect(loop.shown(to: subscriber, about: .party(4)) == "cancelled", "\(subscriber.name)")
    }
  }

  @Test("a kitchen that is left out is told so")
  func leftOut() {
    var loop = PartyRowTests.party()
    PartyRowTests.ticket(&loop, 2, .refuse)
    PartyRowTests.accept(&loop, [1, 3])
    loop.send(.party(.party(4), .choose(line: 2, choice: .without)))
    loop.run(for: .seconds(10))
    #expect(loop.shown(to: .restaurant(2), about: .party(4)) == "left out")
    #expect(loop.shown(to: .restaurant(1), about: .party(4)) == "preparing")
  }

  @Test("b5: all ready is said once, though a line is left out after it")
  func droppedAfterAllReady() {
    var loop = PartyRowTests.party()
    PartyRowTests.accept(&loop)
    PartyRowTests.ticket(&loop, 1, .soldOut(item: "side 1", substitute: ""))
    Self.readyAll(&loop)
    loop.send(.party(.party(4), .choose(line: 1, choice: .without)))
    loop.run(for: .seconds(5))
    #expect(loop.party(4).lines[1]?.phase == .dropped && loop.party(4).isAllReady)
    #expect(loop.count { $0 == .party(.allReady) } == 1)
  }

  @Test("b4: a restaurant that is added elsewhere, under the lowest number, is brought by the same rider")
  func addedElsewhere() throws {
    var loop = Loop()
    func partition(_ zone: Zone) -> Int32 {
      Topic.partition(of: EntityID.zone(zone).key, count: loop.settings.partitions)
    }
    let elsewhere = try #require(home.neighbours.first { partition($0) != partition(home) })
    loop.online(1)
    loop.send(.party(.party(4), .open(customer: 77, dropoff: door)))
    for line: UInt8 in [2, 3] {
      loop.send(.party(.party(4), .join(line: line, basket: basket(restaurant: UInt64(line)))))
    }
    loop.send(.party(.party(4), .lock(card: .good)))
    loop.run(for: .seconds(1))
    PartyRowTests.accept(&loop, [2, 3])
    loop.send(.party(.party(4), .add(line: 1, basket: basket(restaurant: 1, at: elsewhere.centre))))
    loop.run(for: .seconds(1))
    PartyRowTests.ticket(&loop, 1, .accept(readyAt: loop.now))
    loop.run(for: .seconds(1))
    #expect(loop.rider(1).stops.count == 3)
    Self.deliver(&loop)
    #expect(loop.party(4).phase == .delivered && loop.party(4).wanted.count == 3)
  }

  @Test("without the only kitchen that has said yes there is no party, though another is being asked")
  func onlyOneLeft() {
    var loop = PartyAdditionTests.grown()
    for line: UInt8 in [1, 2, 3] {
      PartyRowTests.ticket(&loop, line, .soldOut(item: "dish \(line)", substitute: ""))
      loop.run(for: .seconds(1))
      loop.send(.party(.party(4), .choose(line: line, choice: .without)))
      loop.run(for: .seconds(1))
    }
    #expect(loop.party(4).phase == .cancelled && loop.payment(of: .party(4)).phase == .refunded)
    #expect(loop.rider(1).isIdle && loop.ticket(of: .party(4), line: 4).phase == .voided)
  }

  @Test("a party of whose kitchens the last one says nothing is over")
  func nobodyLeft() {
    var loop = PartyRowTests.party()
    for line: UInt8 in [1, 2, 3] { PartyRowTests.ticket(&loop, line, .refuse) }
    loop.run(for: .seconds(1))
    loop.send(.party(.party(4), .add(line: 4, basket: PartyAdditionTests.cake)))
    for line: UInt8 in [1, 2, 3] { loop.send(.party(.party(4), .choose(line: line, choice: .without))) }
    // The added one's own patience may be over before that of all kitchens: as if its timer had come first.
    loop.send(.party(.party(4), .lineOverdue(line: 4)))
    loop.run(for: OrderProcess.kitchenPatience + .seconds(5))
    #expect(loop.party(4).phase.isOver && loop.payment(of: .party(4)).phase == .refunded)
  }

  @Test("a rider at a door that is left out goes on to the next")
  func leftOutWhileThere() {
    var loop = PartyRowTests.party()
    PartyRowTests.accept(&loop)
    let first = loop.rider(1).stops[0].ticket
    let line = EntityID(.ticket, first).line
    loop.rider(1, .arrive(ticket: first))
    PartyRowTests.ticket(&loop, line, .soldOut(item: "dish \(line)", substitute: ""))
    loop.run(for: .seconds(1))
    loop.send(.party(.party(4), .choose(line: line, choice: .without)))
    loop.run(for: .seconds(1))
    #expect(loop.rider(1).at == nil && loop.rider(1).stops.count == 2)
    #expect(loop.trip(of: .party(4)).at == nil)
  }
}

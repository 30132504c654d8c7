import Clockwork
import Delivery
import EventSourcing
import Testing

/// The rows of one order, each once as it is, once with every record twice, once with a crash after every turn.
@Suite("One order, from the table to the door")
struct OrderRowTests {
  enum Weather: CaseIterable { case fair, twice, crashing }

  static func loop(_ weather: Weather) -> Loop {
    var loop = Loop()
    loop.duplicates = weather == .twice
    loop.crashes = weather == .crashing
    return loop
  }

  @Test("the natural way: placed, paid, cooked, brought", arguments: Weather.allCases)
  func happy(_ weather: Weather) {
    var loop = Self.loop(weather)
    loop.online(1)
    loop.place(9)
    loop.run(for: .seconds(1))
    #expect(loop.order(9).phase == .paid && loop.ticket(of: .order(9)).phase == .proposed)
    loop.kitchen(9, .accept(readyAt: loop.now + .seconds(600)))
    loop.run(for: .seconds(10))
    #expect(loop.order(9).phase == .accepted && loop.order(9).rider == 1)
    #expect(loop.payment(of: .order(9)).phase == .captured)
    #expect(loop.rider(1).phase == .busy && loop.trip(of: .order(9)).phase == .assigned)
    loop.kitchen(9, .ready)
    loop.rider(1, .collect(ticket: EntityID.ticket(of: .order(9)).number))
    loop.run(for: .seconds(1))
    #expect(loop.order(9).phase == .pickedUp && loop.ticket(of: .order(9)).phase == .handedOver)
    loop.rider(1, .deliver)
    loop.run(for: .seconds(1))
    #expect(loop.order(9).phase == .delivered && loop.rider(1).isIdle)
    #expect(loop.count { $0 == .order(.delivered) } == 1 && loop.count { $0 == .payment(.captured) } == 1)
    for device in [EntityID.customer(77), .restaurant(5), .rider(1)] {
      #expect(loop.shown(to: device, about: .order(9)) == "delivered")
    }
  }

  @Test("a1: a bank that says no, or nothing for 30 s, rejects the order", arguments: Weather.allCases)
  func bank(_ weather: Weather) {
    var loop = Self.loop(weather)
    loop.place(1, card: .declined)
    loop.place(2, card: .silent)
    loop.run(for: .seconds(29))
    #expect(loop.order(1).reason == .paymentDeclined && loop.order(2).phase == .placed)
    loop.run(for: .seconds(2))
    #expect(loop.order(2).reason == .paymentOverdue && loop.payment(of: .order(2)).phase == .voided)
  }

  @Test(
    "a2: a kitchen that refuses, or says nothing for 3 min, has the authorisation voided", arguments: Weather.allCases)
  func kitchen(_ weather: Weather) {
    var loop = Self.loop(weather)
    loop.place(1)
    loop.place(2)
    loop.run(for: .seconds(1))
    loop.kitchen(1, .refuse)
    loop.run(for: .seconds(170))
    #expect(loop.order(1).reason == .kitchenRefused && loop.payment(of: .order(1)).phase == .voided)
    #expect(loop.order(2).phase == .paid)
    loop.run(for: .seconds(20))
    #expect(loop.order(2).reason == .kitchenOverdue && loop.ticket(of: .order(2)).phase == .voided)
  }

  @Test("a4: a lease that runs out frees the rider, and the next one is asked", arguments: Weather.allCases)
  func lease(_ weather: Weather) {
    var loop = Self.loop(weather)
    loop.online(1)
    loop.run(for: .seconds(1))
    // Reserved for a delivery that nobody has asked for: it is never confirmed.
    loop.rider(1, .reserve(trip: 4000, home: home, by: home))
    loop.run(for: .seconds(19))
    #expect(loop.rider(1).trip == nil || !loop.rider(1).isIdle)
    loop.run(for: .seconds(25))
    #expect(loop.rider(1).isIdle)
  }

  @Test("a4: a rider who says no is not asked again while there are others", arguments: Weather.allCases)
  func refusal(_ weather: Weather) {
    var loop = Self.loop(weather)
    loop.online(1)
    loop.online(2, at: gangnam.moved(east: 900, north: 0))
    loop.place(9)
    loop.run(for: .seconds(1))
    loop.kitchen(9, .accept(readyAt: loop.now + .seconds(600)))
    loop.run(for: .seconds(10))
    #expect(loop.order(9).rider == 1)
    loop.rider(1, .refuse)
    loop.run(for: .seconds(20))
    #expect(loop.order(9).rider == 2 && loop.rider(1).isIdle)
  }

  @Test("a4: two rounds in vain reach the neighbour's backup riders", arguments: Weather.allCases)
  func widening(_ weather: Weather) {
    var loop = Self.loop(weather)
    let next = home.neighbours[0]
    loop.online(3, at: next.centre)
    loop.place(9)
    loop.run(for: .seconds(1))
    loop.kitchen(9, .accept(readyAt: loop.now + .seconds(600)))
    loop.run(for: .seconds(4))
    #expect(loop.order(9).rider == nil)
    loop.run(for: .seconds(40))
    #expect(loop.order(9).rider == 3 && loop.trip(of: .order(9)).widened == [next])
  }

  @Test("a4: with nobody anywhere a person is called, and a rider who comes later still gets it")
  func escalation() {
    var loop = Loop()
    loop.place(9)
    loop.run(for: .seconds(1))
    loop.kitchen(9, .accept(readyAt: loop.now + .seconds(600)))
    loop.run(for: .seconds(120))
    #expect(loop.order(9).isEscalated && loop.order(9).statusText == "accepted, no rider found")
    loop.online(1)
    loop.run(for: .seconds(15))
    #expect(loop.order(9).rider == 1 && !loop.order(9).isEscalated)
  }

  @Test("a5: a rider reserved for what is over is released by epoch", arguments: Weather.allCases)
  func race(_ weather: Weather) {
    var loop = Self.loop(weather)
    loop.place(9)
    loop.run(for: .seconds(1))
    loop.kitchen(9, .accept(readyAt: loop.now + .seconds(600)))
    loop.run(for: .seconds(1))
    // The cancellation and the reservation meet: the rider is asked while the delivery is being aborted.
    loop.online(1)
    loop.send(.order(.order(9), .cancel))
    loop.rider(1, .reserve(trip: EntityID.delivery(of: .order(9)).number, home: home, by: home))
    loop.run(for: .seconds(1))
    #expect(loop.order(9).phase == .cancelled && loop.rider(1).isIdle && loop.trip(of: .order(9)).phase == .aborted)
    #expect(loop.payment(of: .order(9)).phase == .refunded && loop.ticket(of: .order(9)).phase == .voided)
  }

  @Test("a6: before the pick-up everything is undone and everybody told", arguments: Weather.allCases)
  func cancelling(_ weather: Weather) {
    var loop = Self.loop(weather)
    loop.online(1)
    loop.place(9)
    loop.run(for: .seconds(1))
    loop.kitchen(9, .accept(readyAt: loop.now + .seconds(600)))
    loop.run(for: .seconds(10))
    loop.send(.order(.order(9), .cancel))
    loop.run(for: .seconds(1))
    #expect(loop.order(9).phase == .cancelled && loop.rider(1).isIdle)
    #expect(loop.count { if case .payment(.refunded) = $0 { true } else { false } } == 1)
    for device in [EntityID.customer(77), .restaurant(5), .rider(1)] {
      #expect(loop.shown(to: device, about: .order(9)) == "cancelled")
    }
  }

  @Test("a6: when cancelling meets collecting the delivery decides, and all agree", arguments: Weather.allCases)
  func meeting(_ weather: Weather) {
    var loop = Self.loop(weather)
    loop.online(1)
    loop.place(9)
    loop.run(for: .seconds(1))
    loop.kitchen(9, .accept(readyAt: loop.now + .seconds(600)))
    loop.run(for: .seconds(10))
    loop.rider(1, .collect(ticket: EntityID.ticket(of: .order(9)).number))
    loop.send(.order(.order(9), .cancel))
    loop.run(for: .seconds(1))
    let isOff = loop.trip(of: .order(9)).phase == .aborted
    #expect(loop.order(9).phase == (isOff ? .cancelled : .pickedUp) && loop.rider(1).isIdle == isOff)
    #expect(loop.payment(of: .order(9)).phase == (isOff ? .refunded : .captured))
  }

  @Test("a6: after the pick-up it is refused by name")
  func tooLate() {
    let stops = [Stop(ticket: 1, restaurant: 5, location: gangnam, readyAt: .start)]
    let collected = Given<Trip>([
      .requested(home: home, stops: stops, dropoff: door),
      .assigned(rider: 1, epoch: 1, at: gangnam, order: [1], departure: .start), .collected(ticket: 1),
    ])
    #expect(collected.when(.abort).mismatch(then: [.abortRefused]) == nil)
    let cancelling = Given<Order>([.placed(basket()), .paid, .accepted(readyAt: .start), .cancelRequested])
    #expect(cancelling.when(.deliveryTooLate).mismatch(then: [.cancelRefused]) == nil)
    #expect(cancelling.after(.deliveryTooLate).after(.delivered).state.phase == .delivered)
    #expect(cancelling.after(.pickedUp).when(.cancel).mismatch(refused: .tooLate) == nil)
  }

  @Test(
    "a poisoned order stands still alone; upgrade and replay, or release, and it goes on", arguments: [true, false])
  func poison(isReplayed: Bool) throws {
    var loop = Loop()
    loop.place(9)
    loop.place(10)
    loop.run(for: .seconds(1))
    // A cancellation in a vocabulary that this engine does not know yet, and behind it the kitchen's word.
    loop.send(.order(.order(9), .cancel), schema: 2)
    loop.kitchen(9, .accept(readyAt: loop.now + .seconds(60)))
    loop.kitchen(10, .accept(readyAt: loop.now + .seconds(60)))
    loop.run(for: .seconds(1))
    #expect(loop.order(9).phase == .paid && loop.order(10).phase == .accepted)
    loop.send(.order(.order(9), .estimate(readyAt: loop.now + .seconds(90))))
    if isReplayed { loop.settings.schema = 2 }
    loop.send(Addressed(to: .order(9), isReplayed ? .replayHeld : .releaseHeld))
    loop.run(for: .seconds(1))
    #expect(loop.order(9).phase == (isReplayed ? .cancelled : .accepted))
    #expect(loop.tasks.values.flatMap { $0 }.allSatisfy { $0.memory.holds.isEmpty })
  }

  @Test("replayed without a mended engine it is held again, in the same order")
  func replayTooEarly() {
    var loop = Loop()
    loop.place(9)
    loop.run(for: .seconds(1))
    loop.send(.order(.order(9), .cancel), schema: 2)
    loop.send(Addressed(to: .order(9), .replayHeld))
    loop.kitchen(9, .accept(readyAt: loop.now + .seconds(60)))
    loop.run(for: .seconds(1))
    let held = loop.tasks[.orderCommands]!.compactMap { $0.memory.holds.held[.order(9)] }.first
    #expect(held?.items.count == 2 && loop.order(9).phase == .paid)
  }

  @Test("bytes that nobody can read stop nobody", arguments: 1...40)
  func noise(seed: UInt64) {
    var loop = Loop()
    var dice = Dice(seed: seed)
    loop.place(9)
    loop.run(for: .milliseconds(1))
    let bytes = (0..<dice.roll(60)).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
    loop.sendBytes(bytes, .orderCommands, key: EntityID.order(9).key)
    loop.kitchen(9, .accept(readyAt: loop.now + .seconds(60)))
    loop.run(for: .seconds(1))
    #expect(loop.order(9).phase == .accepted, "seed \(seed)")
  }
}

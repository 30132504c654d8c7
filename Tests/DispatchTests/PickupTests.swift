import Clockwork
import Testing

@testable import Delivery

@Suite("Pick-up rounds")
struct PickupTests {
  private func round(seed: UInt64, stops: Int, current: Bool = false) -> PickupRound {
    var dice = Dice(seed: seed)
    func place() -> Location {
      Location(latitude: 37_520_000, longitude: 126_950_000)
        .moved(east: Int64(dice.roll(4_000)), north: Int64(dice.roll(4_000)))
    }
    let made = (0..<stops).map {
      PickupStop(
        id: UInt64($0), location: place(), readyAt: .start + .seconds(Int64(dice.roll(2_400))),
        service: .seconds(30 + Int64(dice.roll(120))))
    }
    return PickupRound(
      start: place(), at: .start + .seconds(Int64(dice.roll(600))), stops: made, destination: place(),
      current: current && stops > 0 ? UInt64(dice.roll(UInt64(stops))) : nil)
  }

  @Test("no order delivers earlier", arguments: 0..<60 as Range<UInt64>)
  func bruteForce(seed: UInt64) {
    let round = round(seed: seed, stops: Int(seed % 7), current: seed % 3 == 0)
    let best = orders(of: round.stops)
      .filter { round.current == nil || $0.first?.id == round.current }
      .map { round.schedule($0).delivered }.min()
    let plan = PickupPlanner.plan(round)
    #expect(plan.delivered == best, "seed \(seed)")
    #expect(Set(plan.order) == Set(round.stops.map(\.id)) && plan.order.count == round.stops.count)
  }

  @Test(
    "the departure is put off until nobody waits for food, and not a second more", arguments: 0..<40 as Range<UInt64>)
  func slack(seed: UInt64) {
    let round = round(seed: seed, stops: 1 + Int(seed % 8))
    let plan = PickupPlanner.plan(round)
    let order = plan.visits.map(\.stop)
    #expect(plan.departure >= round.startAt)
    #expect(plan.delivered == round.schedule(order).delivered)
    if plan.departure > round.startAt { #expect(plan.waiting == .zero, "seed \(seed)") }
    var later = round
    later.startAt = plan.departure + .seconds(1)
    #expect(later.schedule(order).delivered > plan.delivered)
  }

  @Test("the stop that the rider is at stays first", arguments: 0..<30 as Range<UInt64>)
  func current(seed: UInt64) {
    var round = round(seed: seed, stops: 2 + Int(seed % 12), current: true)
    #expect(PickupPlanner.plan(round).order.first == round.current)
    let added = PickupStop(id: 99, location: round.start, readyAt: round.startAt)
    round = round.adding(added).adding(added)
    let plan = PickupPlanner.plan(round)
    #expect(plan.order.first == round.current && plan.order.count { $0 == 99 } == 1)
  }

  @Test("above ten stops inserting comes near to the best order", arguments: 0..<12 as Range<UInt64>)
  func insertion(seed: UInt64) {
    let round = round(seed: seed, stops: 9)
    let inserted = round.schedule(PickupPlanner.inserted(round)).delivered
    let best = round.schedule(PickupPlanner.heldKarp(round)).delivered
    #expect(inserted >= best)
    #expect((inserted - round.startAt).nanoseconds <= (best - round.startAt).nanoseconds * 3 / 2, "seed \(seed)")
    #expect(PickupPlanner.plan(self.round(seed: seed, stops: 25)).order.count == 25)
  }

  private func orders(of stops: [PickupStop]) -> [[PickupStop]] {
    guard stops.count > 1 else { return [stops] }
    return stops.indices.flatMap { first in
      var rest = stops
      let head = rest.remove(at: first)
      return orders(of: rest).map { [head] + $0 }
    }
  }
}

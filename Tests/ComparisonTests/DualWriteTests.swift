import Clockwork
import Simulation
import Testing

@testable import DualWrite

@Suite("Services without a log") struct DualWriteTests {
  private func figures(_ seed: UInt64, _ care: ShopCare, faults: FaultKinds) -> ComparisonFigures {
    var trial = DualWriteTrial(ComparisonPlan(seed: seed, orders: 60, faults: faults), care: care, name: "services")
    return trial.run()
  }

  @Test("without faults every order is settled, whatever the care", arguments: [ShopCare.bare, .careful])
  func calm(care: ShopCare) {
    let found = figures(1, care, faults: [])
    #expect(found.delivered + found.cancelled == 60 && found.cancelled > 0)
    #expect(found.halfApplied == 0 && found.contradictions == 0 && found.repairs == 0 && found.lost == 0)
    #expect(found.unshown == 0 && found.recovery != nil)
  }

  @Test("the same seed gives the same figures, another one others")
  func deterministic() {
    let kinds: FaultKinds = [.crash, .cut, .loss]
    #expect(figures(3, .careful, faults: kinds) == figures(3, .careful, faults: kinds))
    #expect(figures(3, .careful, faults: kinds) != figures(4, .careful, faults: kinds))
  }

  @Test("care helps: retries, compensation and a sweep leave less behind than calls in a row")
  func care() {
    var (bare, careful) = (0, 0)
    for seed in 0..<6 as Range<UInt64> {
      bare += figures(seed, .bare, faults: [.crash, .cut, .loss]).byHand
      careful += figures(seed, .careful, faults: [.crash, .cut, .loss]).byHand
    }
    #expect(careful * 2 < bare)
  }

  @Test("what power takes back was never answered for", arguments: 0..<8 as Range<UInt64>)
  func power(seed: UInt64) {
    var database = ShopDatabase()
    let orders = ShopOrder.evening(6, seed: seed, from: .start)
    var choices = Choices(seed: seed)
    for (index, order) in orders.enumerated() {
      database.write(ShopDatabase.Row(order: order, state: .placed, since: .start))
      database.write(ShopDatabase.Row(order: order, state: .confirmed, since: .start))
      if index == 2 { database.synced(through: database.position) }
    }
    database.losePower(&choices)
    for order in orders.prefix(3) { #expect(database.row(order.number)?.state == .confirmed, "seed \(seed)") }
    // A prefix survives: no later write without the earlier ones.
    let states = orders.dropFirst(3).map { database.row($0.number)?.state }
    let rank = states.map { $0 == .confirmed ? 2 : $0 == .placed ? 1 : 0 }
    #expect(zip(rank, rank.dropFirst()).allSatisfy { $0 >= $1 } && rank.count { $0 == 1 } <= 1, "seed \(seed)")
  }

  @Test("every contradiction is counted")
  func facts() {
    let order = ShopOrder.evening(1, seed: 1, from: .start)[0]
    func facts(
      _ standing: OrderFacts.Standing, _ money: OrderFacts.Money, _ food: OrderFacts.Food, _ ride: OrderFacts.Ride
    )
      -> OrderFacts
    {
      OrderFacts(order: order, standing: standing, money: money, food: food, ride: ride, told: nil)
    }
    let charged = facts(.cancelled, .held, .thrownAway, .released)
    #expect(charged.isHalfApplied && charged.isLost && charged.contradictions == 1 && charged.repairs == 1)
    let unpaid = facts(.delivered, .held, .cooked, .arrived)
    #expect(unpaid.isHalfApplied && !unpaid.isLost && unpaid.contradictions == 1 && unpaid.repairs == 1)
    #expect(facts(.delivered, .taken, .cooked, .arrived).isWhole)
    #expect(facts(.cancelled, .givenBack, .none, .released).isUndone)
    let away = facts(.unknown, .none, .none, .none)
    #expect(away.isTurnedAway && away.isSettled && !away.isLost && !away.isHalfApplied)
    #expect(facts(.unknown, .held, .none, .none).isLost)
  }
}

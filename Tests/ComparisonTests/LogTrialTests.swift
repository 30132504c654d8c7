import Clockwork
import Delivery
import DeliveryEngine
import Testing

@testable import Simulation

@Suite("The evening on the log") struct LogTrialTests {
  private func figures(
    _ seed: UInt64, orders: Int = 20, faults: FaultKinds, rules: EngineRules = .sound
  ) -> ComparisonFigures {
    var trial = LogTrial(ComparisonPlan(seed: seed, orders: orders, faults: faults), rules: rules, name: "log")
    return trial.run()
  }

  @Test("without faults every order is settled and shown, and sooner than in a second")
  func calm() throws {
    let found = figures(1, faults: [])
    #expect(found.delivered + found.cancelled == 20 && found.turnedAway == 0)
    #expect(found.recovery != nil && found.unshown == 0)
    // Three devices, six lines or more for each order that is delivered.
    #expect(found.delays.count > 20 * 12)
    #expect(try #require(found.delay(perMille: 990)) < .seconds(1))
  }

  @Test(
    "whatever strikes, nothing is done by half, contradicts, needs a hand, stays unshown or is lost",
    arguments: [
      (2, [.crash, .power, .pause, .cut, .delay, .loss, .duplicate]), (5, .all), (7, [.crash, .cut]),
      (15, [.power, .pause, .skew, .fsync]),
    ] as [(UInt64, FaultKinds)])
  func faults(seed: UInt64, kinds: FaultKinds) {
    let found = figures(seed, faults: kinds)
    let names = FaultKinds.named.filter { kinds.contains($0.kind) }.map(\.name).joined(separator: ",")
    let replay: Comment = "baedal compare --orders 20 --seed \(seed) --faults \(names)"
    #expect(found.orders == 20 && found.delivered + found.cancelled + found.turnedAway == 20, replay)
    #expect(found.halfApplied == 0 && found.contradictions == 0 && found.repairs == 0, replay)
    #expect(found.byHand == 0 && found.lost == 0 && found.unshown == 0 && found.recovery != nil, replay)
    #expect(found.delivered > 0, replay)
  }

  @Test("the same seed gives the same figures, to the nanosecond")
  func deterministic() {
    #expect(figures(3, orders: 10, faults: [.crash, .cut]) == figures(3, orders: 10, faults: [.crash, .cut]))
  }

  @Test("an engine that keeps what it thought when a transaction failed is found out")
  func mutation() {
    var rules = EngineRules.sound
    rules.refoldsAfterFailure = false
    #expect(figures(0, orders: 20, faults: [.crash, .power, .cut]).byHand == 0)
    #expect(figures(0, orders: 20, faults: [.crash, .power, .cut], rules: rules).byHand > 0)
  }

  @Test("what strikes a machine strikes everything on it, and nothing passes between what shares one")
  func machines() {
    #expect(Fault.crash(NodeID(1)).onTheLog == [.crash(NodeID(1))])
    #expect(Fault.crash(NodeID(3)).onTheLog == [.crash(NodeID(3)), .crash(.engine(2))])
    #expect(Fault.restart(NodeID(4)).onTheLog == [.restart(.engine(1))])
    let cut = Fault.cut([Link(NodeID(3), NodeID(4)), Link(.client(1), NodeID(3))]).onTheLog
    #expect(
      cut == [
        .cut([
          Link(NodeID(3), .engine(1)), Link(.engine(2), .engine(1)), Link(.client(1), NodeID(3)),
          Link(.client(1), .engine(2)),
        ])
      ])
  }
}

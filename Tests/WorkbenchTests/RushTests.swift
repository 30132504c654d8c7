import Clockwork
import Delivery
import EventSourcing
import Testing

@testable import Workbench

@Suite("Bursts of orders")
struct RushTests {
  private func holds(_ bench: Bench, _ claims: String..., seed: Int) {
    for claim in claims {
      let verdict = bench.judge(claim)
      #expect(
        verdict.value == .holds, "seed \(seed): \(claim): \(verdict.evidence). Replay: baedal play --seed \(seed)")
    }
  }

  @Test("what is refused is not written, what is accepted is brought, also when its owner dies", arguments: 1...3)
  func burst(seed: Int) {
    var bench = Bench(seed: UInt64(seed))
    for line in [
      "cluster start 3", "engine start 2 --autopilot --cooking 5s --riding 2s",
      "burst start 16 --over 1s --riders 20 --room 6", "crash e1",
    ] {
      let answer = bench.run(line)
      #expect(answer.outcome == .done, "seed \(seed): \(line): \(answer.plain)")
    }
    let early = bench.judge("no order lost").value
    #expect(early != .unknown)
    #expect(bench.run("burst drain --within 300s").outcome == .done, "seed \(seed)")
    holds(
      bench, "e1 is down", "door refused at least 1 time", "0 customers gave up", "backlog is 0", "no order lost",
      "no order delivered twice", "no double assignment", "not longest promise is 0 seconds", seed: seed)
    let accepted = bench.apparatus.rush?.promises.count
    #expect(accepted == 16, "seed \(seed)")
    #expect(bench.tappedOrders.count == 16, "seed \(seed): what was refused stands in the log too")
  }

  @Test("customers come within their time, late ones later, those with a discount more often", arguments: 1...20)
  func plan(seed: Int) {
    let city = City.seoul(restaurants: 60, riders: 1, seed: UInt64(seed))
    let zones = [city.quarters[0].zone]
    let start = Instant.start + .seconds(100)
    let discount = LiveDiscount(treated: zones, since: start, percent: 80)
    var plan = RushPlan(city: city, quarters: [], count: 400, over: .seconds(10), latePerMille: 50, discount: nil)
    let plain = plan.customers(from: start, first: 1_001, seed: UInt64(seed))
    #expect(plain == plan.customers(from: start, first: 1_001, seed: UInt64(seed)))
    #expect(plain.count == 400 && Set(plain.map(\.number)).count == 400)
    #expect(plain.allSatisfy { start <= $0.tapped && $0.tapped <= start + .seconds(10) && $0.tapped <= $0.due })
    #expect((5...40).contains(plain.count { $0.due > $0.tapped }), "seed \(seed)")
    plan.discount = discount
    let more = plan.customers(from: start, first: 1_001, seed: UInt64(seed))
    func treated(_ customers: [RushCustomer]) -> Int { customers.count { zones.contains(Zone(of: $0.basket.dropoff)) } }
    #expect(more.count - treated(more) == 400 - treated(plain) && treated(more) * 10 > treated(plain) * 15)
  }

  @Test(
    "a discount on an evening that grows: the time before alone misleads, zones without it do not", arguments: 1...20)
  func uplift(seed: Int) {
    var dice = Dice(seed: UInt64(seed))
    let zones = City.seoul(restaurants: 1, riders: 1, seed: 1).quarters.map(\.zone)
    let (treated, control) = (zones[0], zones[2])
    var stream = UpliftStream(
      treated: [treated], control: [control], since: .start + .seconds(60), window: .seconds(5), grace: .seconds(30))
    var late: [(zone: Zone, name: String, at: Instant)] = []
    for second in 0..<120 {
      // Twice as many from a minute on, and a fifth more where the discount is.
      for (zone, count) in [(treated, second < 60 ? 10 : 24), (control, second < 60 ? 10 : 20)] {
        for order in 0..<count {
          let at = Instant.start + .seconds(Int64(second))
          if dice.roll(20) == 0 {
            late.append((zone, "\(second).\(order)", at))
          } else {
            stream.feed(zone, "\(second).\(order)", at: at)
          }
        }
      }
      while let first = late.first, first.at + .seconds(20) <= .start + .seconds(Int64(second)) {
        stream.feed(first.zone, first.name, at: first.at)
        late.removeFirst()
      }
    }
    for order in late { stream.feed(order.zone, order.name, at: order.at) }
    #expect(stream.trial.uplift.perMille == 200 && stream.trial.uplift.naivePerMille == 1_400, "seed \(seed)")
    #expect(stream.counts.lateDropped == 0 && stream.trial.corrections > 0, "seed \(seed)")
  }

  @Test("a window that is closed stays as it was told")
  func tooLate() {
    let zone = City.seoul(restaurants: 1, riders: 1, seed: 1).quarters[0].zone
    var stream = UpliftStream(
      treated: [zone], control: [], since: .start, window: .seconds(5), grace: .seconds(10))
    stream.feed(zone, "1", at: .start)
    stream.feed(zone, "2", at: .start + .seconds(60))
    stream.feed(zone, "3", at: .start + .seconds(1))
    #expect(stream.counts.lateDropped == 1 && stream.trial.uplift.treatedDuring == 2)
    #expect(stream.trial.uplift.perMille == nil)
  }

  @Test(
    "what cannot be is refused with what to try",
    arguments: [
      ("burst start 10", "cluster start 3"), ("burst show", "cluster start 3"), ("discount show", "cluster start 3"),
      ("map", "cluster start 3"), ("discount stop", "discount start Gangnam"),
      ("discount play Gangnm --at 19:00", "Gangnam"),
    ])
  func refusals(line: String, hint: String) {
    var bench = Bench(seed: 1)
    let answer = bench.run(line)
    #expect(answer.outcome == .refused && answer.plain.contains(hint), "\(answer.plain)")
  }
}

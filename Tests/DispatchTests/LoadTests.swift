import Clockwork
import Delivery
import Testing

@Suite("Load")
struct LoadTests {
  private func load(seed: UInt64, _ curve: DemandCurve, hour: Int64) -> OrderLoad {
    OrderLoad(.seoul(seed: 1), curve, seed: seed, from: .start + .seconds(hour * 3_600))
  }

  @Test("the same seed gives the same orders, another one others")
  func seeded() {
    let one = Array(load(seed: 3, .ordinaryDay(), hour: 12).prefix(500))
    #expect(one == Array(load(seed: 3, .ordinaryDay(), hour: 12).prefix(500)))
    #expect(one != Array(load(seed: 4, .ordinaryDay(), hour: 12).prefix(500)))
    #expect(zip(one, one.dropFirst()).allSatisfy { $0.at <= $1.at && $0.number + 1 == $1.number })
  }

  @Test("as many orders come as the curve says", arguments: [(3, 45), (12, 880), (19, 1_000)] as [(Int64, Int64)])
  func rate(hour: Int64, perMille: Int64) {
    // Over the hour, the mean of its ends: within four standard deviations of chance.
    let curve = DemandCurve.ordinaryDay(peak: 6_000)
    let end = Instant.start + .seconds((hour + 1) * 3_600)
    let count = load(seed: 9, curve, hour: hour).prefix { $0.at < end }.count
    let expected = Double(curve.rate(at: .start + .seconds(hour * 3_600 + 1_800)))
    #expect(abs(Double(count) - expected) < 4 * expected.squareRoot() + 10)
    #expect(curve.rate(at: .start + .seconds(hour * 3_600)) == perMille * 6)
  }

  @Test("gaps between orders are exponential")
  func gaps() {
    var flat = DemandCurve.ordinaryDay(peak: 3_600)
    flat.hours = Array(repeating: 1_000, count: 24)
    let times = load(seed: 2, flat, hour: 10).prefix(4_001).map(\.at.nanoseconds)
    let gaps = zip(times, times.dropFirst()).map { Double($1 - $0) / 1e9 }
    let mean = gaps.reduce(0, +) / 4_000
    #expect(abs(mean - 1) < 0.07)
    // One in e gaps is longer than the mean, one in e² longer than twice that.
    #expect(abs(gaps.count { $0 > 1 } - 1_472) < 125 && abs(gaps.count { $0 > 2 } - 541) < 90)
  }

  @Test("on the evening of the match three times as many come, and most want chicken")
  func worldCup() {
    let curve = DemandCurve.worldCupEvening(peak: 6_000)
    let evening = Instant.start + .seconds(20 * 3_600)
    #expect(curve.rate(at: evening) == DemandCurve.ordinaryDay(peak: 6_000).rate(at: evening) * 3)
    let load = load(seed: 5, curve, hour: 20)
    let wanted = load.prefix(1_000).count { load.city.restaurants[$0.restaurant].isChicken }
    #expect(wanted > 650)
  }

  @Test("people order where they work at noon and where they live in the evening")
  func geography() {
    let noon = load(seed: 6, .ordinaryDay(), hour: 12)
    let night = load(seed: 6, .ordinaryDay(), hour: 19)
    let yeouido = noon.city.quarters.firstIndex { $0.name == "Yeouido" } ?? 0
    #expect(
      noon.prefix(2_000).count { $0.quarter == yeouido } > 2 * night.prefix(2_000).count { $0.quarter == yeouido })
    #expect(Set(noon.city.quarters.map(\.zone)).count >= 8)
  }

  @Test("a kitchen cooks no faster than its stoves")
  func kitchen() {
    var restaurant = City.seoul(seed: 1).restaurants[0]
    (restaurant.stoves, restaurant.cooking) = (2, .seconds(300))
    var kitchen = Kitchen(restaurant)
    let ready = kitchen.cookAll([1, 1, 1, 3], from: .start)
    #expect(ready == [300, 300, 600, 900])
    #expect(kitchen.queue(at: .start) == .seconds(900))
  }

  @Test("the door says later times while the backlog grows, and refuses only when the log is full")
  func intake() {
    var intake = Intake(expecting: 100, usual: .seconds(1_800), room: 1_000)
    var answers: [Intake.Answer] = []
    for _ in 0..<1_001 { answers.append(intake.arrives()) }
    #expect(answers[0] == .accepted(eta: .milliseconds(1_800_010)))
    #expect(answers[999] == .accepted(eta: .seconds(1_810)))
    #expect(answers[1_000] == .overloaded(retryAfter: .seconds(1)))
    // Twice as fast as thought: the rate is learnt, and the wait shrinks with it.
    for _ in 0..<40 { intake.handled(200, in: .seconds(1)) }
    #expect(intake.backlog == 0 && intake.ratePerMille > 190_000 && intake.wait == .zero)
  }

  @Test("the door learns from the logs how many are open and how fast they get through")
  func looking() {
    var intake = Intake(expecting: 1, usual: .seconds(30), room: 100)
    for _ in 0..<60 { _ = intake.arrives() }
    #expect(intake.eta == .seconds(90))
    intake.look(accepted: 60, through: 0, at: .start)
    // Twice as fast as thought: what is open halves, and the promise more than that.
    for second in 1...15 { intake.look(accepted: 60, through: Int64(2 * second), at: .start + .seconds(Int64(second))) }
    #expect(intake.backlog == 30 && intake.ratePerMille > 1_700 && intake.eta < .seconds(48))
    // Looked at twice in one moment, nothing is learnt twice.
    let before = intake
    intake.look(accepted: 60, through: 30, at: .start + .seconds(15))
    #expect(intake.ratePerMille == before.ratePerMille && intake.backlog == 30)
    // Who was refused is not in the log, so not in the backlog.
    for _ in 0..<70 { _ = intake.arrives() }
    for _ in 0..<5 { #expect(intake.arrives() != .accepted(eta: intake.eta)) }
    #expect(intake.backlog == 100)
  }

  @Test("a discount is measured against zones without it, and corrected by what comes late")
  func discount() throws {
    let quarters = City.seoul(seed: 1).quarters
    let (a, b) = (quarters[0].zone, quarters[2].zone)
    let began = Instant.start + .seconds(120)
    var trial = DiscountTrial(treated: [a], control: [b, a], startedAt: began)
    #expect(trial.control == [b])
    for (window, counts) in [(0, (100, 50)), (60, (100, 50)), (120, (260, 100)), (180, (260, 90))] {
      trial.note(a, windowFrom: .start + .seconds(Int64(window)), orders: Int64(counts.0))
      trial.note(b, windowFrom: .start + .seconds(Int64(window)), orders: Int64(counts.1))
    }
    // Everybody ordered nearly twice as much; the treated zone 520/200 against 190/100.
    #expect(trial.uplift.perMille == 368 && trial.uplift.naivePerMille == 1_600)
    trial.note(b, windowFrom: .start + .seconds(180), orders: 100)
    #expect(trial.uplift.perMille == 300 && trial.corrections == 1)
    #expect(DiscountTrial(treated: [a], control: [], startedAt: began).uplift.perMille == nil)
  }
}

extension Kitchen {
  /// When each of these orders is ready, in seconds.
  fileprivate mutating func cookAll(_ dishes: [Int], from now: Instant) -> [Int64] {
    dishes.map { cook(dishes: $0, from: now).nanoseconds / 1_000_000_000 }
  }
}

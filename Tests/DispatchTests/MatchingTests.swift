import Clockwork
import Delivery
import Testing

/// Random batches over one zone's neighbourhood.
struct RandomBatch {
  var jobs: [DispatchJob]
  var riders: [IdleRider]

  init(seed: UInt64, jobs: Int, riders: Int, waited: Bool = false) {
    var dice = Dice(seed: seed)
    func place() -> Location {
      Location(latitude: 37_520_000, longitude: 126_950_000)
        .moved(east: Int64(dice.roll(5_000)), north: Int64(dice.roll(5_000)))
    }
    self.jobs = (0..<jobs).map {
      DispatchJob(
        id: UInt64($0), pickup: place(), waited: waited ? .seconds(Int64(dice.roll(1_200))) : .zero)
    }
    self.riders = (0..<riders).map { IdleRider(id: 1_000 + UInt64($0), location: place()) }
  }
}

@Suite("Matching")
struct MatchingTests {
  @Test("a small batch costs what trying everything finds", arguments: 0..<150 as Range<UInt64>)
  func bruteForce(seed: UInt64) {
    var dice = Dice(seed: seed)
    let batch = RandomBatch(
      seed: seed, jobs: Int(dice.roll(6)), riders: Int(dice.roll(6)), waited: dice.roll(2) == 0)
    // Sometimes so little patience that waiting is often the best there is.
    let matcher = Matcher(nearest: 1 + Int(dice.roll(3)), patience: .seconds(Int64(dice.roll(1_500))))
    let found = matcher.optimal(batch.jobs, batch.riders)
    #expect(found.cost == cheapest(matcher, batch, from: 0, taken: []), "seed \(seed)")
    expectSound(found, batch, matcher)
    let greedy = matcher.greedy(batch.jobs, batch.riders)
    expectSound(greedy, batch, matcher)
    #expect(found.cost <= greedy.cost)
  }

  @Test(
    "200 jobs cost what the dense method over all edges finds, and less than greedily",
    arguments: [(1, 300), (3, 100)] as [(UInt64, Int)])
  func dense(seed: UInt64, riders: Int) {
    let batch = RandomBatch(seed: seed, jobs: 200, riders: riders)
    let matcher = Matcher()
    let found = matcher.match(batch.jobs, batch.riders)
    #expect(found.method == .optimal)
    let exact = DenseAssignment.solve(columns: riders, waiting: batch.jobs.map(matcher.waitingCost)) {
      matcher.cost(batch.jobs[$0], batch.riders[$1])
    }
    #expect(found.cost == exact.cost)
    #expect(found.matches.count == exact.assigned && found.matches.count == min(200, riders))
    #expect(found.cost < matcher.greedy(batch.jobs, batch.riders).cost)
    expectSound(found, batch, matcher)
  }

  @Test("the potentials prove the assignment: looking only at near riders is caught")
  func pricing() {
    // Without the search for edges that were left out, eight nearest cannot be as good as all of them.
    let batch = RandomBatch(seed: 2, jobs: 60, riders: 60)
    let matcher = Matcher(nearest: 1)
    var nearOnly = AssignmentProblem(columns: 60, waiting: batch.jobs.map(matcher.waitingCost))
    let grid = PlaceGrid(batch.riders.map(\.location))
    for job in batch.jobs.indices {
      for found in grid.nearest(1, to: batch.jobs[job].pickup) {
        nearOnly.add(
          row: job, column: found.index, cost: matcher.cost(batch.jobs[job], batch.riders[found.index]))
      }
    }
    #expect(nearOnly.solved().cost > matcher.optimal(batch.jobs, batch.riders).cost)
  }

  @Test("a full house falls back on the greedy way")
  func overload() {
    let batch = RandomBatch(seed: 4, jobs: 30, riders: 40)
    #expect(Matcher(overload: 30).match(batch.jobs, batch.riders).method == .greedy)
    #expect(Matcher(overload: 31).match(batch.jobs, batch.riders).method == .optimal)
  }

  @Test("of two jobs and one rider, the one that has waited longer is taken")
  func waiting() {
    let place = Location(latitude: 37_520_000, longitude: 126_950_000)
    let jobs = [
      DispatchJob(id: 1, pickup: place.moved(east: 500, north: 0)),
      DispatchJob(id: 2, pickup: place.moved(east: 900, north: 0), waited: .seconds(300)),
    ]
    let batch = Matcher().match(jobs, [IdleRider(id: 9, location: place)])
    #expect(batch.matches.map(\.job) == [2] && batch.waiting == [1])
  }

  @Test("a zone waits longer for its batch when riders are scarce")
  func clock() {
    let clock = BatchClock()
    #expect(clock.due(first: .start, jobs: 3, riders: 5) == .start + .seconds(2))
    #expect(clock.due(first: .start, jobs: 9, riders: 5) == .start + .seconds(5))
  }

  private func cheapest(_ matcher: Matcher, _ batch: RandomBatch, from job: Int, taken: Set<Int>) -> Int64 {
    guard job < batch.jobs.count else { return 0 }
    var best = matcher.waitingCost(batch.jobs[job]) + cheapest(matcher, batch, from: job + 1, taken: taken)
    for rider in batch.riders.indices where !taken.contains(rider) {
      let rest = cheapest(matcher, batch, from: job + 1, taken: taken.union([rider]))
      best = min(best, matcher.cost(batch.jobs[job], batch.riders[rider]) + rest)
    }
    return best
  }

  private func expectSound(_ found: MatchedBatch, _ batch: RandomBatch, _ matcher: Matcher) {
    #expect(Set(found.matches.map(\.rider)).count == found.matches.count)
    #expect(Set(found.matches.map(\.job) + found.waiting) == Set(batch.jobs.map(\.id)))
    #expect(found.matches.count + found.waiting.count == batch.jobs.count)
    let approaches = found.matches.map { match in
      matcher.cost(batch.jobs[Int(match.job)], batch.riders[Int(match.rider) - 1_000])
    }
    #expect(approaches == found.matches.map(\.approach.milliseconds))
  }
}

import ArgumentParser
import Clockwork
import Delivery

/// How good batches of jobs and riders are, against the best there is, and how long they take.
struct MatchingBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "matching",
    abstract: "Assigns random batches: the gap to the exact optimum, beside greedy, and milliseconds a batch.",
    discussion: "  swift run -c release baedal-bench matching --jobs 200 --rounds 20")

  @Option(help: "Jobs in a batch.") var jobs = 200
  @Option(help: "Batches of each kind.") var rounds = 20

  func run() throws {
    print("\(jobs) jobs, \(rounds) batches each       approach: gap to the optimum       ms a batch")
    print("riders                      batched     greedy               batched  dense  greedy")
    for (name, riders) in [
      ("twice as many", jobs * 2), ("half more", jobs * 3 / 2), ("as many", jobs), ("half", jobs / 2),
    ] {
      var tally = Tally()
      for round in 0..<rounds { tally.add(seed: UInt64(round), jobs: jobs, riders: riders) }
      print(tally.line(name, rounds))
    }
  }

  private struct Tally {
    var best: Int64 = 0
    var batched: Int64 = 0
    var greedy: Int64 = 0
    var worst = 0.0
    var seconds = (batched: 0.0, dense: 0.0, greedy: 0.0)

    mutating func add(seed: UInt64, jobs: Int, riders: Int) {
      var dice = Dice(seed: seed)
      func place() -> Location {
        Location(latitude: 37_520_000, longitude: 126_950_000)
          .moved(east: Int64(dice.roll(5_000)), north: Int64(dice.roll(5_000)))
      }
      let jobs = (0..<jobs).map { DispatchJob(id: UInt64($0), pickup: place()) }
      let riders = (0..<riders).map { IdleRider(id: UInt64($0), location: place()) }
      // All jobs are equally patient, and far more than any approach is long: both sides match as many as there are.
      let matcher = Matcher()
      let waiting = jobs.map(matcher.waitingCost)
      var exact = AssignmentSolution(columnOfRow: [], cost: 0)
      seconds.dense += took {
        exact = DenseAssignment.solve(columns: riders.count, waiting: waiting) { matcher.cost(jobs[$0], riders[$1]) }
      }
      var found = (batched: Int64(0), greedy: Int64(0))
      seconds.batched += took { found.batched = matcher.match(jobs, riders).totalApproach.milliseconds }
      seconds.greedy += took { found.greedy = matcher.greedy(jobs, riders).totalApproach.milliseconds }
      let left = Int64(jobs.count - exact.assigned) * (waiting.first ?? 0)
      best += exact.cost - left
      batched += found.batched
      greedy += found.greedy
      worst = max(worst, Double(found.batched) / Double(max(1, exact.cost - left)) - 1)
    }

    private func took(_ body: () -> Void) -> Double {
      let began = coreSeconds()
      body()
      return coreSeconds() - began
    }

    func line(_ name: String, _ rounds: Int) -> String {
      func percent(_ total: Int64) -> String { "\(tenths((Double(total) / Double(max(1, best)) - 1) * 100)) %" }
      func each(_ seconds: Double) -> String { tenths(seconds * 1_000 / Double(rounds)) }
      return [
        column(name, 24), column(percent(batched), 10), column(percent(greedy), 8),
        "worst \(tenths(worst * 100)) %      ", column(each(seconds.batched), 7), column(each(seconds.dense), 7),
        column(each(seconds.greedy), 7),
      ].joined(separator: " ")
    }

    private func column(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func tenths(_ figure: Double) -> String {
      let scaled = Int((figure * 10).rounded())
      return "\(scaled / 10).\(abs(scaled % 10))"
    }
  }
}

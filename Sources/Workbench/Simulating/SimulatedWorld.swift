import Clockwork
import Simulation

/// A world that `simulate` can run and `shrink` can make small, whatever nodes live in it.
struct SimulatedWorld: Sendable {
  struct Outcome: Sendable {
    var seed: UInt64
    var violation: Violation?
    var events: Int
  }

  /// A failing run, and what of its seed's schedule it takes.
  struct Shrunk: Sendable {
    var seed: UInt64
    var kept: [Int]
    var total: Int
    var choosesFirst: Bool
    var runs: Int
    var violation: Violation
    var inputs: [(time: Instant, text: String)]
    /// Some of the last events that can be seen.
    var events: [TraceEvent]
  }

  let run: @Sendable ([ClosedRange<UInt64>], (Outcome) -> Bool) -> (count: Int, broken: [Outcome])
  /// The last events of a seed's run that can be seen.
  let last: @Sendable (UInt64, Int) -> [TraceEvent]
  let shrink: @Sendable (UInt64, (_ kept: Int, _ runs: Int) -> Bool) -> Shrunk?
  /// A seed's run with these of its inputs only; nil when it breaks nothing.
  let replay: @Sendable (UInt64, _ keeping: [Int], _ choosesFirst: Bool) -> Shrunk?

  init<N: Node>(_ sweep: Sweep<N>) {
    let shrinker = Shrinker(sweep)
    run = { ranges, goesOn in
      let (count, broken) = sweep.run(seeds: ranges.joined()) { goesOn(Outcome($0)) }
      return (count, broken.map { Outcome($0) })
    }
    last = { seed, count in Self.last(sweep.trial(seed), count) }
    shrink = { seed, goesOn in
      shrinker.shrink(seed: seed, goesOn: goesOn).map { found in
        Shrunk(
          seed: seed, kept: found.kept, total: found.total, choosesFirst: found.choosesFirst, runs: found.runs,
          violation: found.violation, inputs: Self.inputs(found.trial), events: Self.last(found.trial, 24))
      }
    }
    replay = { seed, kept, choosesFirst in
      let trial = shrinker.trial(seed, keeping: kept, choosesFirst: choosesFirst)
      return shrinker.violation(of: trial).map { violation in
        Shrunk(
          seed: seed, kept: kept, total: kept.count, choosesFirst: choosesFirst, runs: 1, violation: violation,
          inputs: Self.inputs(trial), events: Self.last(trial, 24))
      }
    }
  }

  private static func inputs<N: Node>(_ trial: Trial<N>) -> [(time: Instant, text: String)] {
    trial.schedule.entries.map { ($0.time, $0.input.description) }
  }

  private static func last<N: Node>(_ trial: Trial<N>, _ count: Int) -> [TraceEvent] {
    Array(trial.recorded().trace(last: 20_000).events.filter { !$0.isMachinery }.suffix(count))
  }
}

extension SimulatedWorld.Outcome {
  fileprivate init<N: Node>(_ outcome: Sweep<N>.Outcome) {
    self.init(seed: outcome.seed, violation: outcome.violation, events: outcome.events)
  }
}

public import Clockwork

/// One run to make: a world, what comes into it, and when it ends.
public struct Trial<N: Node>: Sendable {
  public var world: World<N>
  public var schedule: Schedule<N>
  public var end: Instant

  public init(world: World<N>, schedule: Schedule<N>, end: Instant) {
    self.world = world
    self.schedule = schedule
    self.end = end
  }

  /// The same run, recorded, as far as it goes: to its end or to the event that broke an invariant.
  public func recorded() -> Timeline<N> {
    var timeline = Timeline(world)
    timeline.run(schedule, until: end)
    return timeline
  }
}

/// Many seeded runs of one kind: each seed makes its trial, each trial is run, each outcome is told.
public struct Sweep<N: Node>: Sendable {
  public struct Outcome: Hashable, Sendable {
    public var seed: UInt64
    public var violation: Violation?
    public var events: Int
    public var traceHash: UInt64
  }

  private let prepare: @Sendable (UInt64) -> Trial<N>
  let finish: @Sendable (inout World<N>) -> Void

  /// `finish` looks at each world at its end (after faults have stopped and it has settled), may let it run on, and
  /// calls `World.accuse` when something is missing. It is not asked about a run that broke an invariant.
  public init(
    prepare: @escaping @Sendable (UInt64) -> Trial<N>,
    finish: @escaping @Sendable (inout World<N>) -> Void = { _ in }
  ) {
    self.prepare = prepare
    self.finish = finish
  }

  public func trial(_ seed: UInt64) -> Trial<N> { prepare(seed) }

  public func run(seed: UInt64) -> Outcome {
    let world = run(prepare(seed))
    return Outcome(seed: seed, violation: world.violation, events: world.eventCount, traceHash: world.traceHash)
  }

  /// Runs the seeds in turn, telling each outcome, until `goesOn` says false. Returns how many runs there were and the
  /// outcomes that broke something.
  public func run(
    seeds: some Sequence<UInt64>, goesOn: (Outcome) -> Bool = { _ in true }
  ) -> (runs: Int, broken: [Outcome]) {
    var runs = 0
    var broken: [Outcome] = []
    for seed in seeds {
      let outcome = run(seed: seed)
      runs += 1
      if outcome.violation != nil { broken.append(outcome) }
      if !goesOn(outcome) { break }
    }
    return (runs, broken)
  }
}

public import Clockwork

/// Makes a failing run small: fewer inputs and faults, and nodes that choose the first of every choice, with the same
/// invariant broken.
///
/// Delta debugging over the inputs of the schedule: ever smaller parts are left out, and whatever is not needed stays
/// out, until every single input that is left is needed. Source: Zeller and Hildebrandt, "Simplifying and isolating
/// failure-inducing input" (TSE 2002).
public struct Shrinker<N: Node>: Sendable {
  private let sweep: Sweep<N>

  public init(_ sweep: Sweep<N>) { self.sweep = sweep }

  /// A run that breaks an invariant, and what of the seed's own schedule it takes.
  public struct Shrunk: Sendable {
    public var seed: UInt64
    /// Of the entries of the seed's schedule, by place.
    public var kept: [Int]
    /// How many there were.
    public var total: Int
    /// The nodes choose the first way at every choice, instead of rolling dice.
    public var choosesFirst: Bool
    public var violation: Violation
    public var trial: Trial<N>
    /// How many runs it took to find it.
    public var runs: Int
  }

  /// Nil when the seed breaks nothing. When `goesOn` says no, what was found so far.
  public func shrink(seed: UInt64, goesOn: (_ kept: Int, _ runs: Int) -> Bool = { _, _ in true }) -> Shrunk? {
    let whole = sweep.trial(seed)
    let all = Array(whole.schedule.entries.indices)
    guard let first = violation(of: trial(seed, keeping: all, choosesFirst: false)) else { return nil }
    var search = Search(kept: all, runs: 1, isOver: false)
    let fails: ([Int]) -> Bool = { violation(of: trial(seed, keeping: $0, choosesFirst: false))?.name == first.name }
    search.minimise(fails, goesOn)
    var choosesFirst = false
    if !search.isOver, violation(of: trial(seed, keeping: search.kept, choosesFirst: true))?.name == first.name {
      choosesFirst = true
      search.minimise({ violation(of: trial(seed, keeping: $0, choosesFirst: true))?.name == first.name }, goesOn)
    }
    let found = trial(seed, keeping: search.kept, choosesFirst: choosesFirst)
    return Shrunk(
      seed: seed, kept: search.kept, total: all.count, choosesFirst: choosesFirst,
      violation: violation(of: found) ?? first, trial: found, runs: search.runs)
  }

  /// The seed's run with these of its inputs only; places that it does not have are left out.
  public func trial(_ seed: UInt64, keeping kept: [Int], choosesFirst: Bool) -> Trial<N> {
    var trial = sweep.trial(seed)
    var schedule = Schedule<N>()
    for place in kept where trial.schedule.entries.indices.contains(place) {
      schedule.add(trial.schedule.entries[place].input, at: trial.schedule.entries[place].time)
    }
    trial.schedule = schedule
    if choosesFirst { trial.world.choices = Choices(script: []) }
    return trial
  }

  public func violation(of trial: Trial<N>) -> Violation? { sweep.run(trial).violation }

  private struct Search {
    var kept: [Int]
    var runs: Int
    var isOver: Bool

    /// Leaves out parts, halves at first, until no single input can go.
    mutating func minimise(_ fails: ([Int]) -> Bool, _ goesOn: (Int, Int) -> Bool) {
      var size = max(1, kept.count / 2)
      while !isOver {
        var start = 0
        var removed = false
        while start < kept.count {
          guard goesOn(kept.count, runs) else {
            isOver = true
            return
          }
          let part = start..<min(start + size, kept.count)
          let rest = Array(kept[..<part.lowerBound] + kept[part.upperBound...])
          runs += 1
          if fails(rest) {
            kept = rest
            removed = true
          } else {
            start += size
          }
        }
        if size == 1 && !removed { return }
        if !removed || size > kept.count { size = max(1, min(size / 2, max(1, kept.count))) }
      }
    }
  }
}

extension Sweep {
  /// Runs one trial to its end, and looks at it there.
  public func run(_ trial: Trial<N>) -> World<N> {
    var trial = trial
    trial.world.run(trial.schedule, until: trial.end)
    if trial.world.violation == nil { finish(&trial.world) }
    return trial.world
  }
}

extension WorldInput: CustomStringConvertible {
  /// `n1 boots`, `tell c1 Produce orders`, `crash n2`.
  public var description: String {
    switch self {
    case .boot(let node, _): "\(node) boots"
    case .reconfigure(let node, _): "\(node) is reconfigured"
    case .message(let message, let node): "tell \(node): \(message.summary)"
    case .fault(let fault): fault.description
    }
  }
}

public import Clockwork

/// Inputs, each at its time: a workload, the faults that disturb it, or both.
public struct Schedule<N: Node>: Sendable {
  public struct Entry: Sendable {
    public var time: Instant
    public var input: WorldInput<N>

    public init(time: Instant, input: WorldInput<N>) {
      self.time = time
      self.input = input
    }
  }

  /// Ordered by time; those of one time in the order in which they were added.
  public private(set) var entries: [Entry] = []

  public init() {}

  public mutating func add(_ input: WorldInput<N>, at time: Instant) {
    var place = entries.count
    while place > 0, entries[place - 1].time > time { place -= 1 }
    entries.insert(Entry(time: time, input: input), at: place)
  }

  public mutating func add(_ faults: [TimedFault]) {
    for fault in faults { add(.fault(fault.fault), at: fault.time) }
  }

  /// Without one of its entries: a step in shrinking a failing run.
  public func removing(at index: Int) -> Schedule {
    var shorter = self
    if entries.indices.contains(index) { shorter.entries.remove(at: index) }
    return shorter
  }
}

extension World {
  /// Runs to `limit`, with each input at its time (at once when that has passed). What the world does not accept is
  /// left out.
  @discardableResult
  public mutating func run(
    _ schedule: Schedule<N>, until limit: Instant, _ observer: inout some TraceObserver
  ) -> RunEnd {
    let wasSound = violation == nil && stopsAtViolation
    for entry in schedule.entries where entry.time <= limit {
      if run(until: max(now, entry.time), &observer) == .violated { return .violated }
      apply(entry.input, &observer)
      if wasSound, violation != nil { return .violated }
    }
    return run(until: limit, &observer)
  }

  @discardableResult
  public mutating func run(_ schedule: Schedule<N>, until limit: Instant) -> RunEnd {
    var nobody = NoObserver()
    return run(schedule, until: limit, &nobody)
  }
}

extension Timeline {
  /// The same run as `World.run(_:until:)`, recorded.
  @discardableResult
  public mutating func run(_ schedule: Schedule<N>, until limit: Instant) -> RunEnd {
    let wasSound = world.violation == nil && world.stopsAtViolation
    for entry in schedule.entries where entry.time <= limit {
      if run(until: max(world.now, entry.time)) == .violated { return .violated }
      apply(entry.input)
      if wasSound, world.violation != nil { return .violated }
    }
    return run(until: limit)
  }
}

public import Clockwork

/// The recorded history of one run: go anywhere in it, look, and live on from there.
///
/// It keeps the inputs, each with the event that it was, and a copy of the world every so many events. Anything else
/// comes back by running again from the nearest copy. A fork is an assignment.
public struct Timeline<N: Node>: Sendable {
  /// A place in a history: behind an event, and perhaps some quiet time after it.
  public struct Position: Hashable, Sendable {
    public var event: Int
    public var time: Instant
  }

  /// An input, and which event it was.
  public struct Entry: Sendable {
    public var event: Int
    public var time: Instant
    public var input: WorldInput<N>
  }

  /// What became of an input.
  public struct Applied: Hashable, Sendable {
    /// False when the world does not accept it; nothing was changed or dropped then.
    public var isAccepted: Bool
    /// How many events of the recorded future were dropped, because the past was changed.
    public var droppedEvents: Int
  }

  /// The world at `position`.
  public private(set) var world: World<N>
  /// Where the recorded history ends.
  public private(set) var end: Position
  /// Every input so far, oldest first; those of the recorded future too.
  public private(set) var journal: [Entry] = []

  /// Copies of the world, oldest first; the first one is the beginning.
  private var checkpoints: [World<N>]
  /// How many events apart the copies are. Doubles, and every other copy goes, when there are too many.
  private var spacing: Int
  private let mostCheckpoints: Int
  /// The first entry of `journal` that lies ahead of `position`.
  private var nextEntry = 0

  /// Begins a history at a world.
  ///
  /// At most `mostCheckpoints` copies are kept, `spacing` events apart or more: a run of a million events keeps 61,
  /// 16,384 events apart, and no place is farther than that from a copy.
  public init(_ world: World<N>, spacing: Int = 1024, mostCheckpoints: Int = 64) {
    self.world = world
    end = Position(event: world.eventCount, time: world.now)
    checkpoints = [world]
    self.spacing = max(1, spacing)
    self.mostCheckpoints = max(2, mostCheckpoints)
  }

  public var position: Position { Position(event: world.eventCount, time: world.now) }
  public var beginning: Position { Position(event: checkpoints[0].eventCount, time: checkpoints[0].now) }

  /// Whether a recorded future lies ahead, which the next input would drop.
  public var isInPast: Bool { world.eventCount < end.event }
}

// MARK: - Living

extension Timeline {
  /// Lets an input happen here and now. In the past, this drops the recorded future first.
  @discardableResult
  public mutating func apply(_ input: WorldInput<N>) -> Applied {
    let here = position
    guard world.apply(input) else { return Applied(isAccepted: false, droppedEvents: 0) }
    let dropped = end.event - here.event
    journal.removeSubrange(nextEntry...)
    checkpoints.removeAll { $0.eventCount > here.event }
    journal.append(Entry(event: world.eventCount, time: here.time, input: input))
    nextEntry = journal.count
    end = position
    return Applied(isAccepted: true, droppedEvents: dropped)
  }

  /// One event more, recorded or new. False when nothing is left.
  @discardableResult
  public mutating func step() -> Bool { run(events: 1) != .idle }

  /// Lives on: through the recorded future, inputs and all, and beyond it.
  ///
  /// `goesOn` is asked every few thousand events; when it says false the run ends as `.cancelled`. With an instant and
  /// no more events before it, it is that instant then.
  @discardableResult
  public mutating func run(
    until limit: Instant = .never, events: Int = .max, goesOn: (Position) -> Bool = { _ in true }
  ) -> RunEnd {
    var nobody = NoObserver()
    return run(until: limit, events: events, &nobody, goesOn: goesOn)
  }

  /// As above, watched.
  @discardableResult
  public mutating func run(
    until limit: Instant = .never, events: Int = .max, _ observer: inout some TraceObserver,
    goesOn: (Position) -> Bool = { _ in true }
  ) -> RunEnd {
    let (sum, overflow) = world.eventCount.addingReportingOverflow(max(0, events))
    let last = overflow ? Int.max : sum
    while world.eventCount < last {
      let stop = walk(until: limit, event: min(last, world.eventCount + min(spacing, 4096)), &observer)
      remember()
      if stop != .reached { return stop }
      if limit != .never, world.now >= limit, isQuiet(at: limit) { return .reached }
      if !goesOn(position) { return .cancelled }
    }
    return .reached
  }

  private func isQuiet(at limit: Instant) -> Bool {
    if nextEntry < journal.count, journal[nextEntry].event == world.eventCount + 1 {
      return journal[nextEntry].time > limit
    }
    return world.nextEventTime > limit
  }

  /// Notes how far history goes, and keeps a copy of the world now and then.
  private mutating func remember() {
    guard world.eventCount >= end.event else { return }
    end = Position(event: world.eventCount, time: max(end.event == world.eventCount ? end.time : .start, world.now))
    guard world.eventCount - checkpoints[checkpoints.count - 1].eventCount >= spacing else { return }
    checkpoints.append(world)
    // A copy stands right behind its event: an input may still come into the quiet time that the world has seen since.
    checkpoints[checkpoints.count - 1].now = world.lastEventTime
    guard checkpoints.count > mostCheckpoints else { return }
    spacing *= 2
    var kept = [checkpoints[0]]
    for checkpoint in checkpoints.dropFirst()
    where checkpoint.eventCount - kept[kept.count - 1].eventCount >= spacing { kept.append(checkpoint) }
    checkpoints = kept
  }

  /// Goes through recorded inputs and the world's own events, in the order in which they were, until the limit or the
  /// event is reached. Keeps no copies.
  private mutating func walk(until limit: Instant, event last: Int, _ observer: inout some TraceObserver) -> RunEnd {
    while world.eventCount < last {
      var stop = last
      if nextEntry < journal.count {
        let entry = journal[nextEntry]
        if entry.event == world.eventCount + 1 {
          guard entry.time <= limit else {
            world.advance(to: limit)
            return .reached
          }
          world.advance(to: entry.time)
          let wasSound = world.violation == nil
          world.apply(entry.input, &observer)
          nextEntry += 1
          if wasSound, world.violation != nil, world.stopsAtViolation { return .violated }
          continue
        }
        stop = min(last, entry.event - 1)
      }
      let ended = world.run(until: limit, events: stop - world.eventCount, &observer)
      if ended != .reached || world.eventCount < stop { return ended }
    }
    return .reached
  }
}

// MARK: - Travelling

extension Timeline {
  /// Goes right behind the event with this number, or to the nearer end of what is recorded. Says where that is.
  @discardableResult
  public mutating func goto(event: Int) -> Position {
    let target = min(max(event, beginning.event), end.event)
    restore { $0.eventCount <= target }
    travel(until: .never, event: target)
    world.now = target == beginning.event ? beginning.time : world.lastEventTime
    return position
  }

  /// Goes to a moment: behind every event that was due by then. Not beyond what is recorded.
  @discardableResult
  public mutating func goto(_ moment: Instant) -> Position {
    let target = min(max(moment, beginning.time), end.time)
    restore { $0.now <= target }
    travel(until: target, event: end.event)
    world.advance(to: target)
    return position
  }

  /// Undoes the last `count` events: faults and commands count as events too.
  @discardableResult
  public mutating func back(_ count: Int = 1) -> Position {
    let (event, overflow) = world.eventCount.subtractingReportingOverflow(max(0, count))
    return goto(event: overflow ? 0 : event)
  }

  /// What happened in these events, regenerated. At most `limit` lines.
  public func trace(_ events: ClosedRange<Int>, limit: Int = 100_000) -> TraceCollector {
    var past = self
    var collector = TraceCollector(limit: limit)
    past.goto(event: events.lowerBound - 1)
    let last = min(events.upperBound, end.event)
    while past.world.eventCount < last {
      let before = past.world.eventCount
      _ = past.walk(until: .never, event: last, &collector)
      if past.world.eventCount == before { break }
    }
    return collector
  }

  /// What happened in the last events before `position`.
  public func trace(last count: Int, limit: Int = 100_000) -> TraceCollector {
    guard count > 0, world.eventCount > beginning.event else { return TraceCollector(limit: limit) }
    let first = max(beginning.event, world.eventCount - min(count, world.eventCount)) + 1
    return trace(first...world.eventCount, limit: limit)
  }

  /// Puts the world back to the last copy that is not too late, unless it is between that copy and the target already.
  private mutating func restore(_ isNotTooLate: (World<N>) -> Bool) {
    // The first copy is the beginning, and no target lies before it.
    let copy = checkpoints[checkpoints.lastIndex(where: isNotTooLate) ?? 0]
    guard !isNotTooLate(world) || world.eventCount < copy.eventCount else { return }
    world = copy
    nextEntry = journal.firstIndex { $0.event > copy.eventCount } ?? journal.count
  }

  private mutating func travel(until limit: Instant, event last: Int) {
    var nobody = NoObserver()
    while world.eventCount < last {
      let before = world.eventCount
      _ = walk(until: limit, event: last, &nobody)
      // It stops early at a broken invariant, which was no end then either.
      if world.eventCount == before { return }
    }
  }
}

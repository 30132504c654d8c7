import Clockwork

/// What is to happen: the earliest first, and of what falls on one instant what was planned first.
struct Agenda<What> {
  /// The next one is the last, so that taking it moves nothing.
  private var entries: [(at: Instant, what: What)] = []
  /// How much was ever planned.
  private(set) var planned = 0

  mutating func plan(_ what: What, at instant: Instant) {
    planned += 1
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].at > instant { low = middle + 1 } else { high = middle }
    }
    entries.insert((instant, what), at: low)
  }

  /// Takes what comes next, unless that is after `end`.
  mutating func next(until end: Instant) -> (at: Instant, what: What)? {
    guard let last = entries.last, last.at <= end else { return nil }
    return entries.removeLast()
  }

  mutating func forget(where isForgotten: (What) -> Bool) { entries.removeAll { isForgotten($0.what) } }
}

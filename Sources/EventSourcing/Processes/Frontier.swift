/// Proof of standing at the live frontier: behind it everything is history, and history has no effects any more.
///
/// Made in one place, by `Replaying.atFrontier`: code that replays has none, and what wants one cannot be called there.
public struct LiveFrontier: ~Copyable, Sendable {
  fileprivate init() {}
}

/// What a log folds into.
public protocol Memory: Sendable {
  associatedtype Entry
  /// Takes one entry of the log in. No effects: there is nothing to reach them by.
  mutating func fold(_ entry: Entry)
}

/// A memory that catches up with its log, and can do nothing but that.
public struct Replaying<M: Memory>: Sendable {
  public private(set) var memory: M
  /// How many entries it has taken in.
  public private(set) var count = 0

  public init(_ memory: M) { self.memory = memory }

  public mutating func fold(_ entry: M.Entry) {
    memory.fold(entry)
    count += 1
  }

  /// The log is at its end and nobody else may write to it: from here on, what is decided is sent.
  public consuming func atFrontier() -> Live<M> { Live(memory) }
}

/// A memory at the end of its log. Whoever has one may decide and send.
public struct Live<M: Memory>: Sendable {
  public internal(set) var memory: M

  init(_ memory: M) { self.memory = memory }

  /// Lets the memory act, with the proof that it may.
  public mutating func act<Result>(_ body: (inout M, borrowing LiveFrontier) -> Result) -> Result {
    let frontier = LiveFrontier()
    return body(&memory, frontier)
  }
}

public import Clockwork

/// Names a timer: whose, and which of theirs.
public struct TimerID: Hashable, Comparable, Sendable {
  public var entity: EntityID
  public var name: UInt8

  public init(_ entity: EntityID, _ name: UInt8) {
    self.entity = entity
    self.name = name
  }

  public static func < (a: TimerID, b: TimerID) -> Bool { (a.entity, a.name) < (b.entity, b.name) }
}

/// The timers of one task that are still to fire: a fold of the records that set, cancelled and fired them, so that they
/// outlive the process that set them.
public struct Timers<Command: Sendable & Hashable>: Sendable, Equatable {
  public struct Pending: Sendable, Hashable {
    public var id: TimerID
    public var due: Instant
    public var command: Command
  }

  private var pending: [TimerID: Pending] = [:]
  /// A binary heap by due time; entries that `pending` no longer bears out are dropped when they come up.
  private var heap: [(due: Instant, id: TimerID)] = []

  public init() {}

  public var count: Int { pending.count }

  public func has(_ id: TimerID) -> Bool { pending[id] != nil }

  /// All of them, soonest first.
  public var all: [Pending] { pending.values.sorted { ($0.due, $0.id) < ($1.due, $1.id) } }

  public mutating func set(_ id: TimerID, due: Instant, _ command: Command) {
    pending[id] = Pending(id: id, due: due, command: command)
    push((due, id))
  }

  public mutating func clear(_ id: TimerID) { pending[id] = nil }

  /// When the next one is due; nil when there is none.
  public mutating func nextDue() -> Instant? {
    dropStale()
    return heap.first?.due
  }

  /// The soonest one that is due by `now`; it stays pending until it is cleared.
  public mutating func due(by now: Instant) -> Pending? {
    dropStale()
    guard let first = heap.first, first.due <= now else { return nil }
    return pending[first.id]
  }

  public static func == (a: Timers, b: Timers) -> Bool { a.pending == b.pending }

  private mutating func dropStale() {
    while let first = heap.first, pending[first.id]?.due != first.due { pop() }
  }

  private mutating func push(_ entry: (due: Instant, id: TimerID)) {
    heap.append(entry)
    var at = heap.count - 1
    while at > 0, before(heap[at], heap[(at - 1) / 2]) {
      heap.swapAt(at, (at - 1) / 2)
      at = (at - 1) / 2
    }
  }

  private mutating func pop() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var at = 0
    while true {
      var least = at
      for child in [2 * at + 1, 2 * at + 2] where child < heap.count && before(heap[child], heap[least]) {
        least = child
      }
      if least == at { return }
      heap.swapAt(at, least)
      at = least
    }
  }

  private func before(_ a: (due: Instant, id: TimerID), _ b: (due: Instant, id: TimerID)) -> Bool {
    (a.due, a.id) < (b.due, b.id)
  }
}

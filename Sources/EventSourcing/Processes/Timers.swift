public import Clockwork
private import HeapModule

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
  /// By due time. Entries that `pending` no longer bears out are dropped when they come up, so that the first is never
  /// one of them; and all at once when they are most of it, since a timer of minutes is often cleared within a second.
  private var agenda = Heap<Entry>()

  private struct Entry: Comparable, Sendable {
    var due: Instant
    var id: TimerID

    static func < (a: Entry, b: Entry) -> Bool { (a.due, a.id) < (b.due, b.id) }
  }

  public init() {}

  public var count: Int { pending.count }

  public func has(_ id: TimerID) -> Bool { pending[id] != nil }

  /// All of them, soonest first.
  public var all: [Pending] { pending.values.sorted { ($0.due, $0.id) < ($1.due, $1.id) } }

  /// How many entries it keeps to find the next one.
  package var agendaCount: Int { agenda.count }

  /// When the next one is due; nil when there is none.
  public var nextDue: Instant? { agenda.min?.due }

  /// The soonest one that is due by `now`; it stays pending until it is cleared.
  public func due(by now: Instant) -> Pending? {
    guard let first = agenda.min, first.due <= now else { return nil }
    return pending[first.id]
  }

  public mutating func set(_ id: TimerID, due: Instant, _ command: Command) {
    pending[id] = Pending(id: id, due: due, command: command)
    agenda.insert(Entry(due: due, id: id))
    dropStale()
  }

  public mutating func clear(_ id: TimerID) {
    pending[id] = nil
    dropStale()
  }

  private mutating func dropStale() {
    while let first = agenda.min, pending[first.id]?.due != first.due { agenda.removeMin() }
    guard agenda.count > 2 * pending.count + 64 else { return }
    agenda = Heap(pending.values.map { Entry(due: $0.due, id: $0.id) })
  }

  public static func == (a: Timers, b: Timers) -> Bool { a.pending == b.pending }
}

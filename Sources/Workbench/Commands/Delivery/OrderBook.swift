import Clockwork
import Delivery
import EventSourcing
import Simulation

/// A read model of all orders: one row an order, for a screen that asks for many at once. It follows the log of orders at
/// a distance, and can be stopped, rebuilt beside the live one, and switched.
struct OrderBook: Sendable {
  struct Row: Hashable, Sendable {
    var number: UInt64
    var state: Order.State
  }

  /// One build of the read model.
  struct Table: Sendable {
    var version: Int
    var checkpoint = Checkpoint()
    var rows: [UInt64: Order.State] = [:]

    /// Row and checkpoint change together; what was applied before changes nothing.
    mutating func apply(_ placed: EngineLogs.Placed) {
      guard checkpoint.advance(past: placed.position) else { return }
      guard case .event(.order(let event), _) = placed.entry.body else { return }
      Order.evolve(&rows[placed.entry.entity.number, default: Order.initial], event)
    }
  }

  /// How long after an event the live table has it.
  static let delay = Interval.milliseconds(40)
  /// Entries a second of a table that is being built.
  static let rebuildRate: Int64 = 20

  private(set) var live = Table(version: 1)
  /// The next version, as far as it is built.
  private(set) var next: Table?
  private var nextBegan = Instant.start
  private(set) var frozenAt: Instant?
  /// Said once, when a table was switched.
  private(set) var switchedAt: Instant?

  var isFrozen: Bool { frozenAt != nil }

  mutating func freeze(at now: Instant) { frozenAt = frozenAt ?? now }
  mutating func thaw() { frozenAt = nil }

  mutating func rebuild(at now: Instant) {
    next = Table(version: live.version + 1)
    nextBegan = now
    switchedAt = nil
  }

  /// Does what it has had the time to do by now.
  mutating func catchUp(_ logs: EngineLogs, at now: Instant) {
    if !isFrozen { Self.apply(logs, to: &live) { $0.entry.at + Self.delay <= now } }
    guard var building = next else { return }
    var left = (now - nextBegan).milliseconds * Self.rebuildRate / 1000
    building = Table(version: building.version)
    Self.apply(logs, to: &building) { _ in
      left -= 1
      return left >= 0
    }
    next = building
    if Self.lag(building, logs) == 0 {
      (live, next, frozenAt, switchedAt) = (building, nil, nil, now)
    }
  }

  private static func apply(_ logs: EngineLogs, to table: inout Table, _ isDue: (EngineLogs.Placed) -> Bool) {
    for partition in 0..<logs.partitions {
      for placed in logs.log(.orderEvents, partition) where !table.checkpoint.includes(placed.position) {
        guard isDue(placed) else { break }
        table.apply(placed)
      }
    }
  }

  /// Entries of the log that the table has not applied.
  static func lag(_ table: Table, _ logs: EngineLogs) -> Int {
    (0..<logs.partitions).reduce(0) { sum, partition in
      sum + logs.log(.orderEvents, partition).count { !table.checkpoint.includes($0.position) }
    }
  }

  /// Rows that differ from a fold of the log: none, or it is not a projection.
  static func strays(_ table: Table, _ logs: EngineLogs) -> [UInt64] {
    var fold = Table(version: 0)
    for partition in 0..<logs.partitions {
      for placed in logs.log(.orderEvents, partition) where table.checkpoint.includes(placed.position) {
        fold.apply(placed)
      }
    }
    return Set(fold.rows.keys).union(table.rows.keys).filter { fold.rows[$0] != table.rows[$0] }.sorted()
  }
}

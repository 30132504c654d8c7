public import Clockwork

/// A service's own database: one table, a row for each order, written by one transaction at a time.
public struct ShopDatabase: Durable {
  /// A row. Which states a service uses is its own affair.
  public struct Row: Hashable, Sendable {
    public var order: ShopOrder
    public var state: State
    public var since: Instant
    /// When what the row waits for is due.
    public var due: Instant = .never
    /// Which change of the table made it so.
    public var version: UInt64 = 0
  }

  public enum State: UInt8, Hashable, Sendable {
    // Of the order service.
    case placed, confirmed, ready, carried, delivered, cancelling, cancelled
    // Of payments.
    case authorised, captured, voided
    // Of kitchens (voided too).
    case cooking, cooked
    // Of dispatch.
    case assigned, carrying, arrived, released
  }

  private struct Write: Sendable {
    var row: Row
    var position: UInt64
  }

  public private(set) var position: UInt64 = 0
  private var rows: [UInt64: Row] = [:]
  private var unsynced: [Write] = []
  /// What the platter has of rows that were written since.
  private var platter: [UInt64: Row?] = [:]

  public init() {}

  public func row(_ order: UInt64) -> Row? { rows[order] }

  /// Every row, in order of number.
  public var all: [Row] { rows.keys.sorted().compactMap { rows[$0] } }

  public mutating func write(_ row: Row) {
    position += 1
    var row = row
    row.version = position
    if platter[row.order.number] == nil { platter[row.order.number] = .some(rows[row.order.number]) }
    rows[row.order.number] = row
    unsynced.append(Write(row: row, position: position))
  }

  public mutating func synced(through position: UInt64) {
    while let first = unsynced.first, first.position <= position {
      unsynced.removeFirst()
      let number = first.row.order.number
      platter[number] = unsynced.contains { $0.row.order.number == number } ? .some(first.row) : nil
    }
  }

  /// Keeps some of what was not synced, from the front.
  public mutating func losePower(_ choices: inout Choices) {
    let kept = choices.choose(unsynced.count + 1)
    for (number, row) in platter.sorted(by: { $0.key < $1.key }) { rows[number] = row }
    for write in unsynced.prefix(kept) { rows[write.row.order.number] = write.row }
    unsynced = []
    platter = [:]
  }
}

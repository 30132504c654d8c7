internal import Clockwork
public import Delivery
public import EventSourcing
public import GRDB

/// The orders as tables: what a customer's screen, a restaurant's and an operator's ask for.
public struct OrderBoard: TableProjection {
  public static let name = "orders"
  public static let version = 1

  public init() {}

  public static func create(in tables: inout Tables) throws(DatabaseError) {
    try tables.execute(
      """
      CREATE TABLE orders (
        number INTEGER PRIMARY KEY, customer INTEGER NOT NULL, restaurant INTEGER NOT NULL, amount INTEGER NOT NULL,
        status TEXT NOT NULL, rider INTEGER, version INTEGER NOT NULL, placed INTEGER NOT NULL, changed INTEGER NOT NULL)
      """)
    try tables.execute("CREATE INDEX orders_by_status ON orders (status)")
  }

  public func apply(_ recorded: Recorded<Order.Event>, in tables: inout Tables) throws(DatabaseError) {
    let number = Int64(bitPattern: recorded.entity.number)
    let version = Int64(bitPattern: recorded.version)
    let at = recorded.at.nanoseconds / 1_000_000
    switch recorded.event {
    case .placed(let basket):
      try tables.execute(
        "INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, 'placed', NULL, ?, ?, ?)",
        [
          number, Int64(bitPattern: basket.customer), Int64(bitPattern: basket.restaurant), basket.amount, version, at,
          at,
        ])
    case .riderAssigned(let rider):
      try tables.execute(
        "UPDATE orders SET rider = ?, version = ?, changed = ? WHERE number = ?",
        [Int64(bitPattern: rider), version, at, number])
    case .riderLost:
      try tables.execute(
        "UPDATE orders SET rider = NULL, version = ?, changed = ? WHERE number = ?", [version, at, number])
    default:
      try tables.execute(
        "UPDATE orders SET status = COALESCE(?, status), version = ?, changed = ? WHERE number = ?",
        [recorded.event.status, version, at, number])
    }
  }
}

extension Order.Event {
  /// What the order is from here on; nil where that stays as it was.
  fileprivate var status: String? {
    switch self {
    case .placed: "placed"
    case .paid: "paid"
    case .accepted: "accepted"
    case .cooking: "cooking"
    case .ready: "ready"
    case .pickedUp: "picked up"
    case .delivered: "delivered"
    case .cancelRequested: "cancelling"
    case .cancelled: "cancelled"
    case .rejected: "rejected"
    case .estimateChanged, .riderAssigned, .riderLost, .cancelRefused, .escalated: nil
    }
  }
}

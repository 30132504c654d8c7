import GRDB

/// What a service's database holds, read by somebody else while the service may be running.
public struct ServiceBooks {
  /// The orders of which it has done its part.
  public let orders: Set<UInt32>
  public let prepared: Int
  public let locks: Int
  /// What was paid, or cooked, is what is missing.
  public let isBalanced: Bool

  public init(_ service: Service, at path: String) throws {
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    (orders, prepared, locks, isBalanced) = try queue.read { database in
      let ids = try UInt32.fetchSet(database, sql: "SELECT id FROM \(service.ledger)")
      let prepared = try Int.fetchOne(database, sql: "SELECT count(*) FROM prepared") ?? 0
      let locks = try Int.fetchOne(database, sql: "SELECT count(*) FROM locks") ?? 0
      return (ids, prepared, locks, try service.isBalanced(database))
    }
  }
}

extension Service {
  fileprivate func isBalanced(_ database: Database) throws -> Bool {
    switch self {
    case .order: return true
    case .payment:
      let paid = try Int.fetchOne(database, sql: "SELECT total(amount) FROM payments") ?? 0
      let left = try Int.fetchOne(database, sql: "SELECT sum(balance) FROM wallets") ?? 0
      return paid + left == initialTotal
    case .kitchen:
      let cooked = try Int.fetchOne(database, sql: "SELECT count(*) FROM tickets") ?? 0
      let left = try Int.fetchOne(database, sql: "SELECT sum(portions) FROM stock") ?? 0
      return cooked + left == initialTotal
    }
  }
}

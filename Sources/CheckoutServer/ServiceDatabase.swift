public import AtomicCommit
public import Clockwork
public import GRDB

/// A service's SQLite database as a resource manager.
///
/// A yes writes the checkout and its lock in one SQLite transaction; a decision does the work, or not, and gives up the
/// lock in another. Both are harmless when done again, so that the participant's own log, which is written after the
/// first and before the second, is the truth: whatever a crash left undone here, recovery does.
public struct ServiceDatabase: ResourceManager {
  public struct Setup: Sendable {
    public var service: Service
    public var database: DatabaseQueue

    public init(_ service: Service, _ database: DatabaseQueue) {
      self.service = service
      self.database = database
    }
  }

  private let service: Service
  private let database: DatabaseQueue
  /// In doubt when the process came back.
  private var recovered: [UInt32] = []
  /// What went wrong with the disk. A participant that cannot write must stop: its log goes on where it stood.
  public private(set) var failure: String?

  /// Opens the file, makes the tables, and fills empty ones.
  public static func open(_ service: Service, at path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    // Somebody who counts may be reading.
    configuration.busyMode = .timeout(10)
    configuration.prepareDatabase { database in
      // The log is forced before anything here matters; what a power failure takes from this file, recovery redoes.
      try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
    }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.write { database in
      try database.execute(sql: service.schema)
      switch service {
      case .order: break
      case .payment:
        for (customer, balance) in service.initial.enumerated() {
          try database.execute(
            sql: "INSERT OR IGNORE INTO wallets VALUES (?, ?)", arguments: [customer, balance])
        }
      case .kitchen:
        for (dish, portions) in service.initial.enumerated() {
          try database.execute(
            sql: "INSERT OR IGNORE INTO stock VALUES (?, ?)", arguments: [dish, portions])
        }
      }
    }
    return queue
  }

  public init(_ setup: Setup) {
    service = setup.service
    database = setup.database
  }

  public mutating func prepare(_ transaction: TransactionID, _ work: Checkout) -> Vote {
    let (service, id) = (service, Int64(transaction.rawValue))
    return attempt("prepare \(transaction)") { database in
      let row = service.row(work)
      let isLocked =
        try Bool.fetchOne(
          database, sql: "SELECT EXISTS (SELECT 1 FROM locks WHERE row = ? AND holder <> ?)", arguments: [row, id])
        ?? true
      guard !isLocked, try service.accepts(work, database) else { return .no }
      try service.lock(id, work, database)
      return .yes
    } ?? .no
  }

  public mutating func settle(_ transaction: TransactionID, _ outcome: Outcome) {
    let (service, id) = (service, Int64(transaction.rawValue))
    attempt("settle \(transaction)") { database in
      let found = try Row.fetchOne(database, sql: "SELECT * FROM prepared WHERE id = ?", arguments: [id])
      guard let found else { return }
      let work = Checkout(
        order: found["order"], customer: found["customer"], dish: found["dish"], amount: found["amount"])
      try service.finish(id, work, outcome, database)
    }
  }

  public mutating func recover(_ transaction: TransactionID, _ work: Checkout, _ outcome: Outcome?) {
    let (service, id) = (service, Int64(transaction.rawValue))
    if outcome == nil { recovered.append(transaction.rawValue) }
    attempt("recover \(transaction)") { database in
      if let outcome {
        try service.finish(id, work, outcome, database)
      } else {
        try service.lock(id, work, database)
      }
    }
  }

  public mutating func endRecovery() {
    let inDoubt = recovered.map(String.init).joined(separator: ",")
    attempt("release what was never promised") { database in
      try database.execute(sql: "DELETE FROM locks WHERE holder NOT IN (\(inDoubt))")
      try database.execute(sql: "DELETE FROM prepared WHERE id NOT IN (\(inDoubt))")
    }
    recovered = []
  }

  public func fingerprint(into hasher: inout StateHasher) {}

  @discardableResult
  private mutating func attempt<Result>(_ what: String, _ body: (Database) throws -> Result) -> Result? {
    guard failure == nil else { return nil }
    do {
      return try database.writeWithoutTransaction { database in
        var result: Result?
        try database.inTransaction(.immediate) {
          result = try body(database)
          return .commit
        }
        return result
      }
    } catch {
      failure = "cannot \(what): \(error)"
      return nil
    }
  }
}

extension Service {
  /// Whether it can do the work.
  fileprivate func accepts(_ work: Checkout, _ database: Database) throws -> Bool {
    switch self {
    case .order: return true
    case .payment:
      let balance = try Int64.fetchOne(
        database, sql: "SELECT balance FROM wallets WHERE customer = ?", arguments: [work.customer])
      return balance.map { $0 >= Int64(work.amount) } ?? false
    case .kitchen:
      let portions = try Int64.fetchOne(
        database, sql: "SELECT portions FROM stock WHERE dish = ?", arguments: [work.dish])
      return portions.map { $0 > 0 } ?? false
    }
  }

  fileprivate func lock(_ id: Int64, _ work: Checkout, _ database: Database) throws {
    try database.execute(sql: "INSERT OR IGNORE INTO locks VALUES (?, ?)", arguments: [row(work), id])
    try database.execute(
      sql: "INSERT OR IGNORE INTO prepared VALUES (?, ?, ?, ?, ?)",
      arguments: [id, work.order, work.customer, work.dish, work.amount])
  }

  /// Does the work once, however often it is told.
  fileprivate func finish(_ id: Int64, _ work: Checkout, _ outcome: Outcome, _ database: Database) throws {
    try database.execute(sql: "DELETE FROM locks WHERE holder = ?", arguments: [id])
    try database.execute(sql: "DELETE FROM prepared WHERE id = ?", arguments: [id])
    // What is done needs no lock: another checkout may hold the row by now.
    let isDone = try Bool.fetchOne(
      database, sql: "SELECT EXISTS (SELECT 1 FROM \(ledger) WHERE id = ?)", arguments: [work.order])
    guard outcome == .commit, isDone == false else { return }
    switch self {
    case .order:
      try database.execute(
        sql: "INSERT INTO orders VALUES (?, ?, ?, ?)",
        arguments: [work.order, work.customer, work.dish, work.amount])
    case .payment:
      try database.execute(
        sql: "INSERT INTO payments VALUES (?, ?, ?)", arguments: [work.order, work.customer, work.amount])
      try database.execute(
        sql: "UPDATE wallets SET balance = balance - ? WHERE customer = ?", arguments: [work.amount, work.customer])
    case .kitchen:
      try database.execute(sql: "INSERT INTO tickets VALUES (?, ?)", arguments: [work.order, work.dish])
      try database.execute(
        sql: "UPDATE stock SET portions = portions - 1 WHERE dish = ?", arguments: [work.dish])
    }
  }
}

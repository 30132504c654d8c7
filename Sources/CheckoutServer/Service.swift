/// One of the delivery service's three resource managers: which tables it has, what it locks, what it refuses, what it
/// does.
public enum Service: String, Sendable, CaseIterable {
  case order, payment, kitchen

  /// Tables of its own, beside `prepared` (checkouts in doubt) and `locks` (the rows they hold), which all have.
  ///
  /// The triggers hold the locks against everybody, another program with the file open included; `settle` gives a lock up
  /// in the same transaction before it writes.
  var schema: String {
    let own: String
    switch self {
    case .order:
      own = """
        CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, dish INTEGER NOT NULL,
          amount INTEGER NOT NULL);
        CREATE TRIGGER IF NOT EXISTS basket_is_locked BEFORE INSERT ON orders
          WHEN EXISTS (SELECT 1 FROM locks WHERE row = NEW.customer)
          BEGIN SELECT RAISE(ABORT, 'the basket is locked by a checkout in doubt'); END;
        """
    case .payment:
      own = """
        CREATE TABLE IF NOT EXISTS wallets (customer INTEGER PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0));
        CREATE TABLE IF NOT EXISTS payments (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, amount INTEGER NOT NULL);
        CREATE TRIGGER IF NOT EXISTS wallet_is_locked BEFORE UPDATE ON wallets
          WHEN EXISTS (SELECT 1 FROM locks WHERE row = OLD.customer)
          BEGIN SELECT RAISE(ABORT, 'the wallet is locked by a checkout in doubt'); END;
        """
    case .kitchen:
      own = """
        CREATE TABLE IF NOT EXISTS stock (dish INTEGER PRIMARY KEY, portions INTEGER NOT NULL CHECK (portions >= 0));
        CREATE TABLE IF NOT EXISTS tickets (id INTEGER PRIMARY KEY, dish INTEGER NOT NULL);
        CREATE TRIGGER IF NOT EXISTS dish_is_locked BEFORE UPDATE ON stock
          WHEN EXISTS (SELECT 1 FROM locks WHERE row = OLD.dish)
          BEGIN SELECT RAISE(ABORT, 'the dish is locked by a checkout in doubt'); END;
        """
    }
    return """
      CREATE TABLE IF NOT EXISTS prepared (id INTEGER PRIMARY KEY, "order" INTEGER NOT NULL, customer INTEGER NOT NULL,
        dish INTEGER NOT NULL, amount INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS locks (row INTEGER PRIMARY KEY, holder INTEGER NOT NULL);
      \(own)
      """
  }

  /// The table that gets one row, under the order's number, for each checkout that is committed.
  public var ledger: String {
    switch self {
    case .order: "orders"
    case .payment: "payments"
    case .kitchen: "tickets"
    }
  }

  /// What a new database holds, by customer or dish: every eighth customer is poor, every tenth dish runs out.
  var initial: [Int] {
    switch self {
    case .order: []
    case .payment: (0..<400).map { $0 % 8 == 7 ? 30_000 : 10_000_000 }
    case .kitchen: (0..<300).map { $0 % 10 == 9 ? 5 : 1_000_000 }
    }
  }

  var initialTotal: Int { initial.reduce(0, +) }

  /// The row that a checkout needs to itself.
  func row(_ work: Checkout) -> Int64 {
    switch self {
    case .order, .payment: Int64(work.customer)
    case .kitchen: Int64(work.dish)
    }
  }
}

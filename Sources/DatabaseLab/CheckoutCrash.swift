import CDatabase

/// A guest's checkout on SQLite, carried out by a process that is killed on the way; then somebody else opens what is on
/// disk, as after any crash.
public struct CheckoutCrash: Hashable, Sendable {
  /// How the checkout's three writes are held together.
  public enum Plan: String, Hashable, Sendable, CaseIterable {
    /// One database, one transaction.
    case together
    /// A database for each service, a transaction for each write.
    case apart
  }

  /// Where the process dies.
  public enum Death: Hashable, Sendable {
    /// Before the statement of this number, counted from 1; one past the last: when all are done.
    case before(Int)
    /// Inside COMMIT: the new pages are in the file, and the journal that undoes them is still there.
    case insideCommit
  }

  public enum Trouble: Error, Hashable, Sendable {
    case noFolder
    case database(String)
    /// The child did not die as it should have: a result code of SQLite, or -1.
    case child(Int32)
  }

  public let plan: Plan
  public let death: Death
  /// What the databases hold after recovery.
  public private(set) var hasPaid = false
  public private(set) var isCooking = false
  public private(set) var isOrdered = false
  /// A journal was left: whatever had reached the file was to be taken back.
  public private(set) var leftJournal = false

  /// All of it happened, or nothing did.
  public var isWhole: Bool { hasPaid == isCooking && isCooking == isOrdered }

  private static let writes: [(file: Int, sql: String)] = [
    (0, "UPDATE accounts SET won = won - 12000 WHERE guest = 'mina'"),
    (1, "UPDATE kitchen SET bibimbap = bibimbap - 1"),
    (2, "INSERT INTO orders VALUES (20, 'mina', 'bibimbap')"),
  ]

  /// What the process runs, in order.
  public static func statements(_ plan: Plan) -> [String] {
    plan == .together ? ["BEGIN"] + writes.map(\.sql) + ["COMMIT"] : writes.map(\.sql)
  }

  /// Every place to die, in order.
  public static func deaths(_ plan: Plan) -> [Death] {
    let count = statements(plan).count
    let before = (1...count).map { Death.before($0) }
    return before + (plan == .together ? [.insideCommit] : []) + [.before(count + 1)]
  }

  /// Does it: makes the databases, lets the process run and die, opens them again and looks.
  public init(_ plan: Plan, dying death: Death) throws(Trouble) {
    (self.plan, self.death) = (plan, death)
    guard let folder = TemporaryFolder() else { throw .noFolder }
    let names = plan == .together ? ["baedal.db"] : ["payment.db", "kitchen.db", "orders.db"]
    do {
      for name in names {
        let database = try SQLiteConnection(folder.file(name))
        try database.run("CREATE TABLE accounts (guest TEXT PRIMARY KEY, won INTEGER)")
        try database.run("INSERT INTO accounts VALUES ('mina', 30000)")
        try database.run("CREATE TABLE kitchen (bibimbap INTEGER)")
        try database.run("INSERT INTO kitchen VALUES (5)")
        try database.run("CREATE TABLE orders (number INTEGER PRIMARY KEY, guest TEXT, dish TEXT)")
      }
    } catch {
      throw .database(error.words)
    }
    let code = Self.run(plan, death, names.map { folder.file($0) })
    guard code == 0 else { throw .child(code) }
    leftJournal = names.contains { folder.has($0 + "-journal") }
    do {
      let files = plan == .together ? [names[0], names[0], names[0]] : names
      hasPaid = try Self.ask(folder.file(files[0]), "SELECT won < 30000 FROM accounts")
      isCooking = try Self.ask(folder.file(files[1]), "SELECT bibimbap < 5 FROM kitchen")
      isOrdered = try Self.ask(folder.file(files[2]), "SELECT count(*) = 1 FROM orders")
    } catch {
      throw .database(error.words)
    }
  }

  private static func ask(_ file: String, _ question: String) throws(SQLiteConnection.Failure) -> Bool {
    try SQLiteConnection(file).rows(question).first == "1"
  }

  private static func run(_ plan: Plan, _ death: Death, _ files: [String]) -> Int32 {
    let statements = Self.statements(plan)
    let on: [Int32] = plan == .together ? statements.map { _ in 0 } : [0, 1, 2]
    let (at, kind): (Int, database_death) =
      switch death {
      case .before(let number): (number - 1, DATABASE_DIES_BEFORE)
      case .insideCommit: (statements.count - 1, DATABASE_DIES_AT_JOURNAL)
      }
    // The child gets C strings that live until it is dead.
    let texts = (files + statements).map { $0.utf8CString.map { $0 } }
    let storage = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: texts.count)
    defer { storage.deallocate() }
    func lend(_ place: Int) -> Int32 {
      guard place < texts.count else {
        let first = UnsafePointer(storage)
        return database_run_and_die(
          first, Int32(files.count), first + files.count, on, Int32(statements.count), Int32(at), kind)
      }
      return texts[place].withUnsafeBufferPointer {
        storage[place] = $0.baseAddress
        return lend(place + 1)
      }
    }
    return lend(0)
  }
}

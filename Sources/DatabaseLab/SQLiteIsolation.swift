import CDatabase
public import Histories
public import VersionStore

/// The schedules of isolation on SQLite itself, two connections to one database, as far as it has the levels.
public enum SQLiteIsolation {
  /// The levels that SQLite offers.
  public enum Level: String, Hashable, Sendable, CaseIterable {
    /// Two connections that share a cache, with `PRAGMA read_uncommitted`.
    case readUncommitted = "read uncommitted"
    /// A write-ahead log: readers have a snapshot, one transaction writes at a time.
    case serializable
  }

  public struct Trouble: Error, Hashable, Sendable {
    public var words: String
  }

  public struct Result: Sendable {
    public var events: [MultiVersionStore.Event] = []
    public var transactions: [Transaction] = []
    /// By register, in the order in which the values were committed.
    public var installed: [String: [String]] = [:]

    public var judge: IsolationJudge { IsolationJudge(transactions, installed: installed) }
  }

  private struct Session {
    var name: String
    var connection: SQLiteConnection
    var steps: [Transaction.Step] = []
    var end: Transaction.End?
  }

  /// Runs the schedule. A statement that finds the database locked ends its transaction, as a client without patience
  /// would.
  public static func run(_ schedule: IsolationSchedule, at level: Level) throws(Trouble) -> Result {
    guard let folder = TemporaryFolder() else { throw Trouble(words: "there is no temporary folder") }
    // A name of its own, or two databases in memory would be one.
    let place = level == .readUncommitted ? "file:\(folder.path)?mode=memory&cache=shared" : folder.file("isolation.db")
    do {
      // Held to the end: a database in memory lasts as long as somebody is connected.
      let first = try SQLiteConnection(place)
      if level == .serializable { try first.run("PRAGMA journal_mode = WAL") }
      try first.run("CREATE TABLE registers (key TEXT PRIMARY KEY, value TEXT)")
      try first.run("CREATE TABLE menu (dish TEXT PRIMARY KEY)")
      try first.run("INSERT INTO registers VALUES ('x', '10'), ('y', '20')")
      try first.run("INSERT INTO menu VALUES ('bibimbap')")
      var result = Result()
      var sessions: [Session] = []
      for step in schedule.steps {
        if !sessions.contains(where: { $0.name == step.transaction }) {
          let connection = try SQLiteConnection(place)
          if level == .readUncommitted { try connection.run("PRAGMA read_uncommitted = 1") }
          try connection.run("BEGIN")
          sessions.append(Session(name: step.transaction, connection: connection))
        }
        guard let at = sessions.firstIndex(where: { $0.name == step.transaction }), sessions[at].end == nil else {
          continue
        }
        let reply = take(step.request, &sessions[at], &result)
        result.events.append(
          MultiVersionStore.Event(transaction: step.transaction, request: step.request, reply: reply))
      }
      result.transactions = sessions.map { Transaction($0.name, $0.steps, $0.end ?? .unknown) }
      return result
    } catch {
      throw Trouble(words: error.words)
    }
  }

  private static func take(
    _ request: MultiVersionStore.Request, _ session: inout Session, _ result: inout Result
  ) -> MultiVersionStore.Reply {
    do {
      return try carryOut(request, &session, &result)
    } catch {
      try? session.connection.run("ROLLBACK")
      session.end = .aborted
      return .aborted(error.words)
    }
  }

  private static func carryOut(
    _ request: MultiVersionStore.Request, _ session: inout Session, _ result: inout Result
  ) throws(SQLiteConnection.Failure) -> MultiVersionStore.Reply {
    switch request {
    case .read(let key):
      let rows = try session.connection.rows("SELECT value FROM registers WHERE key = '\(key)'")
      let value = rows.first ?? nil
      session.steps.append(.read(key, value))
      return .value(value)
    case .scan(let table):
      let rows = try session.connection.rows("SELECT dish FROM menu ORDER BY dish").compactMap { $0 }
      session.steps.append(.readRows(table, rows))
      return .rows(rows)
    case .write(let key, let value):
      try session.connection.run("UPDATE registers SET value = '\(value)' WHERE key = '\(key)'")
      session.steps.append(.write(key, value))
      return .done
    case .insert(let table, let row):
      try session.connection.run("INSERT INTO menu VALUES ('\(row)')")
      session.steps.append(.insert(table, row))
      return .done
    case .commit:
      try session.connection.run("COMMIT")
      session.end = .committed
      for case .write(let key, let value) in session.steps { result.installed[key, default: []].append(value) }
      return .committed
    case .abort:
      try session.connection.run("ROLLBACK")
      session.end = .aborted
      return .aborted("as asked")
    }
  }
}

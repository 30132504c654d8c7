public import Clockwork
internal import Dispatch
public import EventSourcing
public import GRDB
internal import Synchronization

/// A projection whose tables are in SQLite.
public protocol TableProjection: Projection where Tx == Tables, Failure == DatabaseError {
  /// Makes its tables in an empty database.
  static func create(in tables: inout Tables) throws(DatabaseError)
}

/// The transaction that a projection writes in.
public struct Tables {
  public let database: Database

  /// Runs one statement.
  public func execute(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws(DatabaseError) {
    do { try database.execute(sql: sql, arguments: arguments) } catch let error as DatabaseError { throw error } catch {
      throw DatabaseError(message: "\(error)")
    }
  }
}

/// One version of a projection in a database file of its own, with how far it has come.
///
/// The tables and the checkpoint are written in one transaction: a crash at any statement leaves both as they were or both
/// as they should be, and what is applied a second time is known by its position.
public final class ReadModel<P: TableProjection>: Sendable where P: Sendable {
  private let projection: P
  private let pool: DatabasePool
  private let progress: Mutex<Progress>

  private struct Progress {
    /// The next offset to apply, by log and partition.
    var next: [Place: Int64] = [:]
    var waiting: [UInt64: Waiting] = [:]
    var lastTicket: UInt64 = 0
  }

  private struct Place: Hashable {
    var log: UInt8
    var partition: Int32

    init(log: UInt8, partition: Int32) {
      self.log = log
      self.partition = partition
    }

    init(_ position: Position) { self.init(log: position.log, partition: position.partition) }
  }

  private struct Waiting {
    var position: Position
    var answer: CheckedContinuation<Int64, Never>
  }

  /// Opens the file, and makes it when it is not there. `watching` is handed every connection, to look on.
  public init(
    _ projection: P, at path: String, watching: (@Sendable (Database) -> Void)? = nil
  ) throws {
    self.projection = projection
    var configuration = Configuration()
    configuration.prepareDatabase { database in
      // What the log holds can be applied again: the disk need not be waited for at every commit.
      try database.execute(sql: "PRAGMA synchronous = NORMAL")
      watching?(database)
    }
    pool = try DatabasePool(path: path, configuration: configuration)
    let next = try pool.write { database in
      if try !database.tableExists("checkpoint") {
        try database.execute(
          sql: """
            CREATE TABLE checkpoint (
              log INTEGER NOT NULL, "partition" INTEGER NOT NULL, next INTEGER NOT NULL,
              PRIMARY KEY (log, "partition")) WITHOUT ROWID
            """)
        var tables = Tables(database: database)
        try P.create(in: &tables)
      }
      var next: [Place: Int64] = [:]
      for row in try Row.fetchAll(database, sql: "SELECT log, \"partition\", next FROM checkpoint") {
        next[Place(log: row[0], partition: row[1])] = row[2]
      }
      return next
    }
    progress = Mutex(Progress(next: next))
  }

  /// The next offset to apply of a partition.
  public func next(log: UInt8, partition: Int32) -> Int64 {
    progress.withLock { $0.next[Place(log: log, partition: partition)] ?? 0 }
  }

  /// Applies what is new of these, in one transaction. The offset after the last one read of each partition goes with it
  /// (`upTo`), as a log has offsets that hold no event.
  public func apply(_ recorded: [Recorded<P.Input>], upTo: [Position] = []) throws {
    let before = progress.withLock { $0.next }
    let next = try pool.write { database in
      var next = before
      var tables = Tables(database: database)
      for each in recorded {
        let place = Place(each.position)
        guard each.position.offset >= next[place] ?? 0 else { continue }
        try projection.apply(each, in: &tables)
        next[place] = each.position.offset + 1
      }
      for position in upTo { next[Place(position)] = max(next[Place(position)] ?? 0, position.offset) }
      for (place, offset) in next where before[place] != offset {
        try database.execute(
          sql: "INSERT OR REPLACE INTO checkpoint VALUES (?, ?, ?)", arguments: [place.log, place.partition, offset])
      }
      return next
    }
    let reached = progress.withLock { progress in
      progress.next = next
      let reached = progress.waiting.filter { Self.lag(of: progress, behind: $0.value.position) == 0 }
      for ticket in reached.keys { progress.waiting[ticket] = nil }
      return reached
    }
    for waiting in reached.values { waiting.answer.resume(returning: 0) }
  }

  /// How many offsets the model is short of a position; 0 when what stands there is in it.
  public func lag(behind position: Position) -> Int64 { progress.withLock { Self.lag(of: $0, behind: position) } }

  private static func lag(of progress: borrowing Progress, behind position: Position) -> Int64 {
    max(0, position.offset + 1 - (progress.next[Place(position)] ?? 0))
  }

  /// Reads what is there now.
  public func read<Value: Sendable>(_ query: @Sendable (Database) throws -> Value) throws -> Value {
    try pool.read(query)
  }

  /// Reads once the model holds what stands at the position: so whoever got a position for what they wrote reads it.
  /// Throws `ReadModelError.behind` when that takes longer than `within`.
  public func read<Value: Sendable>(
    after position: Position, within: Interval, _ query: @Sendable (Database) throws -> Value
  ) async throws -> Value {
    let lag = await wait(for: position, within)
    guard lag == 0 else { throw ReadModelError.behind(by: lag, of: position) }
    return try read(query)
  }

  private func wait(for position: Position, _ patience: Interval) async -> Int64 {
    await withCheckedContinuation { answer in
      let (lag, ticket) = progress.withLock { progress -> (Int64, UInt64) in
        let lag = Self.lag(of: progress, behind: position)
        guard lag > 0, patience > .zero else { return (lag, 0) }
        progress.lastTicket += 1
        progress.waiting[progress.lastTicket] = Waiting(position: position, answer: answer)
        return (lag, progress.lastTicket)
      }
      guard ticket > 0 else { return answer.resume(returning: lag) }
      DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(Int(patience.nanoseconds))) { [weak self] in
        self?.giveUp(ticket)
      }
    }
  }

  private func giveUp(_ ticket: UInt64) {
    let (waiting, lag) = progress.withLock { progress -> (Waiting?, Int64) in
      guard let waiting = progress.waiting.removeValue(forKey: ticket) else { return (nil, 0) }
      return (waiting, Self.lag(of: progress, behind: waiting.position))
    }
    waiting?.answer.resume(returning: lag)
  }

  public func close() throws {
    let waiting = progress.withLock { progress in
      defer { progress.waiting = [:] }
      return progress.waiting
    }
    for each in waiting.values { each.answer.resume(returning: lag(behind: each.position)) }
    try pool.close()
  }
}

/// What a read model says instead of an answer that would be too old.
public enum ReadModelError: Error, Hashable, Sendable, CustomStringConvertible {
  case behind(by: Int64, of: Position)

  public var description: String {
    switch self {
    case .behind(let lag, let position):
      "The read model is \(lag) offsets behind \(position.offset) of log \(position.log), partition \(position.partition)."
    }
  }
}

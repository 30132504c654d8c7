internal import EventSourcing
internal import GRDB
internal import Glibc
internal import Synchronization

/// A folder with the versions of one projection, one of which is live.
///
/// A projection that raised its version is built anew beside the live one, from the beginning of the log, while readers
/// go on with the old tables; once it has caught up they are switched by one statement, and the old file is removed.
public final class ReadModelFolder<P: TableProjection>: Sendable where P: Sendable {
  private let path: String
  private let projection: P
  private let catalogue: DatabaseQueue
  private let models: Mutex<Models>

  private struct Models {
    var live: ReadModel<P>
    var liveVersion: Int
    /// The one that catches up, if the live one is of an older version.
    var next: ReadModel<P>?
  }

  /// Opens the folder, which must be there.
  public init(_ projection: P, in path: String) throws {
    self.path = path
    self.projection = projection
    catalogue = try DatabaseQueue(path: "\(path)/catalogue.sqlite")
    let live = try catalogue.write { database in
      try database.execute(
        sql: "CREATE TABLE IF NOT EXISTS live (name TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID")
      try database.execute(sql: "INSERT OR IGNORE INTO live VALUES (?, ?)", arguments: [P.name, P.version])
      return try Int.fetchOne(database, sql: "SELECT version FROM live WHERE name = ?", arguments: [P.name])
        ?? P.version
    }
    models = Mutex(
      Models(
        live: try ReadModel(projection, at: Self.file(path, live)), liveVersion: live,
        next: live == P.version ? nil : try ReadModel(projection, at: Self.file(path, P.version))))
  }

  private static func file(_ path: String, _ version: Int) -> String { "\(path)/\(P.name)-v\(version).sqlite" }

  /// What readers read.
  public var live: ReadModel<P> { models.withLock { $0.live } }
  public var liveVersion: Int { models.withLock { $0.liveVersion } }
  /// What is being built beside it; nil when the live one is of the present version.
  public var rebuilding: ReadModel<P>? { models.withLock { $0.next } }

  /// The one that the log is applied to: an old live one stands still.
  public var building: ReadModel<P> { models.withLock { $0.next ?? $0.live } }

  /// Makes the rebuilt one live, in one statement. False when there is none, or it is behind the live one still.
  @discardableResult
  public func switchOver(isCaughtUp: (ReadModel<P>) -> Bool) throws -> Bool {
    guard let next = rebuilding, isCaughtUp(next) else { return false }
    try catalogue.write { database in
      try database.execute(sql: "UPDATE live SET version = ? WHERE name = ?", arguments: [P.version, P.name])
    }
    let old = models.withLock { models -> (ReadModel<P>, Int) in
      defer {
        models.live = next
        models.liveVersion = P.version
        models.next = nil
      }
      return (models.live, models.liveVersion)
    }
    try old.0.close()
    for suffix in ["", "-wal", "-shm"] { _ = unlink(Self.file(path, old.1) + suffix) }
    return true
  }

  public func close() throws {
    let (live, next) = models.withLock { ($0.live, $0.next) }
    try live.close()
    try next?.close()
    try catalogue.close()
  }
}

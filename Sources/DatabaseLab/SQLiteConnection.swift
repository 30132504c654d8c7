import CDatabase

/// One connection to an SQLite database. Closed when it is let go.
final class SQLiteConnection {
  /// SQLite refused: its result code and its words.
  struct Failure: Error, Hashable {
    var code: Int32
    var words: String

    /// Somebody else holds a lock, or has written since this transaction's snapshot.
    var isConflict: Bool { [SQLITE_BUSY, SQLITE_LOCKED].contains(code & 0xff) }
  }

  private var handle: OpaquePointer?

  /// Opens a file, or with a URI a database in memory; makes it where it is not there.
  init(_ file: String) throws(Failure) {
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI
    let code = sqlite3_open_v2(file, &handle, flags, nil)
    guard code == SQLITE_OK else { throw failure(code) }
    sqlite3_extended_result_codes(handle, 1)
  }

  deinit { sqlite3_close_v2(handle) }

  func run(_ sql: String) throws(Failure) { _ = try rows(sql) }

  /// The first column of each row, as text; nil for NULL.
  func rows(_ sql: String, most: Int = 1000) throws(Failure) -> [String?] {
    var statement: OpaquePointer?
    let prepared = sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
    defer { sqlite3_finalize(statement) }
    guard prepared == SQLITE_OK else { throw failure(prepared) }
    var rows: [String?] = []
    while true {
      let code = sqlite3_step(statement)
      if code == SQLITE_DONE { return rows }
      guard code == SQLITE_ROW else { throw failure(code) }
      guard rows.count < most else { return rows }
      rows.append(sqlite3_column_text(statement, 0).map { String(cString: $0) })
    }
  }

  private func failure(_ code: Int32) -> Failure {
    Failure(code: code, words: sqlite3_errmsg(handle).map { String(cString: $0) } ?? "result code \(code)")
  }
}

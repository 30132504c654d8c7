/// Kafka's checkpoint files: text, a version line, a line with the count, then one entry a line.
///
///     0
///     2
///     1 0
///     3 10
enum Checkpoint {
  static let epochs = "leader-epoch-checkpoint"
  /// Kafka keeps one such file for all logs of a disk; a `SegmentedLog` knows only itself, so the file lies with it and
  /// holds one offset: below it, everything is known to be whole and synced.
  static let recoveryPoint = "recovery-point-offset-checkpoint"

  /// One offset, like the recovery point; absent while the log starts where its first segment does.
  static let logStart = "log-start-offset-checkpoint"

  /// One offset: compaction went as far as there.
  static let cleanerOffset = "cleaner-offset-checkpoint"

  static func encode(_ rows: [[Int64]]) -> [UInt8] {
    let lines = ["0", String(rows.count)] + rows.map { $0.map(String.init).joined(separator: " ") }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// The rows, each of `columns` numbers; nil when the bytes are anything else, so that the file is rebuilt.
  static func decode(_ bytes: [UInt8], columns: Int) -> [[Int64]]? {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: true)
    guard lines.count >= 2, lines[0] == "0", Int(lines[1]) == lines.count - 2 else { return nil }
    var rows: [[Int64]] = []
    for line in lines.dropFirst(2) {
      let row = line.split(separator: " ").compactMap { Int64($0) }
      guard row.count == columns else { return nil }
      rows.append(row)
    }
    return rows
  }
}

extension LeaderEpochHistory {
  var checkpoint: [UInt8] {
    Checkpoint.encode(entries.map { [Int64($0.epoch.rawValue), $0.startOffset.rawValue] })
  }

  /// Nil unless epochs and offsets rise from line to line.
  init?(checkpoint bytes: [UInt8]) {
    guard let rows = Checkpoint.decode(bytes, columns: 2) else { return nil }
    self.init()
    for row in rows {
      guard let epoch = Int32(exactly: row[0]), epoch >= 0, row[1] >= 0 else { return nil }
      if let last = entries.last {
        guard last.epoch.rawValue < epoch, last.startOffset.rawValue < row[1] else { return nil }
      }
      assign(LeaderEpoch(epoch), at: Offset(row[1]))
    }
  }
}

/// What was typed, oldest first: each line once, where it was typed last, and no more than `limit` of them.
struct HistoryLines: Hashable {
  static let longest = 4096

  let limit: Int
  private(set) var lines: [String] = []

  init(limit: Int, _ lines: some Sequence<String> = []) {
    self.limit = max(limit, 1)
    // Newest first, so that a line typed again keeps its last place.
    var seen = Set<String>()
    for line in Array(lines).reversed() where HistoryLines.isWorthKeeping(line) {
      if self.lines.count == self.limit { break }
      if seen.insert(line).inserted { self.lines.append(line) }
    }
    self.lines.reverse()
  }

  enum Change: Hashable { case none, appended, reordered }

  /// Takes a line that was entered. Empty and overlong ones are not kept.
  mutating func enter(_ line: String) -> Change {
    guard HistoryLines.isWorthKeeping(line), lines.last != line else { return .none }
    let earlier = lines.firstIndex(of: line)
    if let earlier { lines.remove(at: earlier) }
    lines.append(line)
    if lines.count > limit { lines.removeFirst() }
    return earlier == nil ? .appended : .reordered
  }

  static func isWorthKeeping(_ line: String) -> Bool {
    line.utf8.count <= longest && line.contains { $0 != " " }
  }

  /// Lines of a history file, and whether some of it was no text a user could have typed.
  static func parse(_ bytes: some Collection<UInt8>) -> (lines: [String], isDamaged: Bool) {
    var lines: [String] = []
    var isDamaged = false
    for part in bytes.split(separator: UInt8(ascii: "\n")) {
      if let line = String(validating: part, as: UTF8.self), !line.unicodeScalars.contains(where: { $0.value < 0x20 }) {
        lines.append(line)
      } else {
        isDamaged = true
      }
    }
    return (lines, isDamaged)
  }
}

import Workbench

/// The list that a second Tab shows.
enum Columns {
  /// Names side by side, read downwards; one a row with its help when any has help. At most `height` rows, then how
  /// many are left.
  static func lines(_ candidates: [Completion], width: Int, height: Int) -> [Line] {
    let hasHelp = candidates.contains { !$0.help.isEmpty }
    let all = hasHelp ? described(candidates, width) : sideBySide(candidates.map(\.text), width)
    let room = max(height, 2)
    guard all.count > room else { return all }
    return all.prefix(room - 1) + [Line("… \(all.count - room + 1) rows more; type a letter to narrow", .faint)]
  }

  private static func described(_ candidates: [Completion], _ width: Int) -> [Line] {
    let column = min(candidates.map { DisplayWidth.of($0.text) }.max() ?? 0, width / 2)
    return candidates.map { candidate in
      let line = Line(padded(candidate.text, column) + "  ", .code) + Line(candidate.help, .faint)
      return DisplayWidth.of(line.plain) > width ? Painter.cut(line, width) : line
    }
  }

  private static func sideBySide(_ words: [String], _ width: Int) -> [Line] {
    let column = (words.map { DisplayWidth.of($0) }.max() ?? 0) + 2
    let across = max(1, (width + 2) / column)
    let down = (words.count + across - 1) / across
    return (0..<down).map { row in
      let cells = stride(from: row, to: words.count, by: down).map { words[$0] }
      let last = cells.count - 1
      return Line(cells.enumerated().map { $0 == last ? $1 : padded($1, column) }.joined(), .code)
    }
  }

  static func padded(_ text: String, _ columns: Int) -> String {
    text + String(repeating: " ", count: max(0, columns - DisplayWidth.of(text)))
  }
}

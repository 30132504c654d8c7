/// The lines of a lesson file, so that a cell's parts can be traced back to where the author wrote them.
struct SourceText {
  let file: String
  let lines: [String]

  /// Carriage returns are dropped: a file saved on another system reads the same.
  init(_ text: String, file: String) {
    self.file = file
    lines = text.textLines
  }

  /// The place of the first character of a line that is not blank. `line` counts from 1.
  func place(line: Int) -> SourcePlace {
    guard lines.indices.contains(line - 1) else { return SourcePlace(file, line) }
    let indent = lines[line - 1].prefix { $0 == " " || $0 == "\t" }.count
    return SourcePlace(file, line, indent == lines[line - 1].count ? 1 : indent + 1)
  }
}

extension String {
  /// The text in lines, without line ends. Swift takes `\r\n` for one character, so the split goes by scalars.
  var textLines: [String] {
    unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(line.last == "\r" ? line.dropLast() : line)
    }
  }

  var trimmed: String { String(trimmedEnd.drop { $0.isWhitespace }) }

  var trimmedEnd: String {
    var rest = self[...]
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }

  /// The word of `words` that is at most two typing errors away: what "did you mean" offers.
  func nearest(among words: [String]) -> String? {
    words.map { ($0, distance(to: $0)) }.filter { $0.1 <= 2 && $0.1 < $0.0.count }.min { $0.1 < $1.1 }?.0
  }

  /// Levenshtein's distance; long words are cut, since nobody mistypes those.
  private func distance(to other: String) -> Int {
    let mine = Array(prefix(40))
    let theirs = Array(other.prefix(40))
    var row = Array(0...theirs.count)
    for (i, a) in mine.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in theirs.enumerated() {
        let replaced = diagonal + (a == b ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = Swift.min(replaced, diagonal + 1, row[j] + 1)
      }
    }
    return row[theirs.count]
  }
}

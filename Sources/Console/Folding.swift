import Workbench

/// One line of prose folded into rows of at most `width` columns. Rows after the first hang under the first word,
/// past a list's dash. A word wider than a row is broken; between Hangul or Han characters of one word it is not
/// broken earlier.
struct Folding {
  private(set) var rows: [Line] = []
  private let width: Int
  private let indent: Int
  private var row = Line()
  private var used = 0
  /// Spaces seen and not yet written: dropped at a row's end.
  private var gap = Line()
  private var word = Line()

  init(_ line: Line, width: Int) {
    self.width = max(width, 4)
    indent = min(Folding.indent(of: line.plain), self.width / 2)
    for span in line.spans {
      for character in span.text { take(character, span.tone) }
    }
    place()
    if !row.spans.isEmpty || rows.isEmpty { rows.append(row) }
  }

  private static func indent(of text: String) -> Int {
    let spaces = text.prefix { $0 == " " }.count
    let rest = text.dropFirst(spaces)
    if rest.hasPrefix("- ") || rest.hasPrefix("* ") || rest.hasPrefix("• ") { return spaces + 2 }
    let digits = rest.prefix { $0.isASCII && $0.isNumber }.count
    if digits > 0, rest.dropFirst(digits).hasPrefix(". ") { return spaces + digits + 2 }
    return spaces
  }

  private mutating func take(_ character: Character, _ tone: Tone) {
    if character == " " {
      place()
      Folding.append(character, tone, to: &gap)
    } else {
      Folding.append(character, tone, to: &word)
    }
  }

  /// Puts the finished word on this row, or on a new one.
  private mutating func place() {
    guard !word.spans.isEmpty else { return }
    let needed = DisplayWidth.of(word.plain)
    let spaces = DisplayWidth.of(gap.plain)
    // Before the first word the gap is the line's own indent.
    if used + spaces + needed > width, used > indent { turn() } else { write(gap) }
    gap = Line()
    if used + needed <= width { write(word) } else { writeBroken(word) }
    word = Line()
  }

  private mutating func writeBroken(_ word: Line) {
    for span in word.spans {
      for character in span.text {
        if used + DisplayWidth.of(character) > width { turn() }
        write(Line(String(character), span.tone))
      }
    }
  }

  private mutating func turn() {
    rows.append(row)
    row = Line()
    used = 0
    if indent > 0 { write(Line(String(repeating: " ", count: indent))) }
  }

  private mutating func write(_ piece: Line) {
    for span in piece.spans {
      used += DisplayWidth.of(span.text)
      if let last = row.spans.last, last.tone == span.tone {
        row.spans[row.spans.count - 1].text += span.text
      } else {
        row.spans.append(span)
      }
    }
  }

  private static func append(_ character: Character, _ tone: Tone, to line: inout Line) {
    if let last = line.spans.last, last.tone == tone {
      line.spans[line.spans.count - 1].text.append(character)
    } else {
      line.spans.append(Line.Span(String(character), tone))
    }
  }
}

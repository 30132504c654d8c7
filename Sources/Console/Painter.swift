public import Workbench

/// Makes terminal text of lines: colours them, folds prose at the width, cuts tables and diagrams there.
public struct Painter: Sendable {
  public enum Flow: Sendable {
    /// Folded at words.
    case prose
    /// Kept on one row: a table, a diagram, code. Cut with `…` when wider.
    case fixed
    /// `fixed` when the line holds a drawn line or two spaces between its words, else `prose`.
    case asItLooks
  }

  public var palette: Palette
  /// Columns to fill; nil (a pipe) neither folds nor cuts.
  public var width: Int?

  public init(palette: Palette, width: Int?) {
    self.palette = palette
    self.width = width
  }

  /// The lines as text, each row ended by a newline.
  public func paint(_ lines: [Line], _ flow: Flow = .asItLooks) -> String {
    var text = ""
    for line in lines {
      for row in rows(line, flow) {
        text += colour(row)
        text += "\n"
      }
    }
    return text
  }

  /// One row, coloured, without a newline.
  public func colour(_ line: Line) -> String {
    var text = ""
    for span in line.spans where !span.text.isEmpty {
      let shown = Painter.harmless(span.text)
      if let begins = palette.begins(span.tone) { text += begins + shown + Palette.ends } else { text += shown }
    }
    return text
  }

  /// A record's value may hold escape sequences: no control character reaches the terminal, except a tab, as spaces.
  private static func harmless(_ text: String) -> String {
    if text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) }) { return text }
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x09: shown.append(contentsOf: "  ".unicodeScalars)
      case 0..<0x20: shown.append(Unicode.Scalar(0x2400 + scalar.value) ?? "?")
      case 0x7F..<0xA0: shown.append("\u{FFFD}")
      default: shown.append(scalar)
      }
    }
    return String(shown)
  }

  private func rows(_ line: Line, _ flow: Flow) -> [Line] {
    guard let width, width > 0, DisplayWidth.of(line.plain) > width else { return [line] }
    switch flow {
    case .prose: return Folding(line, width: width).rows
    case .fixed: return [Painter.cut(line, width)]
    case .asItLooks: return Painter.looksFixed(line) ? [Painter.cut(line, width)] : Folding(line, width: width).rows
    }
  }

  static func looksFixed(_ line: Line) -> Bool {
    let text = line.plain
    if text.unicodeScalars.contains(where: { (0x2500...0x259F).contains($0.value) }) { return true }
    return text.drop { $0 == " " }.contains("  ") || text.hasPrefix("|") || text.hasPrefix("+-")
  }

  /// The beginning of the line that fits, ended by `…`.
  static func cut(_ line: Line, _ width: Int) -> Line {
    var room = width - 1
    var kept = Line()
    for span in line.spans {
      var text = ""
      for character in span.text {
        let needed = DisplayWidth.of(character)
        if needed > room {
          kept.spans.append(Line.Span(text, span.tone))
          kept.spans.append(Line.Span("…", .faint))
          return kept
        }
        room -= needed
        text.append(character)
      }
      kept.spans.append(Line.Span(text, span.tone))
    }
    return kept
  }
}

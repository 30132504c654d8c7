/// A command line cut into words, as a shell does: spaces separate, quotes and backslashes keep together, `#` at the
/// beginning of a word starts a comment.
///
/// Each word remembers where it stood, so that completion and error messages can point at it.
struct Words: Hashable, Sendable {
  struct Word: Hashable, Sendable {
    /// Without quotes and backslashes.
    var text: String
    /// Where it stands in the line, in UTF-8 bytes, quotes included.
    var range: Range<Int>
    var isQuoted: Bool
  }

  private(set) var words: [Word] = []
  /// The quote that was opened and not closed, if so.
  private(set) var openQuote: Character?
  /// Where that quote stands, counted in characters from 1.
  private(set) var openQuoteColumn = 0

  init(_ line: String) {
    var word = ""
    var start: Int?
    var wasQuoted = false
    var isEscaped = false
    var place = 0
    var column = 0

    func began() { if start == nil { start = place } }
    scan: for character in line {
      column += 1
      defer { place += character.utf8.count }
      if isEscaped {
        word.append(character)
        isEscaped = false
        continue
      }
      if let quote = openQuote {
        if character == quote {
          openQuote = nil
        } else if character == "\\" && quote == "\"" {
          isEscaped = true
        } else {
          word.append(character)
        }
        continue
      }
      switch character {
      case "\"", "'":
        began()
        openQuote = character
        openQuoteColumn = column
        wasQuoted = true
      case "\\":
        began()
        isEscaped = true
        wasQuoted = true
      case "#" where start == nil:
        break scan
      case _ where character.isWhitespace:
        if let begin = start {
          words.append(Word(text: word, range: begin..<place, isQuoted: wasQuoted))
          (word, start, wasQuoted) = ("", nil, false)
        }
      default:
        began()
        word.append(character)
      }
    }
    if let begin = start {
      words.append(Word(text: word, range: begin..<line.utf8.count, isQuoted: wasQuoted))
    }
  }

  /// The words for the parser of options. A bare `->` becomes `→`, and `-300ms` gets a true minus sign, so that neither
  /// is taken for an option.
  var arguments: [String] {
    words.map { word in
      guard !word.isQuoted, word.text.first == "-" else { return word.text }
      if word.text == "->" { return "→" }
      if let second = word.text.dropFirst().first, second.isNumber { return "−" + word.text.dropFirst() }
      return word.text
    }
  }

  /// A word as it must be typed to be read back: quoted where needed.
  static func quoted(_ text: String) -> String {
    let plain = !text.isEmpty && text.allSatisfy { !$0.isWhitespace && !"\"'\\#|".contains($0) }
    if plain { return text }
    var escaped = ""
    for character in text {
      if character == "\"" || character == "\\" { escaped.append("\\") }
      escaped.append(character)
    }
    return "\"\(escaped)\""
  }
}

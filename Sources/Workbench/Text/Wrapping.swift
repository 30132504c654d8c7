/// Prose broken into lines.
enum Wrapping {
  /// Breaks at spaces so that no line is wider than `columns`; a word wider than that is left whole. Lines after the
  /// first begin with `indent` spaces.
  static func lines(_ text: String, columns: Int, indent: Int = 0) -> [String] {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = ""
    var isEmpty = true
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      if !isEmpty && DisplayWidth.of(line) + 1 + DisplayWidth.of(word) > columns {
        lines.append(line)
        line = margin
        isEmpty = true
      }
      line += isEmpty ? String(word) : " " + word
      isEmpty = false
    }
    lines.append(line)
    return lines
  }

  /// As `lines`, but a word too long for a line is broken wherever the line ends.
  static func hard(_ text: String, columns: Int) -> [String] {
    guard columns > 0 else { return [] }
    return lines(text, columns: columns).flatMap { line in
      var pieces: [String] = []
      var piece = ""
      for character in line {
        if DisplayWidth.of(piece) + DisplayWidth.of(character) > columns {
          pieces.append(piece)
          piece = ""
        }
        piece.append(character)
      }
      return pieces + [piece]
    }
  }
}

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

  /// As `hard`, but no more than `most` rows: what is left over is cut off the last.
  static func rows(_ text: String, columns: Int, most: Int, ellipsis: String) -> [String] {
    let lines = hard(text, columns: columns)
    guard lines.count > most, most > 0 else { return lines }
    let rest = lines[(most - 1)...].joined(separator: " ")
    return lines.prefix(most - 1) + [DisplayWidth.fitting(rest, in: columns, ellipsis: ellipsis)]
  }

  /// As `lines`, but a word too long for a line is broken.
  static func hard(_ text: String, columns: Int) -> [String] {
    guard columns > 0 else { return [] }
    return lines(text, columns: columns).flatMap { line in
      var pieces: [String] = []
      var piece = ""
      for character in line {
        if DisplayWidth.of(piece) + DisplayWidth.of(character) > columns {
          // In the middle of a name like notLeaderOrFollower rather before a capital.
          let hump = character.isUppercase ? nil : piece.lastIndex(where: \.isUppercase)
          let cut = hump.flatMap { $0 > piece.startIndex && piece[$0...].allSatisfy(\.isLetter) ? $0 : nil }
          pieces.append(String(piece[..<(cut ?? piece.endIndex)]))
          piece = String(piece[(cut ?? piece.endIndex)...])
        }
        piece.append(character)
      }
      return pieces + [piece]
    }
  }
}

import Workbench

/// Text as a terminal's line can hold it: one character a cell or two, none without width.
///
/// libedit gives a combining mark a column of its own, and then draws every later character in the wrong place. So a
/// mark is composed with what stands before it (Hangul typed or pasted as separate letters becomes syllables,
/// Unicode 3.12), or dropped when no one character is both.
enum Composition {
  /// The one character that `base` followed by `mark` make.
  static func compose(_ base: Unicode.Scalar, _ mark: Unicode.Scalar) -> Unicode.Scalar? {
    hangul(base.value, mark.value).flatMap(Unicode.Scalar.init) ?? accented(base, mark)
  }

  /// `text` composed, without characters that have no width; control characters become spaces.
  static func settle(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
    var settled: [Unicode.Scalar] = []
    for scalar in text.unicodeScalars {
      if scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) {
        settled.append(" ")
      } else if DisplayWidth.of(scalar) > 0 {
        settled.append(scalar)
      } else if let last = settled.last, let both = compose(last, scalar) {
        settled[settled.count - 1] = both
      }
    }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: settled)
    return String(result)
  }

  private static func hangul(_ base: UInt32, _ mark: UInt32) -> UInt32? {
    if (0x1100...0x1112).contains(base), (0x1161...0x1175).contains(mark) {
      return 0xAC00 + ((base - 0x1100) * 21 + (mark - 0x1161)) * 28
    }
    if (0xAC00...0xD7A3).contains(base), (base - 0xAC00) % 28 == 0, (0x11A8...0x11C2).contains(mark) {
      return base + (mark - 0x11A7)
    }
    return nil
  }

  /// Searched rather than tabled: Swift's strings are equal when canonically equal, and accents are typed rarely.
  private static func accented(_ base: Unicode.Scalar, _ mark: Unicode.Scalar) -> Unicode.Scalar? {
    let pair = String(base) + String(mark)
    for range in [UInt32(0xC0)...0x24F, 0x374...0x4FF, 0x1E00...0x1FFF, 0x3040...0x30FF] {
      for value in range {
        guard let scalar = Unicode.Scalar(value) else { continue }
        if String(scalar) == pair { return scalar }
      }
    }
    return nil
  }
}

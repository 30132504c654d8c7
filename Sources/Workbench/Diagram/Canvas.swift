/// A grid of character cells on which lines are drawn by the directions they leave a cell in, so that lines that meet
/// join and lines that cross show a crossing.
struct Canvas {
  struct Directions: OptionSet, Hashable {
    var rawValue: UInt8
    static let up = Directions(rawValue: 1)
    static let down = Directions(rawValue: 2)
    static let left = Directions(rawValue: 4)
    static let right = Directions(rawValue: 8)
    static let vertical: Directions = [.up, .down]
    static let horizontal: Directions = [.left, .right]
  }

  private enum Cell: Hashable {
    case empty
    case line(Directions)
    case text(Character, Tone)
    /// The right half of a wide character.
    case covered
  }

  let width: Int
  let isASCII: Bool
  private var rows: [[Cell]] = []

  init(width: Int, isASCII: Bool) {
    self.width = width
    self.isASCII = isASCII
  }

  var height: Int { rows.count }

  mutating func grow(to height: Int) {
    while rows.count < height { rows.append(Array(repeating: .empty, count: width)) }
  }

  mutating func line(_ directions: Directions, row: Int, column: Int) {
    guard rows.indices.contains(row), (0..<width).contains(column) else { return }
    switch rows[row][column] {
    case .empty: rows[row][column] = .line(directions)
    case .line(let there): rows[row][column] = .line(there.union(directions))
    case .text, .covered: break
    }
  }

  /// A horizontal line in the cells strictly between two columns.
  mutating func horizontal(row: Int, between a: Int, and b: Int) {
    guard abs(a - b) > 1 else { return }
    for column in (min(a, b) + 1)..<max(a, b) { line(.horizontal, row: row, column: column) }
  }

  /// Writes over whatever is there; what does not fit in the row is cut off.
  mutating func text(_ text: String, row: Int, column: Int, tone: Tone = .plain) {
    guard rows.indices.contains(row) else { return }
    var place = column
    for character in text {
      let size = DisplayWidth.of(character)
      guard size > 0, place >= 0, place + size <= width else { continue }
      rows[row][place] = .text(character, tone)
      if size == 2 { rows[row][place + 1] = .covered }
      place += size
    }
  }

  func line(ofRow row: Int) -> Line {
    var spans: [Line.Span] = []
    func put(_ character: Character, _ tone: Tone) {
      if let last = spans.indices.last, spans[last].tone == tone {
        spans[last].text.append(character)
      } else {
        spans.append(Line.Span(String(character), tone))
      }
    }
    let used = rows[row].lastIndex { $0 != .empty }.map { $0 + 1 } ?? 0
    for cell in rows[row].prefix(used) {
      switch cell {
      case .empty: put(" ", .plain)
      case .line(let directions): put(Self.glyph(directions, isASCII: isASCII), .faint)
      case .text(let character, let tone): put(character, tone)
      case .covered: break
      }
    }
    return Line(spans)
  }

  private static func glyph(_ directions: Directions, isASCII: Bool) -> Character {
    if isASCII {
      if directions.isSubset(of: .horizontal) { return "-" }
      return directions.isSubset(of: .vertical) ? "|" : "+"
    }
    let glyphs: [Character] = [
      " ", "╵", "╷", "│", "╴", "┘", "┐", "┤", "╶", "└", "┌", "├", "─", "┴", "┬", "┼",
    ]
    return glyphs[Int(directions.rawValue & 15)]
  }
}

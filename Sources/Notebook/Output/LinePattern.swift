/// One line of expected output, as text and typed wildcards.
///
/// Matching walks the set of positions that are reachable after each piece, so that no pattern takes more than
/// pieces × length² steps, however many wildcards it has.
struct LinePattern {
  enum Wildcard: String, CaseIterable {
    case anything = "[..]"
    case offset = "[OFFSET]"
    case epoch = "[EPOCH]"
    case number = "[N]"
    case milliseconds = "[MS]"
    case time = "[TIME]"
    case node = "[NODE]"
  }

  private enum Piece {
    case text([Character])
    case wildcard(Wildcard)
  }

  private let source: String
  private let pieces: [Piece]

  init(_ line: String) {
    source = line
    var pieces: [Piece] = []
    var text: [Character] = []
    var rest = line[...]
    while let first = rest.first {
      if first == "[", let wildcard = Wildcard.allCases.first(where: { rest.hasPrefix($0.rawValue) }) {
        if !text.isEmpty { pieces.append(.text(text)) }
        text = []
        pieces.append(.wildcard(wildcard))
        rest = rest.dropFirst(wildcard.rawValue.count)
      } else {
        text.append(first)
        rest = rest.dropFirst()
      }
    }
    if !text.isEmpty { pieces.append(.text(text)) }
    self.pieces = pieces
  }

  func matches(_ line: String) -> Bool {
    if source == line { return true }
    let characters = Array(line)
    var reachable: Set<Int> = [0]
    for piece in pieces {
      var next: Set<Int> = []
      for start in reachable { next.formUnion(LinePattern.ends(of: piece, in: characters, from: start)) }
      if next.isEmpty { return false }
      reachable = next
    }
    return reachable.contains(characters.count)
  }

  /// Where `piece` may end when it begins at `start`.
  private static func ends(of piece: Piece, in line: [Character], from start: Int) -> [Int] {
    switch piece {
    case .text(let text): return line[start...].starts(with: text) ? [start + text.count] : []
    case .wildcard(.anything): return Array(start...line.count)
    case .wildcard(let wildcard):
      let longest = line[start...].prefix(40).count
      return (0...longest).filter { wildcard.accepts(line[start..<start + $0]) }.map { start + $0 }
    }
  }
}

extension LinePattern.Wildcard {
  /// Whether the whole of `text` is of this type.
  fileprivate func accepts(_ text: ArraySlice<Character>) -> Bool {
    switch self {
    case .anything: return true
    case .offset, .epoch, .number: return Int(String(text)) != nil && text.first != "+"
    case .milliseconds: return isDecimal(text)
    case .time:
      let units = ["ns", "µs", "us", "ms", "s", "m", "h"]
      return units.contains { unit in
        text.suffix(unit.count).elementsEqual(unit) && isDecimal(text.dropLast(unit.count))
      }
    case .node:
      if text.elementsEqual("you") { return true }
      return (text.first == "n" || text.first == "c") && text.count > 1 && text.dropFirst().allSatisfy(isDigit)
    }
  }

  private func isDigit(_ character: Character) -> Bool { "0" <= character && character <= "9" }

  private func isDecimal(_ text: ArraySlice<Character>) -> Bool {
    let digits = text.first == "-" ? text.dropFirst() : text
    let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    return parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(isDigit) }
  }
}

import Workbench

/// The cheapest way to lay expected lines beside actual ones: what a mismatch shows and what a new recording keeps.
///
/// An edit distance with two additions: a pattern meets a line by matching it, and `...` takes any number of lines for
/// nothing. A replaced line costs as much as a missing or an extra one, so that a changed line stays opposite its
/// pattern and is not swallowed by a neighbouring `...`.
struct Alignment {
  private enum Move {
    case same(pattern: String, line: String)
    case replaced(pattern: String, line: String)
    case missing(pattern: String)
    case extra(line: String)
    case any(lines: Int)
  }

  private static let anyLines = "..."
  /// Beyond so many cells of the table, lines are not aligned: all of one are replaced by all of the other.
  private static let limit = 4_000_000

  private var moves: [Move] = []

  init(of expected: ExpectedOutput, with output: [String]) {
    let patterns = expected.lines
    guard (patterns.count + 1) * (output.count + 1) <= Alignment.limit else {
      let plain = !patterns.contains(Alignment.anyLines) && patterns.count == output.count
      if plain && zip(patterns, output).allSatisfy({ LinePattern($0).matches($1) }) {
        moves = zip(patterns, output).map { .same(pattern: $0, line: $1) }
      } else {
        moves = patterns.map { .missing(pattern: $0) } + output.map { .extra(line: $0) }
      }
      return
    }
    let matchers = patterns.map { LinePattern($0) }
    let table = Alignment.costs(patterns, matchers, output)
    trace(patterns, matchers, output, table)
  }

  var isMatch: Bool {
    moves.allSatisfy { move in
      switch move {
      case .same, .any: true
      case .replaced, .missing, .extra: false
      }
    }
  }

  var rerecorded: [String] {
    moves.compactMap { move in
      switch move {
      case .same(let pattern, _): pattern
      case .replaced(_, let line), .extra(let line): line
      case .missing: nil
      case .any: Alignment.anyLines
      }
    }
  }

  /// Changed lines with one line of what surrounds them.
  var difference: [Line] {
    let changed = moves.indices.filter { index in
      switch moves[index] {
      case .same, .any: false
      case .replaced, .missing, .extra: true
      }
    }
    let shown = Set(changed.flatMap { [$0 - 1, $0, $0 + 1] })
    return moves.indices.filter(shown.contains).flatMap { index -> [Line] in
      switch moves[index] {
      case .same(_, let line): [Line("  \(line)", .faint)]
      case .any: [Line("  ...", .faint)]
      case .replaced(let pattern, let line): [Line("- \(pattern)", .bad), Line("+ \(line)", .good)]
      case .missing(let pattern): [Line("- \(pattern)", .bad)]
      case .extra(let line): [Line("+ \(line)", .good)]
      }
    }
  }

  /// `costs[i][j]`: the least cost of aligning the patterns from `i` with the lines from `j`.
  private static func costs(_ patterns: [String], _ matchers: [LinePattern], _ output: [String]) -> [[Int32]] {
    let (n, m) = (patterns.count, output.count)
    var costs = Array(repeating: [Int32](repeating: 0, count: m + 1), count: n + 1)
    for j in (0..<m).reversed() { costs[n][j] = costs[n][j + 1] + 1 }
    for i in (0..<n).reversed() {
      let isAny = patterns[i] == anyLines
      costs[i][m] = costs[i + 1][m] + (isAny ? 0 : 1)
      for j in (0..<m).reversed() {
        if isAny {
          costs[i][j] = min(costs[i][j + 1], costs[i + 1][j])
        } else {
          let met = costs[i + 1][j + 1] + (matchers[i].matches(output[j]) ? 0 : 1)
          costs[i][j] = min(met, costs[i + 1][j] + 1, costs[i][j + 1] + 1)
        }
      }
    }
    return costs
  }

  private mutating func trace(_ patterns: [String], _ matchers: [LinePattern], _ output: [String], _ costs: [[Int32]]) {
    var (i, j) = (0, 0)
    while i < patterns.count || j < output.count {
      if i < patterns.count, patterns[i] == Alignment.anyLines {
        let start = j
        while j < output.count, costs[i][j] != costs[i + 1][j] { j += 1 }
        moves.append(.any(lines: j - start))
        i += 1
      } else if i < patterns.count, j < output.count,
        costs[i][j] == costs[i + 1][j + 1] + (matchers[i].matches(output[j]) ? 0 : 1)
      {
        let isSame = matchers[i].matches(output[j])
        moves.append(
          isSame ? .same(pattern: patterns[i], line: output[j]) : .replaced(pattern: patterns[i], line: output[j]))
        (i, j) = (i + 1, j + 1)
      } else if i < patterns.count, costs[i][j] == costs[i + 1][j] + 1 {
        moves.append(.missing(pattern: patterns[i]))
        i += 1
      } else {
        moves.append(.extra(line: output[j]))
        j += 1
      }
    }
  }
}

public import Workbench

/// The output that a command must give, with wildcards for what may differ:
///
/// | wildcard | stands for |
/// |---|---|
/// | `...` as a whole line | any lines, also none |
/// | `[..]` | any text within a line, also none |
/// | `[OFFSET]` `[EPOCH]` `[N]` | a whole number |
/// | `[MS]` | a number that may have a fraction |
/// | `[TIME]` | a time with its unit: `2.034s`, `3.2ms`, `850µs` |
/// | `[NODE]` | `n1`, `c2`, `you` |
///
/// A line always matches its own text, so that recorded output matches whatever it contains. Blanks at the end of a
/// line and blank lines at the end of the output do not count. After cram and trycmd.
public struct ExpectedOutput: Hashable, Sendable {
  /// Patterns, one a line, without escapes.
  public var lines: [String]

  public init(lines: [String]) { self.lines = ExpectedOutput.normal(lines) }

  /// Reads the lines of a cell; nil when there are none but blank ones.
  init?(written: [String]) {
    lines = ExpectedOutput.normal(written).map { $0.hasPrefix("\\") ? String($0.dropFirst()) : $0 }
    if lines.isEmpty { return nil }
  }

  /// The lines as they are written in a cell.
  public var written: [String] { lines.map(ExpectedOutput.escape) }

  public func matches(_ output: [String]) -> Bool {
    Alignment(of: self, with: ExpectedOutput.normal(output)).isMatch
  }

  /// What differs, a line each: `- expected`, `+ got`, with the lines around it.
  public func difference(from output: [String]) -> [Line] {
    Alignment(of: self, with: ExpectedOutput.normal(output)).difference
  }

  /// The expectation that `output` meets, with every pattern kept that still matches.
  public func rerecorded(_ output: [String]) -> ExpectedOutput {
    ExpectedOutput(lines: Alignment(of: self, with: ExpectedOutput.normal(output)).rerecorded)
  }

  static func normal(_ lines: [String]) -> [String] {
    var lines = lines.map(\.trimmedEnd)
    while lines.last == "" { lines.removeLast() }
    return lines
  }

  private static func escape(_ line: String) -> String {
    let text = line.trimmed
    let isRisky = line.hasPrefix(">") || line.hasPrefix("\\") || text.hasPrefix("```") || text.hasPrefix("~~~")
    return isRisky ? "\\" + line : line
  }
}

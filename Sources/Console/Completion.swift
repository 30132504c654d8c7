/// One way to go on from what is typed.
public struct Completion: Hashable, Sendable {
  /// What is replaced, in characters of the line. Holds the cursor or ends at it.
  public var range: Range<Int>
  public var text: String
  /// A few words shown beside it in the list.
  public var help: String
  /// True when the word is whole and a space may follow; false for the beginning of one (`orders/`).
  public var isWhole: Bool

  public init(_ range: Range<Int>, _ text: String, help: String = "", isWhole: Bool = true) {
    self.range = range
    self.text = text
    self.help = help
    self.isWhole = isWhole
  }
}

/// What Tab does, decided without a terminal.
enum TabAnswer: Hashable {
  case nothing
  case replace(Range<Int>, String)
  case list([Completion])

  /// Several candidates give their common beginning when it is more than what stands there, else a list, asked for
  /// by the second Tab.
  static func decide(_ line: String, _ cursor: Int, _ candidates: [Completion], isSecond: Bool) -> TabAnswer {
    let length = line.count
    let usable = candidates.filter { $0.range.lowerBound >= 0 && $0.range.upperBound <= length }
    guard let first = usable.first else { return .nothing }
    if usable.count == 1 {
      let follows = line.dropFirst(first.range.upperBound).first
      return .replace(first.range, first.isWhole && follows != " " ? first.text + " " : first.text)
    }
    let common = commonPrefix(usable.map(\.text))
    let standing = String(line.dropFirst(first.range.lowerBound).prefix(first.range.count))
    let agree = usable.allSatisfy { $0.range == first.range }
    if agree, common.count > standing.count || (common.count == standing.count && common != standing) {
      return .replace(first.range, common)
    }
    return isSecond ? .list(usable) : .nothing
  }

  static func commonPrefix(_ words: [String]) -> String {
    guard var common = words.first?[...] else { return "" }
    for word in words.dropFirst() {
      var count = 0
      for (a, b) in zip(common, word) {
        if a != b { break }
        count += 1
      }
      common = common.prefix(count)
    }
    return String(common)
  }
}

import Testing
import Workbench

@testable import Console

@Suite("Tab")
struct CompletionTests {
  private func words(_ words: [String], _ range: Range<Int>) -> [Completion] { words.map { Completion(range, $0) } }

  @Test("does nothing without candidates")
  func nothing() {
    #expect(TabAnswer.decide("zz", 2, [], isSecond: true) == .nothing)
  }

  @Test("puts the only candidate in, and a space unless one follows or the word goes on")
  func only() {
    #expect(TabAnswer.decide("cl", 2, words(["cluster"], 0..<2), isSecond: false) == .replace(0..<2, "cluster "))
    #expect(TabAnswer.decide("cl 3", 2, words(["cluster"], 0..<2), isSecond: false) == .replace(0..<2, "cluster"))
    let partial = [Completion(0..<2, "orders/", isWhole: false)]
    #expect(TabAnswer.decide("or", 2, partial, isSecond: false) == .replace(0..<2, "orders/"))
  }

  @Test("goes as far as candidates agree, and lists them at the second Tab")
  func several() {
    let two = words(["배달원", "배달지"], 0..<1)
    #expect(TabAnswer.decide("배", 1, two, isSecond: false) == .replace(0..<1, "배달"))
    let stuck = words(["crash", "consume"], 0..<1)
    #expect(TabAnswer.decide("c", 1, stuck, isSecond: false) == .nothing)
    #expect(TabAnswer.decide("c", 1, stuck, isSecond: true) == .list(stuck))
  }

  @Test("corrects the case of what candidates agree on")
  func cases() {
    #expect(TabAnswer.decide("N", 1, words(["n1", "n2"], 0..<1), isSecond: false) == .replace(0..<1, "n"))
  }

  @Test("leaves out a candidate that replaces what is not there")
  func outside() {
    #expect(TabAnswer.decide("a", 1, words(["abc"], 0..<9), isSecond: false) == .nothing)
  }

  @Test(
    "finds the common beginning",
    arguments: [
      ([], ""), (["a"], "a"), (["abc", "abd", "ab"], "ab"), (["a", "b"], ""), (["주문1", "주문2"], "주문"),
    ])
  func common(words: [String], prefix: String) {
    #expect(TabAnswer.commonPrefix(words) == prefix)
  }

  @Test("lists in columns read downwards")
  func columns() {
    let candidates = words(["n1", "n2", "배달", "n4", "n5"], 0..<0)
    #expect(Columns.lines(candidates, width: 14, height: 9).map(\.plain) == ["n1    n4", "n2    n5", "배달"])
    #expect(Columns.lines(candidates, width: 3, height: 9).count == 5)
  }

  @Test("lists one a row with help, cut at the width, and says how many are left")
  func help() {
    let candidates = (1...5).map { Completion(0..<0, "n\($0)", help: "a node of the cluster") }
    let lines = Columns.lines(candidates, width: 12, height: 3).map(\.plain)
    #expect(lines == ["n1  a node …", "n2  a node …", "… 3 rows more; type a letter to narrow"])
  }
}

@Suite("PastedLines")
struct PastedLinesTests {
  private func taken(_ pasted: PastedLines) -> [String] {
    var pasted = pasted
    var all: [String] = []
    while let line = pasted.takeLine() { all.append(line) }
    return all + ["rest " + pasted.takeRest(), "insert " + pasted.takeInsertion()]
  }

  @Test(
    "enters a line at each newline and keeps the rest",
    arguments: [
      ("abc", ["rest ", "insert abc"]), ("a\nb", ["<a", "rest b>", "insert "]), ("a\n", ["<a", "rest >", "insert "]),
      ("a\r\nb\r\n", ["<a", "b", "rest >", "insert "]), ("a\r\rb\r", ["<a", "b", "rest >", "insert "]),
      ("a\tb", ["rest ", "insert a b"]), ("\u{1112}\u{1161}", ["rest ", "insert 하"]), ("", ["rest ", "insert "]),
    ])
  func enters(text: String, expected: [String]) {
    #expect(taken(PastedLines(text, before: "<", after: ">")) == expected)
  }

  @Test("takes a bounded number of lines")
  func bounded() {
    let lines = taken(PastedLines(String(repeating: "x\n", count: 3 * PastedLines.most), before: "", after: ""))
    #expect(lines.count == PastedLines.most + 2)
  }
}

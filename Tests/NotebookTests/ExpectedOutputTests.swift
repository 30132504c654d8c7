import Notebook
import Testing
import Workbench

@Suite struct ExpectedOutputTests {
  @Test(
    "a wildcard takes text of its type and no other",
    arguments: [
      ("offset [OFFSET]", "offset 17", true), ("offset [OFFSET]", "offset ", false),
      ("offset [OFFSET]", "offset x", false),
      ("[N] of [N]", "3 of 12", true), ("[N]", "3.5", false), ("[MS] ms", "3.5 ms", true), ("[MS]", ".", false),
      ("at [TIME]", "at 2.034s", true), ("at [TIME]", "at 850µs", true), ("at [TIME]", "at 2.034", false),
      ("[NODE] leads", "n2 leads", true), ("[NODE] leads", "you leads", true), ("[NODE] leads", "x2 leads", false),
      ("[EPOCH]", "-1", true), ("a[..]z", "az", true), ("a[..]z", "abcz", true), ("a[..]z", "abc", false),
      ("[..][..][..][..]x", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false), ("[MAYBE]", "[MAYBE]", true),
      ("n[N][N]", "n12", true), ("배달 [N]", "배달 3", true),
    ])
  func wildcards(_ pattern: String, _ line: String, _ matches: Bool) {
    #expect(ExpectedOutput(lines: [pattern]).matches([line]) == matches)
  }

  @Test(
    "three dots take any lines, also none",
    arguments: [
      (["..."], [], true), (["a", "...", "d"], ["a", "b", "c", "d"], true), (["a", "...", "d"], ["a", "d"], true),
      (["a", "...", "d"], ["a", "b"], false), (["...", "b", "..."], ["a", "b", "b"], true), (["a"], ["a", "b"], false),
    ] as [([String], [String], Bool)])
  func anyLines(_ patterns: [String], _ output: [String], _ matches: Bool) {
    #expect(ExpectedOutput(lines: patterns).matches(output) == matches)
  }

  @Test("a difference shows what was expected and what came, with a line around")
  func difference() {
    let expected = ExpectedOutput(lines: ["one", "two", "three [N]", "four"])
    let lines = expected.difference(from: ["one", "two", "three x", "four"]).map(\.plain)
    #expect(lines == ["  two", "- three [N]", "+ three x", "  four"])
  }

  @Test("a new recording keeps the patterns that still match")
  func keepsPatterns() {
    let expected = ExpectedOutput(lines: ["head", "offset [OFFSET]", "...", "tail"])
    let output = ["HEAD", "offset 7", "x", "y", "tail", "more"]
    #expect(expected.rerecorded(output).lines == ["HEAD", "offset [OFFSET]", "...", "tail", "more"])
  }

  /// Lines that look like patterns, escapes and fences, drawn by a small generator of our own.
  @Test("recorded output always matches itself, whatever it contains", arguments: 0..<200)
  func recordedMatchesItself(_ seed: Int) throws {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
    func draw(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let words = [
      "...", "[..]", "[N]", "[OFFSET", "> a", "\\", "```", "~~~", "3", " ", "", "배달", "---", "a:", "[TIME]s", "#",
    ]
    func lines() -> [String] { (0..<draw(6)).map { _ in (0..<draw(4)).map { _ in words[draw(words.count)] }.joined() } }
    let output = lines()
    #expect(ExpectedOutput(lines: output).matches(output))
    let kept = ExpectedOutput(lines: lines()).rerecorded(output)
    #expect(kept.matches(output))

    // And through the file: written into a cell, and read back.
    let command = "> say it"
    let cell = try Texts.lesson("```baedal\n\(command)\n\(kept.written.map { $0 + "\n" }.joined())```")
    guard case .commands(let read) = cell.steps[0].blocks[0] else {
      Issue.record("expected a cell of commands")
      return
    }
    #expect((read.commands[0].expected ?? ExpectedOutput(lines: [])).lines == kept.lines)
  }
}

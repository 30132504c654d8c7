import Testing
import Workbench

@testable import Console

@Suite("Painter")
struct PainterTests {
  private let mixed = Line("n2", .node(2)) + Line(" leads ") + Line("orders/0", .code) + Line(" true", .good)

  @Test(
    "colours each tone and ends it",
    arguments: [
      (Palette.none, "n2 leads orders/0 true"),
      (.sixteen, "\u{1B}[35mn2\u{1B}[0m leads \u{1B}[36morders/0\u{1B}[0m\u{1B}[32m true\u{1B}[0m"),
      (.many, "\u{1B}[38;5;213mn2\u{1B}[0m leads \u{1B}[36morders/0\u{1B}[0m\u{1B}[32m true\u{1B}[0m"),
    ])
  func colours(palette: Palette, text: String) {
    #expect(Painter(palette: palette, width: nil).colour(mixed) == text)
  }

  @Test("takes any node number", arguments: [Int.min, -1, 0, 1, 7, 8, Int.max])
  func numbers(node: Int) {
    #expect(Palette.sixteen.begins(.node(node)) != nil)
  }

  @Test("lets no control character of a record reach the terminal")
  func harmless() {
    let line = Line("a\u{1B}[2Jb\u{7}\tc\u{9B}d")
    #expect(Painter(palette: .many, width: nil).colour(line) == "a␛[2Jb␇  c\u{FFFD}d")
  }

  @Test(
    "folds prose at words and hangs it under its first word",
    arguments: [
      ("one two three", 7, "one two\nthree\n"), ("one two", 7, "one two\n"), ("  one two", 7, "  one\n  two\n"),
      ("- one two", 8, "- one\n  two\n"), ("1. one two", 8, "1. one\n   two\n"), ("배달 주문", 7, "배달\n주문\n"),
      ("배달의민족", 6, "배달의\n민족\n"), ("abcdefgh", 5, "abcde\nfgh\n"), ("", 5, "\n"), ("a bcdefgh", 5, "a\nbcdef\ngh\n"),
      ("abc", 0, "abc\n"), ("one  ", 4, "one\n"),
    ])
  func folds(text: String, width: Int, painted: String) {
    #expect(Painter(palette: .none, width: width).paint([Line(text)], .prose) == painted)
  }

  @Test("keeps each tone when it folds")
  func foldsTones() {
    let line = Line("one two", .good) + Line(" three", .bad)
    let painted = Painter(palette: .sixteen, width: 5).paint([line], .prose)
    #expect(painted == "\u{1B}[32mone\u{1B}[0m\n\u{1B}[32mtwo\u{1B}[0m\n\u{1B}[1;31mthree\u{1B}[0m\n")
  }

  @Test(
    "cuts a table or a diagram at the width",
    arguments: [
      ("n1  offset 17", 8, "n1  off…\n"), ("n1 ──▶ n2", 6, "n1 ──…\n"), ("n1  배달", 7, "n1  배…\n"),
      ("n1  배달", 8, "n1  배달\n"), ("| a | b |", 5, "| a …\n"),
    ])
  func cuts(text: String, width: Int, painted: String) {
    #expect(Painter(palette: .none, width: width).paint([Line(text)]) == painted)
  }

  @Test("neither folds nor cuts on a pipe")
  func pipe() {
    let long = String(repeating: "n1  word ", count: 50)
    #expect(Painter(palette: .none, width: nil).paint([Line(long)]) == long + "\n")
  }
}

@Suite("Palette")
struct PaletteTests {
  @Test(
    "is chosen by what the terminal says",
    arguments: [
      (["TERM": "xterm"], true, Palette.sixteen), (["TERM": "xterm-256color"], true, .many),
      (["TERM": "xterm", "COLORTERM": "truecolor"], true, .many), (["TERM": "dumb"], true, .none), ([:], true, .none),
      (["TERM": "xterm", "NO_COLOR": "1"], true, .none), (["TERM": "xterm", "NO_COLOR": ""], true, .sixteen),
      (["TERM": "xterm-256color"], false, .none),
    ])
  func chosen(environment: [String: String], isTerminal: Bool, palette: Palette) {
    #expect(Palette.choose(isTerminal: isTerminal) { environment[$0] } == palette)
  }
}

@Suite("PromptText")
struct PromptTextTests {
  @Test("keeps every escape sequence before a character and apart from the next")
  func escapes() {
    let prompt = Line("n1", .good) + Line("n2", .bad) + Line(">") + Line(" ")
    #expect(
      PromptText(prompt, .sixteen).text
        == "\u{1}\u{1B}[32m\u{1}n1\u{1}\u{1B}[0m\u{1B}[1;31m\u{1}n2\u{1}\u{1B}[0m\u{1}> ")
    #expect(PromptText(Line("n1", .good), .sixteen).text == "\u{1}\u{1B}[32m\u{1}n1\u{1}\u{1B}[0m\u{1} ")
    #expect(PromptText(prompt, .none).text == "n1n2> ")
  }
}

@Suite("ProgressLine")
struct ProgressLineTests {
  @Test("says how far, as far as that is known, in one row")
  func text() {
    #expect(ProgressLine.text("running", 0.5, width: 80) == "[██████████··········]  50% running")
    #expect(ProgressLine.text("running", 7, width: 80) == "[████████████████████] 100% running")
    #expect(ProgressLine.text("running", nil, width: 80) == "running")
    #expect(ProgressLine.text("running", .nan, width: 5) == "runn…")
  }
}

import Testing

@testable import Workbench

@Suite("Words") struct WordsTests {
  @Test(
    "cuts a line as a shell does",
    arguments: [
      ("topic create orders", ["topic", "create", "orders"]),
      ("  produce   orders  ", ["produce", "orders"]),
      (#"produce orders "two words""#, ["produce", "orders", "two words"]),
      (#"produce orders 'it is "so"'"#, ["produce", "orders", #"it is "so""#]),
      (#"a\ b "c\"d" 'e\f'"#, ["a b", #"c"d"#, #"e\f"#]),
      (#"--key="a b""#, ["--key=a b"]),
      ("run 2s # and look", ["run", "2s"]),
      ("produce o 4#5", ["produce", "o", "4#5"]),
      (#"produce o """#, ["produce", "o", ""]),
      ("# nothing", []),
      ("", []),
      ("produce orders 비빔밥", ["produce", "orders", "비빔밥"]),
    ])
  func cutting(_ line: String, _ expected: [String]) {
    let words = Words(line)
    #expect(words.words.map(\.text) == expected)
    #expect(words.openQuote == nil)
  }

  @Test("remembers where a word stood, in bytes")
  func ranges() {
    let words = Words("비빔밥 \"a b\" c")
    #expect(words.words.map(\.range) == [0..<9, 10..<15, 16..<17])
  }

  @Test("points at a quote that is never closed")
  func open() {
    let words = Words("produce orders \"bibim")
    #expect(words.openQuote == "\"")
    #expect(words.openQuoteColumn == 16)
    #expect(words.words.last?.text == "bibim")
  }

  @Test(
    "what looks like an option and is none reaches the command",
    arguments: [
      ("net cut n1 -> n2", ["net", "cut", "n1", "→", "n2"]),
      ("clock skew n2 -300ms", ["clock", "skew", "n2", "−300ms"]),
      ("step --all -n", ["step", "--all", "-n"]),
      ("a \"->\"", ["a", "->"]),
    ])
  func arguments(_ line: String, _ expected: [String]) {
    #expect(Words(line).arguments == expected)
  }

  @Test(
    "quoting gives back what was quoted",
    arguments: ["a", "a b", "", "#x", "it's", "say \"so\"", "back\\slash", "배달 하나"])
  func quoting(_ text: String) {
    #expect(Words(Words.quoted(text)).words.map(\.text) == [text])
  }
}

@Suite("Nearest") struct NearestTests {
  @Test(
    "finds what was meant",
    arguments: [
      ("toipc", ["topic"]), ("prodce", ["produce"]), ("consum", ["consume"]), ("xyzzy", []), ("dia", ["diagram"]),
      ("x", []),
    ])
  func nearest(_ typed: String, _ expected: [String]) {
    #expect(Nearest.to(typed, among: ["topic", "produce", "consume", "diagram", "run"]) == expected)
  }

  @Test("a swap of neighbours is one edit")
  func swap() {
    #expect(Nearest.edits(from: Array("tpoic"), to: Array("topic"), limit: 2) == 1)
    #expect(Nearest.edits(from: Array("abcdef"), to: Array("ghijkl"), limit: 2) == nil)
  }
}

import Testing

@testable import Console

@Suite("Composition")
struct CompositionTests {
  /// Compared by scalar: Swift's strings are equal when canonically equal.
  @Test(
    "leaves nothing without width on a line",
    arguments: [
      ("net cut n1", "net cut n1"), ("\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}", "\u{D55C}\u{AE00}"),
      ("e\u{301}", "\u{E9}"), ("x\u{301}", "x"), ("\u{301}a", "a"), ("가\u{11A8}", "\u{AC01}"), ("각\u{11A8}", "각"),
      ("❤\u{FE0F}", "❤"), ("a\tb\u{1B}", "a b "), ("か\u{3099}", "\u{304C}"),
    ])
  func settles(typed: String, held: String) {
    #expect(Array(Composition.settle(typed).unicodeScalars) == Array(held.unicodeScalars))
  }
}

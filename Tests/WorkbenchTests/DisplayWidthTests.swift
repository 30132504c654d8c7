import Testing
import Workbench

@Suite("DisplayWidth") struct DisplayWidthTests {
  @Test(
    "counts terminal columns",
    arguments: [
      ("abc", 3), ("배달", 4), ("비빔밥 x2", 9), ("e\u{301}", 1), ("\u{1112}\u{1161}\u{11AB}", 2), ("│▶✗", 3), ("🍜", 2),
      ("a\u{200D}b", 2), ("", 0), ("漢字かな", 8),
    ])
  func widths(_ text: String, _ width: Int) {
    #expect(DisplayWidth.of(text) == width)
  }

  @Test(
    "shortens to what fits and says so",
    arguments: [
      ("orders", 6, "orders"), ("orders", 5, "orde…"), ("배달이", 5, "배달…"), ("배달이", 4, "배…"), ("ab", 0, ""),
    ])
  func fitting(_ text: String, _ columns: Int, _ expected: String) {
    #expect(DisplayWidth.fitting(text, in: columns) == expected)
    #expect(DisplayWidth.of(expected) <= columns)
  }

  @Test(
    "counts columns as a terminal draws them",
    arguments: [
      ("", 0), ("orders/0", 8), ("배달", 4), ("a가b", 4), ("日本", 4), ("ｱ", 1), ("Ａ", 2), ("│─", 2), ("→", 1), ("é", 1),
      ("e\u{301}", 1), ("\u{1112}\u{1161}\u{11AB}", 2), ("🚚", 2), ("👩‍👩‍👧", 2), ("🇰🇷", 2), ("❤\u{FE0F}", 2), ("👍🏽", 2),
      ("\u{200B}", 0), ("\u{20000}", 2), ("\t", 0),
    ])
  func counts(text: String, columns: Int) {
    #expect(DisplayWidth.of(text) == columns)
  }

  @Test(
    "finds the edges of each wide range",
    arguments: [(0x10FF, 1), (0x1100, 2), (0x115F, 2), (0xA4D0, 1), (0xAC00, 2), (0xD7A3, 2)])
  func edges(value: UInt32, columns: Int) throws {
    #expect(DisplayWidth.of(try #require(Unicode.Scalar(value))) == columns)
  }
}

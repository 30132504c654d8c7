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
}

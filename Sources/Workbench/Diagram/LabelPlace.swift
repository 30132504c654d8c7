/// Where an arrow's label stands: in the arrow's line when it fits, else in rows above that end in the line, or above it.
struct LabelPlace {
  /// From the top; the last one stands in the arrow's own row, and is empty when all stand above.
  private(set) var lines: [String] = []
  private(set) var columns: Range<Int> = 0..<0

  private static let mostLines = 4
  /// In fewer columns than this, broken words say less than the beginning of the label.
  private static let narrowest = 9

  /// - Parameters:
  ///   - inside: The columns of the arrow's line that a label may take.
  ///   - above: The columns between the two lanes, where nothing of the arrow is drawn yet.
  ///   - elbows: Columns in which other messages run down.
  ///   - lanes: Columns of lanes that the arrow crosses. A label runs across them where it has to.
  init(_ forms: [String], inside: Range<Int>, above: Range<Int>, elbows: [Int], lanes: [Int], ellipsis: String) {
    let free = Self.longest(inside) { elbows.contains($0) || lanes.contains($0) }
    let wide = Self.longest(inside) { elbows.contains($0) }
    for form in forms {
      for columns in [free, wide] where DisplayWidth.of(form) + 2 <= columns.count {
        (self.lines, self.columns) = ([form], columns)
        return
      }
    }
    guard let shortest = forms.last else { return }
    func wrapped(_ columns: Range<Int>) -> [String] {
      guard columns.count >= Self.narrowest else { return [] }
      return Wrapping.rows(shortest, columns: columns.count - 2, most: Self.mostLines, ellipsis: ellipsis)
    }
    let room = Self.longest(above) { elbows.contains($0) }
    let (within, over) = (wrapped(wide), wrapped(room))
    if !over.isEmpty, within.isEmpty || over.count + 1 < within.count {
      (lines, columns) = (over + [""], room)
    } else if !within.isEmpty {
      (lines, columns) = (within, wide)
    } else if wide.count > 4 {
      (lines, columns) = ([DisplayWidth.fitting(shortest, in: wide.count - 2, ellipsis: ellipsis)], wide)
    }
  }

  private static func longest(_ inside: Range<Int>, _ isTaken: (Int) -> Bool) -> Range<Int> {
    var best = inside.lowerBound..<inside.lowerBound
    var start = inside.lowerBound
    for column in inside {
      if isTaken(column) {
        start = column + 1
      } else if column + 1 - start > best.count {
        best = start..<(column + 1)
      }
    }
    return best
  }
}

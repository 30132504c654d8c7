/// Rows of text in columns as wide as they need to be.
struct TextTable {
  private var rows: [[Line.Span]] = []

  init(_ heading: [String]) { rows.append(heading.map { Line.Span($0, .faint) }) }

  mutating func add(_ cells: [String]) { rows.append(cells.map { Line.Span($0) }) }
  mutating func add(_ cells: [Line.Span]) { rows.append(cells) }

  /// Cells are padded and followed by two spaces, but for the last in a row that holds anything.
  var lines: [Line] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      rows.map { column < $0.count ? DisplayWidth.of($0[column].text) : 0 }.max() ?? 0
    }
    return rows.map { row in
      Line(
        row.enumerated().map { column, cell in
          let isLast = row[(column + 1)...].allSatisfy(\.text.isEmpty)
          return Line.Span(isLast ? cell.text : DisplayWidth.padded(cell.text, to: widths[column] + 2), cell.tone)
        })
    }
  }
}

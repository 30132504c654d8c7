import Clockwork
public import Simulation

/// The six rows of the comparison, on paper: a table, bars, a page.
public struct ComparisonTable: Sendable {
  public let figures: [ComparisonFigures]

  public init(_ figures: [ComparisonFigures]) { self.figures = figures }

  struct Row {
    var title: String
    var unit: String
    var texts: [String]
    /// For bars; nil where there is nothing to compare.
    var sizes: [Double?]

    /// It says more about the row above it.
    var isPart: Bool { title.hasPrefix("  ") }
    var name: String { title.trimmingPrefix("  ").description }
  }

  var rows: [Row] {
    func count(_ title: String, _ unit: String, _ number: (ComparisonFigures) -> Int) -> Row {
      Row(
        title: title, unit: unit, texts: figures.map { String(number($0)) }, sizes: figures.map { Double(number($0)) })
    }
    let never = Double(figures.compactMap(\.recovery).map(\.milliseconds).max() ?? 0) / 1_000
    return [
      count("orders applied by half", "orders", \.halfApplied),
      Row(
        title: "recovery after the last fault", unit: "s",
        texts: figures.map {
          $0.recovery.map { "\($0.milliseconds / 100 * 100 / 1_000).\($0.milliseconds / 100 % 10)s" } ?? "never"
        },
        sizes: figures.map { $0.recovery.map { Double($0.milliseconds) / 1_000 } ?? max(90, never * 2) }),
      count("  orders to look into by hand", "orders", \.byHand),
      count("rows that contradict each other", "rows", \.contradictions),
      count("rows to put right by hand", "rows", \.repairs),
      Row(
        title: "from fact to screen, half", unit: "ms",
        texts: figures.map { $0.delay(perMille: 500)?.description ?? "–" },
        sizes: figures.map { $0.delay(perMille: 500).map { Double($0.milliseconds) } }),
      Row(
        title: "  99 of 100 within", unit: "ms", texts: figures.map { $0.delay(perMille: 990)?.description ?? "–" },
        sizes: figures.map { $0.delay(perMille: 990).map { Double($0.milliseconds) } }),
      count("  screens never showing the end", "screens", \.unshown),
      count("orders lost", "orders", \.lost),
    ]
  }

  public var lines: [Line] {
    var table = TextTable([""] + figures.map(\.name))
    table.add(["delivered"] + figures.map { "\($0.delivered) of \($0.orders)" })
    table.add(["cancelled, nothing left of it"] + figures.map { String($0.cancelled) })
    table.add(["turned away, nothing left of it"] + figures.map { String($0.turnedAway) })
    for row in rows {
      table.add(
        [Line.Span(row.title)]
          + zip(row.texts, row.sizes).map { text, size in Line.Span(text, size == 0 ? .good : .plain) })
    }
    return table.lines
  }

  public func bars(width: Int, isASCII: Bool) -> [Line] {
    let label = (figures.map { DisplayWidth.of($0.name) }.max() ?? 0) + 2
    let room = max(10, width - label - 14)
    var lines: [Line] = []
    for row in rows {
      lines.append(Line(row.name, .heading))
      let most = row.sizes.compactMap { $0 }.max() ?? 0
      for (index, figure) in figures.enumerated() {
        let share = most > 0 ? (row.sizes[index] ?? 0) / most : 0
        let bar = String(repeating: isASCII ? "#" : "█", count: Int((share * Double(room)).rounded()))
        lines.append(
          Line("  " + DisplayWidth.padded(figure.name, to: label) + bar + (bar.isEmpty ? "" : " ") + row.texts[index]))
      }
    }
    return lines
  }

  /// What struck when, and what each machine is.
  public static func schedule(_ plan: ComparisonPlan, width: Int) -> [Line] {
    let machines =
      "n1 is orders, or a broker; n2 payments, or a broker; n3 kitchens, or a broker and an engine; n4 dispatch, or an "
      + "engine. c1 phones, c2 tablets, c3 riders' phones."
    var lines = Wrapping.lines(machines, columns: width).map { Line($0, .faint) }
    for fault in plan.faults where fault.time < plan.calmAt {
      let time = DisplayWidth.padded("\(fault.time)", to: 9)
      lines += Wrapping.lines(time + fault.fault.description, columns: width, indent: 9).map { Line($0) }
    }
    lines.append(Line(DisplayWidth.padded("\(plan.calmAt)", to: 9) + "everything is put right"))
    return lines
  }

  // MARK: A page

  /// One HTML page with the table and a drawing of the bars; it needs nothing from anywhere else.
  public func page(_ plan: ComparisonPlan) -> String {
    let head = figures.map { "<th>\(Self.escaped($0.name))</th>" }.joined()
    let body = rows.map { row in
      "<tr><td\(row.isPart ? " class=part" : "")>\(Self.escaped(row.name))</td>"
        + row.texts.map { "<td class=n>\(Self.escaped($0))</td>" }.joined() + "</tr>"
    }.joined(separator: "\n")
    return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
      <title>One evening, without a log and on it</title>
      <style>
      :root { color-scheme: light dark; }
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
      table { border-collapse: collapse; margin-bottom: 2rem; }
      td, th { padding: .3rem .8rem; border-bottom: 1px solid #8886; text-align: left; }
      th, .n { text-align: right; font-variant-numeric: tabular-nums; }
      .part { padding-left: 2rem; }
      svg { max-width: 100%; height: auto; fill: currentColor; }
      </style></head><body>
      <h1>One evening, without a log and on it</h1>
      <p>\(plan.orders.count) orders under \(plan.faults.count) faults, seed \(plan.seed). The same evening and the same
      faults for each.</p>
      <table><tr><th></th>\(head)</tr>
      <tr><td>delivered</td>\(figures.map { "<td class=n>\($0.delivered) of \($0.orders)</td>" }.joined())</tr>
      <tr><td>cancelled, nothing left of it</td>\(figures.map { "<td class=n>\($0.cancelled)</td>" }.joined())</tr>
      <tr><td>turned away, nothing left of it</td>\(figures.map { "<td class=n>\($0.turnedAway)</td>" }.joined())</tr>
      \(body)</table>
      \(drawing)
      </body></html>

      """
  }

  private static let colours = ["#b5483a", "#c9973f", "#2f7d6b", "#456990"]

  private var drawing: String {
    let (left, width, bar) = (290.0, 420.0, 16.0)
    var y = 10.0
    var marks: [String] = []
    for row in rows {
      marks.append("<text x=\"0\" y=\"\(y + 13)\">\(Self.escaped(row.name))</text>")
      let most = row.sizes.compactMap { $0 }.max() ?? 0
      for (index, figure) in figures.enumerated() {
        let length = most > 0 ? (row.sizes[index] ?? 0) / most * width : 0
        let colour = Self.colours[index % Self.colours.count]
        marks.append(
          "<rect x=\"\(left)\" y=\"\(y)\" width=\"\(max(1, length))\" height=\"\(bar - 2)\" fill=\"\(colour)\">"
            + "<title>\(Self.escaped(figure.name)): \(Self.escaped(row.texts[index]))</title></rect>"
            + "<text x=\"\(left + length + 6)\" y=\"\(y + 12)\">\(Self.escaped(row.texts[index]))</text>")
        y += bar
      }
      y += 12
    }
    for (index, figure) in figures.enumerated() {
      let x = left + Double(index) * 160
      marks.append(
        "<rect x=\"\(x)\" y=\"\(y)\" width=\"12\" height=\"12\" fill=\"\(Self.colours[index % Self.colours.count])\"/>"
          + "<text x=\"\(x + 18)\" y=\"\(y + 11)\">\(Self.escaped(figure.name))</text>")
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="800" height="\(Int(y) + 30)"
        viewBox="0 0 800 \(Int(y) + 30)" font-family="system-ui, sans-serif" font-size="12">
      \(marks.joined(separator: "\n"))
      </svg>
      """
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}

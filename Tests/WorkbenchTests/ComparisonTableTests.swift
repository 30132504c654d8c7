import Clockwork
import Simulation
import Testing

@testable import Workbench

@Suite("The comparison on paper") struct ComparisonTableTests {
  private var figures: [ComparisonFigures] {
    var bare = ComparisonFigures(name: "calls <in> a row")
    (bare.orders, bare.halfApplied, bare.byHand, bare.lost) = (60, 23, 23, 21)
    bare.delays = [.milliseconds(2), .milliseconds(3)]
    var log = ComparisonFigures(name: "on the log")
    (log.orders, log.delivered, log.recovery) = (60, 60, .milliseconds(12_840))
    log.delays = [.milliseconds(25), .milliseconds(250)]
    return [bare, log]
  }

  @Test("all six things stand in the table, and a bar is as long as its number")
  func table() throws {
    let table = ComparisonTable(figures)
    let text = table.lines.map(\.plain)
    func row(_ title: String) -> String? { text.first { $0.hasPrefix(title) } }
    #expect(row("orders applied by half")?.hasSuffix("0") == true)
    let recovery = try #require(row("recovery after the last fault"))
    #expect(recovery.contains("never") && recovery.hasSuffix("12.8s"))
    for title in [
      "rows that contradict each other", "rows to put right by hand", "from fact to screen, half",
      "orders lost",
    ] { #expect(row(title) != nil, "\(title)") }
    let bars = table.bars(width: 80, isASCII: true).map(\.plain)
    let place = try #require(bars.firstIndex { $0.hasPrefix("orders lost") })
    #expect(bars[place + 1].contains("#") && !bars[place + 2].contains("#"))
    #expect(bars.allSatisfy { $0.count <= 80 })
  }

  @Test("the page needs nothing from elsewhere, draws a bar for each figure, and escapes names")
  func page() {
    let page = ComparisonTable(figures).page(ComparisonPlan(seed: 7, orders: 3))
    #expect(page.contains("<svg") && page.contains("on the log") && page.contains("calls &lt;in&gt; a row"))
    #expect(!page.contains("<in>") && !page.contains("src=") && !page.contains("href="))
    // Nine rows of two bars, and the key.
    #expect(page.split(separator: "<rect ").count - 1 == 9 * 2 + 2)
  }

  @Test("a small evening counts for claims, on every system")
  func claims() throws {
    let plan = ComparisonPlan(seed: 1, orders: 6, faults: [])
    let comparison = try #require(Comparison.run(plan, .quiet))
    #expect(comparison.figures.map(\.name) == ["calls in a row", "careful services", "on the log"])
    for system in Comparison.System.allCases {
      let found = try #require(comparison.figures(of: system.rawValue))
      #expect(found.orders == 6 && found.delivered + found.cancelled == 6 && found.lost == 0, "\(system)")
    }
  }
}

import Simulation

/// What claims say about the comparison that was run last.
extension Judge {
  func compared(_ name: String, of system: String, _ measure: Measure) -> Finding {
    guard let comparison = facts.apparatus.comparison else {
      return .unknown(["nothing has been compared yet"], next: "compare")
    }
    guard let counted = Comparison.counted.first(where: { $0.name == name }) else {
      let names = Comparison.counted.map(\.name).joined(separator: " ")
      return .unknown(["\(name) is not counted; counted are: \(names)"], next: "help compare")
    }
    guard let figures = comparison.figures(of: system) else {
      let names = Comparison.System.allCases.map(\.rawValue).joined(separator: " ")
      return .unknown(["\(system) is not compared; systems: \(names)"], next: "help compare")
    }
    let number = Int64(counted.of(figures))
    let evidence = "\(figures.name): \(number) \(name), of \(orders(figures.orders))"
    return measure.holds(for: number)
      ? .holds([evidence]) : .fails(["\(evidence), not \(measure.text)"], next: "compare")
  }

  private func orders(_ count: Int) -> String { count == 1 ? "1 order" : "\(count) orders" }
}

import ArgumentParser
import Clockwork
import Console
import Foundation
import Simulation
import Workbench

/// `baedal compare`: the comparison without a bench, on paper or as a page.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "One evening without a log and on it, under the same faults, counted.",
    discussion: """
      baedal compare --orders 200 --seed 7
      baedal compare --html evening.html
      """)

  @Option(help: "How many orders, at most 1000.") var orders = 120
  @Option(help: "The seed of orders and faults.") var seed: UInt64 = 1
  @Option(
    help: "all, none, or names with commas: crash, power, pause, cut, delay, loss, duplicate, reorder, skew, fsync.")
  var faults = "crash,power,pause,cut,delay,loss,duplicate"
  @Option(help: "Write a page with a drawing to this file.") var html: String?
  @Flag(help: "Show no bars.") var noBars = false
  @Flag(help: "Show first what strikes when.") var schedule = false

  func validate() throws {
    if !(1...1_000).contains(orders) { throw ValidationError("--orders \(orders): expected 1 to 1000.") }
    if FaultKinds(parsing: faults) == nil {
      let names = FaultKinds.named.map(\.name).joined(separator: ", ")
      throw ValidationError("--faults \(faults): expected all, none, or some of \(names) with commas.")
    }
  }

  func run() throws {
    let plan = ComparisonPlan(seed: seed, orders: orders, faults: FaultKinds(parsing: faults) ?? .all)
    if schedule {
      for line in ComparisonTable.schedule(plan, width: 80) { print(line.plain) }
      print("")
    }
    let progress = ProgressLine(isEnabled: Screen.isTerminal)
    progress.begin()
    let errand = Errand(isCancelled: { false }, progress: { progress.update($0, $1) })
    let comparison = Comparison.run(plan, errand)
    progress.end()
    guard let comparison else { return }
    let table = ComparisonTable(comparison.figures)
    for line in table.lines { print(line.plain) }
    if !noBars {
      print("")
      for line in table.bars(width: 80, isASCII: false) { print(line.plain) }
    }
    print("\(orders) orders, \(plan.faults.count) faults, seed \(seed)")
    guard let html else { return }
    do {
      try table.page(plan).write(to: URL(filePath: html), atomically: true, encoding: .utf8)
    } catch {
      throw ValidationError("\(html) cannot be written: \(error.localizedDescription) Try another --html FILE.")
    }
    print("written to \(html)")
  }
}

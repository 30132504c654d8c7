import ArgumentParser
import Clockwork
import Simulation

/// The same evening and the same faults without a log and on one, and what came of it.
struct Compare: BenchCommand {
  static let examples = ["compare", "compare --orders 100 --seed 7", "compare --faults crash,cut", "compare --bars"]
  static let changesWorld = true
  static let configuration = help(
    "compare", "Run one evening without a log and on it, and count what broke.",
    "Every system runs in a world of its own: services with a database each that call one another, once in a row and hoping, and once with all the care that can be taken without a log; then the delivery engine on three brokers. Four machines each, the same orders, the same seed, the same faults of machines, links and devices at the same moments. Then six things are counted."
  )

  @Option(help: ArgumentHelp("How many orders, at most 1000.", valueName: "count")) var orders = 120
  @Option(help: ArgumentHelp("The seed of orders and faults; the bench's unless said.", valueName: "count"))
  var seed: UInt64?
  @Option(help: ArgumentHelp("Kinds of fault with commas between, all or none.", valueName: "kinds"))
  var faults = "crash,power,pause,cut,delay,loss,duplicate"
  @Flag(help: "Show bars beside the table.") var bars = false
  @Flag(help: "Show first what strikes when.") var schedule = false

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    guard (1...1_000).contains(orders) else {
      throw Refusal("--orders \(orders) is out of bounds.", expected: "Expected 1 to 1000.", attempt: Self.examples[1])
    }
    guard let kinds = FaultKinds(parsing: faults) else {
      let names = FaultKinds.named.map(\.name).joined(separator: ", ")
      throw Refusal(
        "--faults \(faults) cannot be read.", expected: "Expected all, none or some of \(names).",
        attempt: Self.examples[2])
    }
    let plan = ComparisonPlan(seed: seed ?? bench.seed, orders: orders, faults: kinds)
    guard let comparison = Comparison.run(plan, errand) else { return .interrupted(bench) }
    bench.apparatus.comparison = comparison
    let table = ComparisonTable(comparison.figures)
    var lines = schedule ? ComparisonTable.schedule(plan, width: bench.width) + [""] : []
    lines += table.lines
    if bars { lines += [""] + table.bars(width: bench.width, isASCII: bench.isASCII) }
    let struck = "\(counted(orders, "order")), \(counted(plan.faults.count, "fault")), seed \(plan.seed)."
    lines += Wrapping.lines(struck, columns: bench.width).map { Line($0, .faint) }
    return Answer(.done, lines)
  }
}

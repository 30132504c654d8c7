public import ArgumentParser
import Simulation

/// What `explore` is asked, in the REPL and in the shell alike.
public struct ExploreQuestion: ParsableArguments, Sendable {
  @Argument(
    help: ArgumentHelp("What to search: \(ExploredSpace.names.joined(separator: ", ")).", valueName: "space"))
  var space: String?

  @Option(name: [.long, .customShort("n")], help: ArgumentHelp("How many take part.", valueName: "count"))
  var participants = 3
  @Option(help: ArgumentHelp("How many of them vote no.", valueName: "count"))
  var noVotes = 0
  @Option(help: ArgumentHelp("Replicas of the log.", valueName: "count"))
  var replicas = 3
  @Option(help: ArgumentHelp("Leader epochs, the first included.", valueName: "count"))
  var epochs = 3
  @Option(help: ArgumentHelp("Records that are sent.", valueName: "count"))
  var records = 1
  @Option(help: ArgumentHelp("How followers truncate: hw, kip101, kip279, kip320.", valueName: "rule"))
  var rule: String?

  @Option(help: ArgumentHelp("So many processes may die, also in the middle of sending.", valueName: "count"))
  var crashes: Int?
  @Option(help: ArgumentHelp("So many machines may lose power, and their unsynced writes.", valueName: "count"))
  var power: Int?
  @Option(help: ArgumentHelp("So many messages may be lost.", valueName: "count"))
  var losses: Int?
  @Option(help: ArgumentHelp("So many messages may arrive twice.", valueName: "count"))
  var duplicates: Int?
  @Option(help: ArgumentHelp("So often may the network be cut in two.", valueName: "count"))
  var cuts: Int?
  @Flag(inversion: .prefixedNo, help: "The dead may come back.")
  var restarts: Bool?
  @Option(
    help: ArgumentHelp(
      "When time-outs strike: quiet, when nothing is under way, or any, at any time.", valueName: "when"))
  var timeouts: String?

  @Flag(
    help:
      "Count states once that differ only in the names of nodes that are alike. What a node sends in one step then leaves in any order."
  )
  var symmetry = false
  @Option(help: ArgumentHelp("The most memory, as 500MB or 2GB.", valueName: "size"))
  var memory = MemorySize(bytes: 2 << 30)
  @Option(help: ArgumentHelp("The most steps from the beginning.", valueName: "count"))
  var depth: Int?
  @Option(help: ArgumentHelp("The most states.", valueName: "count"))
  var states: Int?
  @Flag(help: "Go on behind the first violation, and count them.")
  var keepGoing = false

  @Flag(help: "No diagram of the schedule that is found.")
  var noDiagram = false
  @Option(help: ArgumentHelp("Write the schedule that is found to this file.", valueName: "file"))
  var save: String?
  @Option(help: ArgumentHelp("Take the schedule in this file again.", valueName: "file"))
  var replay: String?

  public init() {}

  func check(_ name: String, _ count: Int, within bounds: ClosedRange<Int>) throws(Refusal) {
    guard !bounds.contains(count) else { return }
    throw Refusal(
      "--\(name) \(count) is out of bounds.", expected: "Expected \(bounds.lowerBound) to \(bounds.upperBound).",
      attempt: "help explore")
  }

  /// The bounds asked for, and those of the space where nothing was asked.
  func bounds(_ standard: ExplorationBounds) throws(Refusal) -> ExplorationBounds {
    var bounds = standard
    let faults: [(String, Int?, WritableKeyPath<ExplorationBounds, Int>)] = [
      ("crashes", crashes, \.crashes), ("power", power, \.powerFailures), ("losses", losses, \.losses),
      ("duplicates", duplicates, \.duplicates), ("cuts", cuts, \.cuts),
    ]
    for (name, count, path) in faults {
      guard let count else { continue }
      try check(name, count, within: 0...ExplorationBounds.mostFaults)
      bounds[keyPath: path] = count
    }
    if let restarts { bounds.restarts = restarts }
    if let timeouts {
      guard let timing = ExplorationBounds.Timing(rawValue: timeouts) else {
        throw Refusal("--timeouts \(timeouts) is unknown.", expected: "Expected quiet or any.", attempt: "help explore")
      }
      bounds.timing = timing
    }
    bounds.usesSymmetry = symmetry
    bounds.memory = memory.bytes
    if let depth { bounds.depth = max(0, depth) }
    if let states { bounds.states = max(1, states) }
    bounds.keepsGoing = keepGoing
    return bounds
  }

  /// The question as a line that can be typed: what a schedule file begins with.
  var line: String {
    var words = ["explore", space ?? ""]
    func add(_ name: String, _ value: (some CustomStringConvertible)?) {
      if let value { words += ["--\(name)", "\(value)"] }
    }
    if space == "replication" {
      add("rule", rule ?? "kip320")
      add("replicas", replicas)
      add("epochs", epochs)
      add("records", records)
    } else {
      add("participants", participants)
      if noVotes > 0 { add("no-votes", noVotes) }
    }
    add("crashes", crashes)
    add("power", power)
    add("losses", losses)
    add("duplicates", duplicates)
    add("cuts", cuts)
    if let restarts { words.append(restarts ? "--restarts" : "--no-restarts") }
    add("timeouts", timeouts)
    if symmetry { words.append("--symmetry") }
    return words.joined(separator: " ")
  }
}

/// `500MB` or `2GB`.
struct MemorySize: Hashable, Sendable, ExpressibleByArgument, CustomStringConvertible {
  var bytes: Int

  init(bytes: Int) { self.bytes = bytes }

  init?(argument: String) {
    let units: [(String, Int)] = [("KB", 10), ("MB", 20), ("GB", 30)]
    guard let unit = units.first(where: { argument.uppercased().hasSuffix($0.0) }),
      let number = Double(argument.dropLast(2)), number > 0, number < 1024
    else { return nil }
    bytes = Int(number * Double(1 << unit.1))
  }

  /// Whole megabytes; gigabytes with one decimal from ten on.
  var description: String {
    bytes >= 10 << 30 ? "\(bytes >> 30)GB" : bytes >= 1 << 20 ? "\(bytes >> 20)MB" : "\(bytes >> 10)KB"
  }

  var defaultValueDescription: String { bytes % (1 << 30) == 0 ? "\(bytes >> 30)GB" : description }
}

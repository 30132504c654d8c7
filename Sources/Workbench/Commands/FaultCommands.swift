import ArgumentParser
import Clockwork
import Simulation

struct Crash: BenchCommand {
  static let examples = ["crash n2", "crash n1 n2", "crash n3 --power"]
  static let changesWorld = true
  static let configuration = help(
    "crash", "Kill a node's process: its memory is gone, its disk stays.",
    "With --power the machine loses power: what was not synced to the platter may be lost or torn too. Kafka does not sync every write; it relies on replicas."
  )

  @ArgumentParser.Argument(help: ArgumentHelp("The nodes.", valueName: "node"))
  var nodes: [NodeID]

  @Flag(help: "Lose unsynced writes as well.")
  var power = false

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    try bench.inflict(
      nodes, power ? Fault.losePower : Fault.crash, done: power ? "lost power" : "crashed", already: "down",
      attempt: "restart")
  }
}

struct Restart: BenchCommand {
  static let examples = ["restart n2", "restart n1 n2"]
  static let changesWorld = true
  static let configuration = help(
    "restart", "Start a node that is down, from what its disk has kept.",
    "It registers anew and catches up in its own time; run or step to watch.")

  @ArgumentParser.Argument(help: ArgumentHelp("The nodes.", valueName: "node"))
  var nodes: [NodeID]

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    try bench.inflict(nodes, Fault.restart, done: "started", already: "not down", attempt: "crash")
  }
}

struct Pause: BenchCommand {
  static let examples = ["pause n1"]
  static let changesWorld = true
  static let configuration = help(
    "pause", "Stop a process with its memory whole, as a long garbage collection does.",
    "What arrives waits in order. The node notices nothing until it is resumed, and then believes what it last knew.")

  @ArgumentParser.Argument(help: ArgumentHelp("The nodes.", valueName: "node"))
  var nodes: [NodeID]

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    try bench.inflict(nodes, Fault.pause, done: "paused", already: "not up", attempt: "resume")
  }
}

struct Resume: BenchCommand {
  static let examples = ["resume n1"]
  static let changesWorld = true
  static let configuration = help("resume", "Let a paused node go on.")

  @ArgumentParser.Argument(help: ArgumentHelp("The nodes.", valueName: "node"))
  var nodes: [NodeID]

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    try bench.inflict(nodes, Fault.resume, done: "resumed", already: "not paused", attempt: "pause")
  }
}

struct ClockCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clock", abstract: "Put a node's clock wrong.", subcommands: [Skew.self])

  struct Skew: BenchCommand {
    static let examples = ["clock skew n2 +300ms", "clock skew n2 -2s", "clock skew n2 0s --drift 200"]
    static let changesWorld = true
    static let configuration = help("skew", "Set how far a node's clock is ahead (+) or behind (-).")

    @ArgumentParser.Argument(help: ArgumentHelp("The node.", valueName: "node"))
    var node: NodeID

    @ArgumentParser.Argument(help: ArgumentHelp("How far: +300ms, -2s, 0s.", valueName: "time"))
    var offset: String

    @Option(help: ArgumentHelp("Microseconds that it gains each second.", valueName: "count"))
    var drift = 0

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needNode(node)
      let isBehind = offset.hasPrefix("−") || offset.hasPrefix("-")
      let digits = isBehind || offset.hasPrefix("+") ? String(offset.dropFirst()) : offset
      guard let size = Interval(parsing: digits) else {
        throw Refusal("\(offset) is no time.", expected: "Expected one like +300ms or -2s.", attempt: Self.examples[0])
      }
      let skew = isBehind ? .zero - size : size
      bench.apply(.fault(.skew(node, offset: skew, driftPPM: drift)))
      let shown = bench.clockText(of: node)
      return Answer(.done, [Line("\(node)'s clock is \(shown.isEmpty ? "right" : shown).")])
    }
  }
}

extension Bench {
  /// Does the same to several nodes, after making sure that it can be done to each.
  mutating func inflict(
    _ nodes: [NodeID], _ fault: (NodeID) -> Fault, done: String, already: String, attempt: String
  ) throws(Refusal) -> Answer {
    guard !nodes.isEmpty else {
      throw Refusal("No node named.", expected: "Expected one, like n2.", attempt: "cluster show")
    }
    for node in nodes {
      try needNode(node)
      guard timeline.world.accepts(.fault(fault(node))) else {
        throw Refusal("\(node) is \(already).", attempt: "\(attempt) \(node)")
      }
    }
    for node in nodes { apply(.fault(fault(node))) }
    let names = Refusal.list(nodes.map(\.description))
    return Answer(.done, [Line("\(names) \(done) at \(now).")])
  }
}

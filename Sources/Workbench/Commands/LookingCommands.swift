import ArgumentParser
import Clockwork
import Simulation

struct Expect: BenchCommand {
  static let examples = ["expect leader orders/0 is n2", "expect not n2 is up", "expect acked records are kept"]

  static var configuration: CommandConfiguration {
    let forms = ClaimForm.all.map { "  \($0.form)" }.joined(separator: "\n")
    return help(
      "expect", "Judge a claim: true, false or unknown, each with its evidence.",
      "It changes nothing. Put not before a claim, or after is, to turn it round. Claims:"
    ).appending(forms)
  }

  @ArgumentParser.Argument(help: ArgumentHelp("The claim.", valueName: "claim"))
  var words: [String] = []

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    let verdict = Judge(WorldFacts(bench)).judge(try parsed(), saying: text)
    return Answer(.judged(verdict), VerdictLines.lines(verdict))
  }

  func parsed() throws(Refusal) -> Claim { try ClaimParser.parse(claimWords) }

  var text: String { claimWords.joined(separator: " ") }

  /// A claim in quotes is one word; without, it is several.
  private var claimWords: [String] { words.count == 1 ? Words(words[0]).words.map(\.text) : words }
}

extension CommandConfiguration {
  /// Puts text between the description and the examples.
  func appending(_ text: String) -> CommandConfiguration {
    var copy = self
    copy.discussion = discussion.replacing("\n\nExamples:", with: "\n\(text)\n\nExamples:")
    return copy
  }
}

enum VerdictLines {
  static func lines(_ verdict: Verdict) -> [Line] {
    let tone: Tone =
      switch verdict.value {
      case .holds: .good
      case .fails: .bad
      case .unknown: .doubtful
      }
    var lines = [Line(DisplayWidth.padded(verdict.value.rawValue, to: 9), tone) + Line(verdict.claim)]
    lines += verdict.evidence.flatMap { Wrapping.lines("         \($0)", columns: 80, indent: 9) }.map {
      Line($0, .faint)
    }
    if let next = verdict.next { lines.append(Line("         Try: ") + .command(next)) }
    return lines
  }
}

struct Trace: BenchCommand {
  static let examples = ["trace", "trace 50", "trace 100 --all --node n2"]
  static let configuration = help(
    "trace", "List the last events, the latest at the bottom.",
    "Heartbeats, empty fetches, timers and writes are hidden unless --all is given.")

  @ArgumentParser.Argument(help: ArgumentHelp("How many.", valueName: "count"))
  var count = 20

  @Flag(name: [.long, .customShort("a")], help: "Show routine events too.")
  var all = false

  @Option(help: ArgumentHelp("Only what this node did or was told.", valueName: "node"))
  var node: NodeID?

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    try bench.needCluster()
    if let node, node != .console { try bench.needNode(node) }
    guard (1...10_000).contains(count) else {
      throw Refusal("\(count) events are out of bounds.", expected: "Expected 1 to 10000.", attempt: Self.examples[1])
    }
    let events = bench.lastEvents(count) { event in
      (all || !event.isMachinery) && (node == nil || event.node == node || event.peer == node)
    }
    guard !events.isEmpty else { return Answer(.done, [Line("Nothing to show. Try: trace --all", .faint)]) }
    return Answer(.done, bench.named(events).map { TraceLine.line($0) })
  }
}

struct Diagram: BenchCommand {
  static let examples = [
    "diagram", "diagram 40", "diagram --prose", "diagram 30 --all --ascii", "diagram --node n1 --node n2",
  ]
  static let configuration = help(
    "diagram", "Draw the last events as a sequence diagram: a lane a node, time flowing down.",
    "Drops and crashes are marked ✗. A message that others overtake runs down beside the lane it goes to. --prose tells the same in sentences."
  )

  @ArgumentParser.Argument(help: ArgumentHelp("How many events.", valueName: "count"))
  var count = 20

  @Flag(name: [.long, .customShort("a")], help: "Draw routine messages and timers too.")
  var all = false

  @Flag(help: "Only characters of ASCII.")
  var ascii = false

  @Flag(help: "In sentences.")
  var prose = false

  @Option(help: ArgumentHelp("Only lanes of these nodes. May be given several times.", valueName: "node"))
  var node: [NodeID] = []

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    try bench.needCluster()
    for node in node where node != .console { try bench.needNode(node) }
    guard (1...1000).contains(count) else {
      throw Refusal("\(count) events are out of bounds.", expected: "Expected 1 to 1000.", attempt: Self.examples[1])
    }
    let events = bench.lastEvents(count) { event in
      guard all || !event.isMachinery, let drawn = DiagramEvent(event) else { return false }
      return node.isEmpty || drawn.nodes.allSatisfy(node.contains)
    }
    let diagram = SequenceDiagram(
      bench.named(events).compactMap { DiagramEvent($0) }, width: bench.width, isASCII: ascii || bench.isASCII)
    return Answer(.done, prose ? diagram.prose : diagram.lines)
  }
}

struct Version: BenchCommand {
  static let examples = ["version"]
  static let configuration = help("version", "Show the version.")

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    Answer(.done, [Line("Baedal \(Bench.version)")])
  }
}

extension Bench {
  /// What this program calls itself; every floor above shows the same.
  public static let version = "0.1.0"

  /// How far back a trace looks for events worth showing.
  private static let horizon = 65_536

  /// The last events that `isShown`, at most `count`: looks farther and farther back until there are enough.
  func lastEvents(_ count: Int, _ isShown: (TraceEvent) -> Bool) -> [TraceEvent] {
    var window = max(256, count)
    while true {
      let shown = timeline.trace(last: window).events.filter(isShown)
      if shown.count >= count || window >= timeline.position.event || window >= Self.horizon {
        return Array(shown.suffix(count))
      }
      window *= 4
    }
  }
}

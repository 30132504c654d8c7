public import ArgumentParser
public import AtomicCommit
import Clockwork
import Simulation

/// A checkout over several databases: `txn begin`, and what can happen to it.
struct CheckoutCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "txn",
    abstract: "Atomic commitment: one checkout over several services' databases.",
    subcommands: [
      TxnBegin.self, TxnStep.self, TxnRun.self, TxnShow.self, TxnCrash.self, TxnRestart.self, TxnCut.self,
      TxnHeal.self, TxnDiagram.self, TxnTrace.self,
    ])
}

extension CommitProtocol: ExpressibleByArgument {}

struct TxnBegin: BenchCommand {
  static let examples = [
    "txn begin", "txn begin --protocol 3pc", "txn begin --customer lee", "txn begin --protocol 2pc --refuse kitchen",
    "txn begin --protocol paxos-commit --faults 1",
  ]
  static let changesWorld = true
  static let configuration = help(
    "begin", "Begin a checkout: the coordinator asks every service for its vote.",
    "The first one sets up a coordinator and the services, each with its database; so does one with another protocol or other services. The next one of the same kind goes on beside those that are not finished: a customer whose rows are held by another checkout is refused. Protocols: 2pc (presumed nothing), 2pc-pa (presumed abort), 3pc (with an elected backup), 3pc-timeout (time-outs instead of a backup), q3pc (quorum), paxos-commit."
  )

  @Option(name: .customLong("protocol"), help: ArgumentHelp("How they agree.", valueName: "protocol"))
  var rule: CommitProtocol?

  @Option(help: ArgumentHelp("The services, with commas between.", valueName: "services"))
  var participants: String?

  @Option(help: ArgumentHelp("A service that votes no. May be given several times.", valueName: "service"))
  var refuse: [String] = []

  @Option(help: ArgumentHelp("Whose checkout.", valueName: "name"))
  var customer = "kim"

  @Option(help: ArgumentHelp("Paxos Commit: how many acceptors may fail.", valueName: "count"))
  var faults: Int?

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    let old = bench.apparatus.checkouts
    let services =
      participants?.split(separator: ",").map(String.init) ?? old?.services.map(\.name) ?? Checkouts.standardServices
    guard (1...7).contains(services.count), Set(services).count == services.count,
      services.allSatisfy({ $0.allSatisfy(\.isLetter) && !$0.isEmpty && $0.count <= 12 && $0 != "coordinator" })
    else {
      throw Refusal(
        "\(participants ?? "") names no services.", expected: "Expected 1 to 7 different names, with commas between.",
        attempt: "txn begin --participants order,payment,kitchen")
    }
    if let stranger = refuse.first(where: { !services.contains($0) }) {
      throw Refusal(
        "No service \(stranger).", expected: "Services: \(services.joined(separator: " ")).",
        attempt: "txn begin --refuse \(services[services.count - 1])")
    }
    guard (0...3).contains(faults ?? 1) else {
      throw Refusal("\(faults ?? 1) faults are out of bounds.", expected: "Expected 0 to 3.", attempt: Self.examples[4])
    }
    var checkouts: Checkouts
    if let old, rule ?? old.roster.rule == old.roster.rule, services == old.services.map(\.name),
      refuse == old.refusing, faults == nil || faults == old.roster.faults
    {
      checkouts = old
    } else {
      checkouts = Checkouts(
        rule ?? old?.roster.rule ?? .twoPhase, services: services, refusing: refuse, faults: faults ?? 1,
        seed: bench.seed)
    }
    if checkouts.world.status(checkouts.roster.coordinator) == .down {
      throw Refusal("The coordinator is down.", attempt: "txn restart coordinator")
    }
    let start = checkouts.timeline.position.event
    checkouts.begin(for: customer)
    bench.apparatus.checkouts = checkouts
    return Answer(.done, checkouts.told(since: start, bench))
  }
}

struct TxnStep: BenchCommand {
  static let examples = ["txn step", "txn step 4"]
  static let changesWorld = true
  static let configuration = help("step", "Let the next thing happen: a message arrives, somebody decides or gives up.")

  @ArgumentParser.Argument(help: ArgumentHelp("How many.", valueName: "count"))
  var count = 1

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    var checkouts = try bench.needCheckouts()
    guard (1...1000).contains(count) else {
      throw Refusal("\(count) steps are out of bounds.", expected: "Expected 1 to 1000.", attempt: "txn step 4")
    }
    let start = checkouts.timeline.position.event
    for _ in 0..<count where !checkouts.step() { break }
    bench.apparatus.checkouts = checkouts
    let told = checkouts.told(since: start, bench)
    return Answer(.done, told.isEmpty ? [Line("Nothing is left to happen.", .faint)] : told)
  }
}

struct TxnRun: BenchCommand {
  static let examples = ["txn run", "txn run 2s"]
  static let changesWorld = true
  static let configuration = help(
    "run", "Let time pass, 10 seconds unless told otherwise, and show who stands where.")

  @ArgumentParser.Argument(help: ArgumentHelp("How long.", valueName: "time"))
  var length: Interval = .seconds(10)

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    var checkouts = try bench.needCheckouts()
    guard length <= .seconds(3600) else {
      throw Refusal("\(length) is long.", expected: "Expected an hour at most.", attempt: "txn run 10s")
    }
    let end = checkouts.timeline.run(until: checkouts.world.now + length, events: 1_000_000) { _ in
      !errand.isCancelled()
    }
    bench.apparatus.checkouts = checkouts
    return Answer(end == .cancelled ? .interrupted : .done, CheckoutTable(checkouts: checkouts).lines)
  }
}

struct TxnShow: BenchCommand {
  static let examples = ["txn show"]
  static let configuration = help(
    "show", "Show who is in what state, who is in doubt, which rows are held, and what it cost beside theory.")

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    Answer(.done, CheckoutTable(checkouts: try bench.needCheckouts()).lines)
  }
}

struct TxnCrash: BenchCommand {
  static let examples = [
    "txn crash coordinator", "txn crash coordinator --after VOTE-REQ",
    "txn crash coordinator --after PRE-COMMIT --reaching order",
  ]
  static let changesWorld = true
  static let configuration = help(
    "crash", "Kill a process: now, or in the event in which it sends, hears or does something.",
    "With --reaching it dies in the middle of sending: only those named get what it sends in that event.")

  @ArgumentParser.Argument(help: ArgumentHelp("Who.", valueName: "party"))
  var party: String

  @Option(help: ArgumentHelp("Words of what it sends, hears or does first.", valueName: "words"))
  var after: String?

  @Option(help: ArgumentHelp("Who still gets it, with commas between; nobody for none.", valueName: "parties"))
  var reaching: String?

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    var checkouts = try bench.needCheckouts()
    let id = try checkouts.need(party)
    guard checkouts.world.status(id) != .down else {
      throw Refusal("\(party) is down already.", attempt: "txn restart \(party)")
    }
    if reaching != nil, after == nil {
      throw Refusal(
        "Nothing is being sent now.", expected: "Expected --after and words of what is.", attempt: Self.examples[2])
    }
    let start = checkouts.timeline.position.event
    if let after {
      let names = reaching?.split(separator: ",").map(String.init).filter { $0 != "nobody" }
      let reached = try names?.map { name throws(Refusal) in try checkouts.need(name) }
      guard checkouts.crash(id, after: after, reaching: reached) else {
        throw Refusal(
          "In 10 seconds \(party) never says, hears or does \(after).", expected: "Expected words of the trace.",
          attempt: "txn trace")
      }
    } else {
      checkouts.timeline.apply(.fault(.crash(id)))
    }
    bench.apparatus.checkouts = checkouts
    return Answer(.done, checkouts.told(since: start, bench))
  }
}

struct TxnRestart: BenchCommand {
  static let examples = ["txn restart coordinator"]
  static let changesWorld = true
  static let configuration = help("restart", "Start a process that is down, from its log.")

  @ArgumentParser.Argument(help: ArgumentHelp("Who.", valueName: "party"))
  var parties: [String]

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    var checkouts = try bench.needCheckouts()
    let start = checkouts.timeline.position.event
    for party in parties {
      let id = try checkouts.need(party)
      guard checkouts.world.status(id) == .down else {
        throw Refusal("\(party) is not down.", attempt: "txn crash \(party)")
      }
      checkouts.timeline.apply(.fault(.restart(id)))
    }
    bench.apparatus.checkouts = checkouts
    return Answer(.done, checkouts.told(since: start, bench))
  }
}

struct TxnCut: BenchCommand {
  static let examples = ["txn cut coordinator order | payment kitchen"]
  static let changesWorld = true
  static let configuration = help("cut", "Cut the network in two: nothing passes between the sides.")

  @ArgumentParser.Argument(help: ArgumentHelp("Two sides, with | between.", valueName: "parties"))
  var words: [String]

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    var checkouts = try bench.needCheckouts()
    let sides = words.joined(separator: " ").split(separator: "|", omittingEmptySubsequences: false).map {
      $0.split(separator: " ").map(String.init)
    }
    guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
      throw Refusal("Two sides make a cut.", expected: "Expected names, | and names.", attempt: Self.examples[0])
    }
    let ids = try sides.map { side throws(Refusal) in
      try side.map { name throws(Refusal) in try checkouts.need(name) }
    }
    guard Set(ids[0]).isDisjoint(with: ids[1]) else {
      throw Refusal("Nobody stands on both sides of a cut.", attempt: Self.examples[0])
    }
    checkouts.timeline.apply(.fault(.cut(Link.between(ids[0], ids[1]))))
    bench.apparatus.checkouts = checkouts
    return Answer(.done, [Line("Cut: \(sides[0].joined(separator: " ")) | \(sides[1].joined(separator: " ")).", .bad)])
  }
}

struct TxnHeal: BenchCommand {
  static let examples = ["txn heal"]
  static let changesWorld = true
  static let configuration = help("heal", "Mend every link.")

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    var checkouts = try bench.needCheckouts()
    checkouts.timeline.apply(.fault(.healAll))
    bench.apparatus.checkouts = checkouts
    return Answer(.done, [Line("Every link is mended.", .good)])
  }
}

struct TxnDiagram: BenchCommand {
  static let examples = ["txn diagram", "txn diagram --prose", "txn diagram 12"]
  static let configuration = help(
    "diagram", "Draw the latest checkout as a sequence diagram.", "Without a number, from its beginning.")

  @ArgumentParser.Argument(help: ArgumentHelp("How many of the last events.", valueName: "count"))
  var count: Int?

  @Flag(help: "In sentences.")
  var prose = false

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    let checkouts = try bench.needCheckouts()
    let events = try checkouts.shown(last: count, attempt: "txn diagram 12").compactMap {
      DiagramEvent($0, checkouts.names)
    }
    let diagram = SequenceDiagram(events, width: bench.width, isASCII: bench.isASCII, names: checkouts.names)
    return Answer(.done, prose ? diagram.prose : diagram.lines)
  }
}

struct TxnTrace: BenchCommand {
  static let examples = ["txn trace", "txn trace 12"]
  static let configuration = help(
    "trace", "List what happened since the latest checkout began.", "With a number, only the last so many events.")

  @ArgumentParser.Argument(help: ArgumentHelp("How many of the last events.", valueName: "count"))
  var count: Int?

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    let checkouts = try bench.needCheckouts()
    return Answer(
      .done,
      try checkouts.shown(last: count, attempt: "txn trace 12").map { TraceLine.line($0, checkouts.names) })
  }
}

extension Bench {
  func needCheckouts() throws(Refusal) -> Checkouts {
    guard let checkouts = apparatus.checkouts else {
      throw Refusal("No checkout was begun.", attempt: "txn begin --protocol 2pc")
    }
    return checkouts
  }
}

extension Checkouts {
  func need(_ name: String) throws(Refusal) -> NodeID {
    if let id = id(of: name) { return id }
    let known = parties.map(\.name)
    let hint = Refusal.didYouMean(name, among: known) ?? "Here are \(Refusal.list(known))."
    throw Refusal("Nobody is called \(name).", expected: hint, attempt: "txn show")
  }

  /// What can be seen of the events since then, a line each.
  func told(since event: Int, _ bench: Bench) -> [Line] {
    let shown = events(since: event).filter { !$0.isMachinery && $0.kind != .sent }
    return shown.map { TraceLine.line($0, names) }
  }

  /// The events of the latest checkout, or the last `count` of them.
  func shown(last count: Int?, attempt: String) throws(Refusal) -> [TraceEvent] {
    if let count, !(1...1000).contains(count) {
      throw Refusal("\(count) events are out of bounds.", expected: "Expected 1 to 1000.", attempt: attempt)
    }
    let all = events(since: began).filter { !$0.isMachinery }
    // The heading of a single checkout names it already.
    let suffix = " \(transaction)"
    return all.suffix(count ?? 200).map { event in
      var event = event
      event.summary = event.summary.replacing(" on" + suffix, with: "").replacing(suffix + ",", with: ",")
      if event.summary.hasSuffix(suffix) { event.summary.removeLast(suffix.count) }
      return event
    }
  }
}

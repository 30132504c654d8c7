public import ArgumentParser
import AtomicCommit
import Broker
import Clockwork
import Simulation

/// What runs `simulate` and `shrink` are about.
public struct SimulatedRuns: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      "all, none, or some with commas: crash, power, pause, cut, delay, loss, duplicate, reorder, skew, fsync. Unless told otherwise all, and of commit what the protocol is said to bear.",
      valueName: "kinds"))
  var faults: String?

  @Option(
    help: ArgumentHelp("Change a rule of replication, as rules set does: min-in-sync=off.", valueName: "rule"))
  var rule: [String] = []

  /// Whose world runs.
  enum Stage: String, ExpressibleByArgument, CaseIterable { case replication, transactions, delivery, commit }

  @Option(
    help: ArgumentHelp(
      "What runs: one replicated log, transactions over two topics, the delivery engine, or checkouts over several services.",
      valueName: "stage"))
  var world = Stage.replication

  @Option(name: .customLong("protocol"), help: ArgumentHelp("How checkouts are agreed on.", valueName: "protocol"))
  var agreement: CommitProtocol?
  @Option(help: ArgumentHelp("How many services take part in a checkout.", valueName: "count"))
  var participants: Int?

  public init() {}

  func simulated() throws(Refusal) -> SimulatedWorld {
    guard let kinds = FaultKinds(parsing: faults ?? "all") else {
      let names = FaultKinds.named.map(\.name)
      throw Refusal(
        "--faults \(faults ?? "") is unknown.",
        expected: "Expected all, none, or some of \(names.joined(separator: ", ")) with commas.",
        attempt: "simulate --faults crash,cut")
    }
    let rules = try rules()
    if world != .commit,
      let foreign = agreement.map({ "--protocol \($0.rawValue)" }) ?? participants.map({ "--participants \($0)" })
    {
      throw Refusal(
        "\(foreign) is about checkouts.", expected: "Expected --world commit with it.",
        attempt: "simulate --world commit \(foreign)")
    }
    if world == .commit || world == .delivery, let changed = rule.first {
      throw Refusal(
        "The world of \(world == .commit ? "checkouts" : "the delivery engine") has no --rule.",
        expected: "Expected --world replication or transactions with it.",
        attempt: "simulate --world replication --rule \(changed)")
    }
    switch world {
    case .replication: return SimulatedWorld(ReplicationSweep(rules: rules, faults: kinds).sweep)
    case .transactions: return SimulatedWorld(TransactionSweep(rules: rules, faults: kinds).sweep)
    case .delivery: return SimulatedWorld(DeliverySweep(faults: kinds).sweep)
    case .commit:
      let count = participants ?? 3
      guard (1...7).contains(count) else {
        throw Refusal(
          "--participants \(count) is out of bounds.", expected: "Expected 1 to 7.",
          attempt: "simulate --world commit --participants 3")
      }
      let sweep = CommitSweep(agreement ?? .twoPhase, participants: count, faults: faults == nil ? nil : kinds)
      return SimulatedWorld(sweep.sweep)
    }
  }

  private func rules() throws(Refusal) -> ReplicationRules {
    var rules = ReplicationRules.kafka
    for change in rule {
      let parts = change.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let known = RuleName.all.first(where: { $0.name == parts[0] }) else {
        throw Refusal(
          "--rule \(change) is unknown.",
          expected: "Expected a rule and a value: \(RuleName.all.map(\.name).joined(separator: ", ")).",
          attempt: "simulate --rule truncation=hw")
      }
      guard known.set(parts[1], &rules) else {
        throw Refusal(
          "--rule \(change) is no rule.", expected: "Expected \(Refusal.list(known.values, last: "or")).",
          attempt: "simulate --rule \(known.name)=\(known.values[0])")
      }
    }
    return rules
  }

  /// The options as they are typed, those left out that were left out.
  var words: String {
    var words: [String] = []
    if let faults = faults ?? (world == .commit ? nil : "all") { words += ["--faults", faults] }
    for change in rule { words += ["--rule", change] }
    if world != .replication { words += ["--world", world.rawValue] }
    if let agreement { words += ["--protocol", agreement.rawValue] }
    if let participants { words += ["--participants", String(participants)] }
    return words.joined(separator: " ")
  }
}

/// What `simulate` is asked, in the REPL and in the shell alike.
public struct SimulateQuestion: ParsableArguments, Sendable {
  @Option(help: ArgumentHelp("How many seeds.", valueName: "count"))
  var seeds = 100
  @Option(help: ArgumentHelp("The first seed.", valueName: "seed"))
  var firstSeed: UInt64 = 0
  @OptionGroup var runs: SimulatedRuns
  @Option(help: ArgumentHelp("Show this many of the last events before each violation.", valueName: "count"))
  var trace = 0

  public init() {}

  /// Runs the seeds, and tells of each that breaks something how to see it again.
  public func answer(_ errand: Errand) -> Answer {
    do throws(Refusal) {
      guard (1...1_000_000).contains(seeds) else {
        throw Refusal(
          "--seeds \(seeds) is out of bounds.", expected: "Expected 1 to 1000000.", attempt: "simulate --seeds 100")
      }
      guard (0...1000).contains(trace) else {
        throw Refusal("--trace \(trace) is out of bounds.", expected: "Expected 0 to 1000.")
      }
      return run(try runs.simulated(), errand)
    } catch {
      return error.answer
    }
  }

  private func run(_ world: SimulatedWorld, _ errand: Errand) -> Answer {
    var events = 0
    var done = 0
    var lines: [Line] = []
    let all = firstSeed...(firstSeed &+ UInt64(seeds - 1) < firstSeed ? .max : firstSeed &+ UInt64(seeds - 1))
    let (count, broken) = world.run([all]) { outcome in
      done += 1
      events += outcome.events
      errand.progress("seed \(outcome.seed)", Double(done) / Double(seeds))
      return !errand.isCancelled()
    }
    for outcome in broken {
      lines += Wrapping.lines("seed \(outcome.seed): \(outcome.violation?.description ?? "")", columns: 80, indent: 2)
        .map { Line($0, .bad) }
      if trace > 0 { lines += world.last(outcome.seed, trace).map { TraceLine.line($0) } }
      lines.append(
        Line("  again: ") + .command("simulate --first-seed \(outcome.seed) --seeds 1 \(runs.words)"))
      lines.append(Line("  smaller: ") + .command("shrink \(outcome.seed) \(runs.words)"))
    }
    lines.append(
      Line("\(counted(count, "run")) from seed \(firstSeed), \(counted(events, "event")), \(broken.count) broken"))
    if count < seeds { return Answer(.interrupted, lines + [Line("Interrupted.", .doubtful)]) }
    let verdict = Verdict(broken.isEmpty ? .holds : .fails, claim: "nothing broke in \(counted(count, "run"))")
    return Answer(.judged(verdict), lines)
  }
}

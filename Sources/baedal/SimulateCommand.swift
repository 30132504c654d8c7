import ArgumentParser
import Broker
import Clockwork
import Console
import Simulation
import Workbench

/// `baedal simulate`: many seeded runs under faults, every invariant watched.
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract:
      "Run replication, or the delivery engine, under random faults with many seeds: exit 0 all held, 1 something broke.",
    discussion: """
      baedal simulate --seeds 2000 --faults all
      baedal simulate --first-seed 17 --seeds 1 --faults crash,cut
      baedal simulate --seeds 500 --rule truncation=hw
      baedal simulate --world delivery --seeds 100
      """)

  enum Stage: String, ExpressibleByArgument, CaseIterable { case replication, delivery }

  @Option(help: "What runs: replication (three brokers and producers) or delivery (the engine on them).")
  var world = Stage.replication
  @Option(help: "How many seeds.") var seeds = 100
  @Option(help: "The first seed.") var firstSeed: UInt64 = 0
  @Option(
    help: "all, none, or names with commas: crash, power, pause, cut, delay, loss, duplicate, reorder, skew, fsync.")
  var faults = "all"
  @Option(help: "Change a rule of replication, as `rules set` does, to see it missed: min-in-sync=off.")
  var rule: [String] = []

  @Option(help: "Show this many of the last events before each violation.") var trace = 0

  func validate() throws {
    if FaultKinds(parsing: faults) == nil {
      let names = FaultKinds.named.map(\.name).joined(separator: ", ")
      throw ValidationError("--faults \(faults): expected all, none, or some of \(names) with commas.")
    }
    _ = try rules()
    if world == .delivery, !rule.isEmpty { throw ValidationError("--rule is for --world replication.") }
    if seeds < 1 { throw ValidationError("--seeds \(seeds): expected 1 or more.") }
  }

  func run() throws {
    let rules = try rules()
    let kinds = FaultKinds(parsing: faults) ?? .all
    let sweep =
      world == .delivery ? DeliverySweep(faults: kinds).sweep : ReplicationSweep(rules: rules, faults: kinds).sweep
    let progress = ProgressLine(isEnabled: Screen.isTerminal)
    progress.begin()
    var done = 0
    var events = 0
    let all = firstSeed..<(firstSeed &+ UInt64(seeds))
    let (runs, broken) = sweep.run(seeds: all) { outcome in
      done += 1
      events += outcome.events
      progress.update("seed \(outcome.seed)", Double(done) / Double(seeds))
      return true
    }
    progress.end()
    for outcome in broken {
      print("seed \(outcome.seed): \(outcome.violation?.description ?? "")")
      let stage = world == .replication ? "" : " --world \(world.rawValue)"
      let switches = rule.map { " --rule \($0)" }.joined()
      if trace > 0 { show(sweep.trial(outcome.seed).recorded()) }
      print("  replay: baedal simulate --first-seed \(outcome.seed) --seeds 1 --faults \(faults)\(stage)\(switches)")
    }
    print("\(runs) runs from seed \(firstSeed), \(events) events, \(broken.count) broken")
    if !broken.isEmpty { throw ExitCode(1) }
  }

  private func show(_ run: Timeline<ClusterNode>) {
    let events = run.trace(last: trace * 20).events.filter { !$0.isRoutine }
    for event in events.suffix(trace) {
      print(
        "  \(event.index)  \(event.time)  \(event.node)\(event.peer.map { " \($0)" } ?? "")  \(event.kind)  \(event.summary)"
      )
    }
  }

  private func rules() throws -> ReplicationRules {
    var rules = ReplicationRules.kafka
    for change in rule {
      let parts = change.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let known = RuleName.all.first(where: { $0.name == parts[0] }) else {
        let names = RuleName.all.map(\.name).joined(separator: ", ")
        throw ValidationError("--rule \(change): expected NAME=VALUE with one of \(names).")
      }
      guard known.set(parts[1], &rules) else {
        throw ValidationError("--rule \(change): expected \(known.values.joined(separator: ", ")) for \(known.name).")
      }
    }
    return rules
  }
}

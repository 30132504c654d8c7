import ArgumentParser
import AtomicCommit
import Broker
import Clockwork
import Simulation

/// States an exhaustive search finds in a second.
struct ExploreBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore",
    abstract: "Different states that an exhaustive search finds a second.",
    discussion: "  swift run -c release baedal-bench explore --managers 8")

  @Option(help: "Resource managers in the space whose size is published.") var managers = 8
  @Option(help: "Records of the replicated log.") var records = 1
  @Option(help: "Rounds; the best of each is printed.") var rounds = 3

  func run() throws {
    print("space                                        states      steps   states/s    steps/s  memory")
    measure("two-phase commit, published: \(managers) managers", .known(managers: managers), .known)
    for (rule, participants) in [(CommitProtocol.twoPhase, 5), (.threePhase, 4)] {
      let space = CommitSpace(rule, participants: participants)
      let name = "\(rule.rawValue), \(participants) participants, 1 crash"
      measure(name, space.system(space.standard), space.standard)
    }
    for rule in ReplicationRules.Truncation.allCases {
      let model = ReplicationModel(rule, records: records)
      measure("replication, \(rule.rawValue)", model.system, model.bounds)
    }
  }

  private func measure<N: Node>(_ name: String, _ system: ExploredSystem<N>, _ bounds: ExplorationBounds) {
    var best = Double.infinity
    var found = Exploration()
    for _ in 0..<max(1, rounds) {
      let began = coreSeconds()
      var explorer = Explorer(system, bounds)
      found = explorer.run()
      best = min(best, coreSeconds() - began)
    }
    let cells = [
      "\(found.distinct)", "\(found.generated)", "\(millions(Double(found.distinct) / best)) M",
      "\(millions(Double(found.generated) / best)) M", "\(found.memory >> 20) MB",
    ]
    let end = found.counterexample.map { "  \($0.breach.name) broken after \($0.steps.count) steps" } ?? ""
    let widths = [10, 10, 10, 10, 7]
    let row = zip(cells, widths).map { String(repeating: " ", count: max(1, $1 - $0.count)) + $0 }
    print(name + String(repeating: " ", count: max(1, 41 - name.count)) + row.joined(separator: " ") + end)
  }
}

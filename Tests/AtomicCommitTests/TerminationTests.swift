import AtomicCommit
import Clockwork
import Simulation
import Testing

@Suite("Those who could not hear are told")
struct TerminationTests {
  private static let replay = "CommitWorld.beginning(.standard(rule, participants: 3), seed: seed)"

  /// Every commit of the coordinator but that to `n3` is cut off, and then the coordinator dies.
  private func told(_ rule: CommitProtocol, seed: UInt64) -> CommitWorld {
    let roster = CommitRoster.standard(rule, participants: 3)
    var world = CommitWorld.beginning(roster, seed: seed)
    while (world.withNode(roster.coordinator) { $0.coordinations.last?.outcome } ?? nil) == nil {
      world.run(events: 1)
    }
    let others = [roster.participants[0], roster.participants[2]]
    world.apply(.fault(.cut(others.map { Link(roster.coordinator, $0) })))
    while world.decision(of: roster.participants[1], in: TransactionID(1)) == nil { world.run(events: 1) }
    world.apply(.fault(.crash(roster.coordinator)))
    return world
  }

  @Test(
    "a backup that is told what was decided tells those that wait for it", arguments: 0..<8 as Range<UInt64>,
    [CommitProtocol.threePhase, .quorum])
  func backup(_ seed: UInt64, _ rule: CommitProtocol) {
    var world = told(rule, seed: seed)
    let waiting = world.nodes.filter { $0 != NodeID(1) && world.decision(of: $0, in: TransactionID(1)) == nil }
    #expect(waiting.count == 2)
    while waiting.allSatisfy({ world.decision(of: $0, in: TransactionID(1)) == nil }) { world.run(events: 1) }
    // Less than anybody's patience: nobody has to become impatient once more.
    world.run(until: world.now + .milliseconds(100))
    for id in waiting {
      #expect(world.decision(of: id, in: TransactionID(1)) == .commit, "\(id), seed \(seed): \(Self.replay)")
    }
  }

  @Test("what a coordinator is asked while it reads its log again, it does", arguments: CommitProtocol.allCases)
  func asked(_ rule: CommitProtocol) {
    let roster = CommitRoster.standard(rule, participants: 3)
    var world = CommitWorld.beginning(roster, seed: 1)
    while world.nodes.allSatisfy({ id in (world.withNode(id) { $0.transactions.isEmpty }) ?? true }) {
      world.run(events: 1)
    }
    world.apply(.fault(.crash(roster.coordinator)))
    world.apply(.fault(.restart(roster.coordinator)))
    world.apply(.message(.begin(TransactionID(2), roster.all, MemoryResources.Row(2)), to: roster.coordinator))
    world.run(until: .start + .seconds(10))
    for id in roster.participants {
      #expect(world.decision(of: id, in: TransactionID(2)) == .commit, "\(id)")
    }
  }

  @Test(
    "a power failure loses nothing that was promised",
    arguments: [(CommitProtocol.twoPhase, 1), (.presumedAbort, 2), (.threePhase, 1), (.quorum, 1)])
  func power(_ rule: CommitProtocol, participants: Int) {
    let space = CommitSpace(rule, participants: participants)
    var bounds = space.standard
    (bounds.crashes, bounds.powerFailures, bounds.restarts) = (1, 1, true)
    var explorer = Explorer(space.system(bounds), bounds)
    let found = explorer.run()
    #expect(found.counterexample == nil, "\(String(describing: found.counterexample?.breach))")
    #expect(found.limit == nil)
    #expect(found.stuck == 0)
  }
}

import AtomicCommit
import Clockwork
import Simulation
import Testing

@Suite("What a transaction costs")
struct CostTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var rule: CommitProtocol
    var participants: Int
    var faults: Int
    var testDescription: String { "\(rule.rawValue) N=\(participants) F=\(faults)" }
  }

  static let cases: [Case] = CommitProtocol.allCases.flatMap { rule in
    [1, 3, 7].flatMap { n in (rule == .paxos ? [0, 1, 2] : [0]).map { Case(rule: rule, participants: n, faults: $0) } }
  }

  @Test("a commit takes the messages and forced writes of the literature", arguments: cases)
  func committing(_ given: Case) {
    let roster = CommitRoster.standard(given.rule, participants: given.participants, faults: given.faults)
    var world = CommitWorld.beginning(roster, seed: 1)
    world.run(until: .start + .seconds(5))
    for id in [roster.coordinator] + roster.participants {
      #expect(world.decision(of: id, in: TransactionID(1)) == .commit, "\(id)")
    }
    let theory = CommitCost.committing(given.rule, participants: given.participants, faults: given.faults)
    #expect(world.commitTally() == CommitTally(messages: theory.messages, forcedWrites: theory.forcedWrites))
  }

  @Test("an abort costs what is needed to undo the prepared", arguments: CommitProtocol.allCases)
  func aborting(_ rule: CommitProtocol) {
    let roster = CommitRoster.standard(rule, participants: 3, faults: 1)
    var world = CommitWorld.beginning(roster, refusing: Members(bits: 0b100), seed: 1)
    world.run(until: .start + .seconds(5))
    for id in [roster.coordinator] + roster.participants {
      #expect(world.decision(of: id, in: TransactionID(1)) == .abort, "\(id)")
    }
  }
}

extension World where N == CommitNode<MemoryResources> {
  /// A world in which transaction t1 was just asked for.
  static func beginning(_ roster: CommitRoster, refusing: Members = .none, seed: UInt64) -> CommitWorld {
    var world = CommitWorld(seed: seed)
    for input in CommitWorld.commit(roster, refusing: refusing) { world.apply(input) }
    world.apply(
      .message(.begin(TransactionID(1), roster.all, MemoryResources.Row(1)), to: roster.coordinator))
    return world
  }

  func decision(of node: NodeID, in transaction: TransactionID) -> Outcome? {
    (withNode(node) { $0.standing(in: transaction) } ?? nil)?.decision
  }
}

public import AtomicCommit
import Clockwork

/// Checkouts under random faults: AC1 to AC3 after every event, and AC5 (all decide, no lock is left) once the faults are
/// over; where there are none, AC4 as well.
///
/// Checkouts choose among few rows, so that some are refused because another holds its row.
public struct CommitSweep: Sendable {
  public var rule: CommitProtocol
  public var participants: Int
  public var faults: FaultKinds

  /// What the protocol stands. Three phases take a slow message for a dead sender, and time-outs alone stand nothing.
  public static func bearable(_ rule: CommitProtocol) -> FaultKinds {
    switch rule {
    case .twoPhase, .presumedAbort, .quorum, .paxos: .all
    case .threePhase, .threePhaseTimeout: [.crash, .power, .fsync]
    }
  }

  public init(_ rule: CommitProtocol, participants: Int = 3, faults: FaultKinds? = nil) {
    self.rule = rule
    self.participants = participants
    self.faults = faults ?? Self.bearable(rule)
  }

  private static let calm = Instant.start + .seconds(4)
  private static let end = calm + .seconds(30)

  public var sweep: Sweep<CommitNode<MemoryResources>> {
    Sweep(
      prepare: { trial($0) },
      finish: { world in
        CommitSweep.accuseUndecided(&world)
        if faults.isEmpty { CommitSweep.accuseTimid(&world) }
      })
  }

  private func trial(_ seed: UInt64) -> Trial<CommitNode<MemoryResources>> {
    var dice = Dice(seed: seed &* 2 &+ 1)
    let roster = CommitRoster.standard(rule, participants: participants, faults: 1)
    var world = CommitWorld(seed: seed)
    world.watchCommitment()
    var schedule = Schedule<CommitNode<MemoryResources>>()
    for input in CommitWorld.commit(roster) { schedule.add(input, at: .start) }
    for number in 1...12 {
      let time = Instant.start + .milliseconds(Int64(number) * 250 + Int64(dice.roll(200)))
      let row = MemoryResources.Row(UInt32(dice.roll(3)))
      schedule.add(
        .message(.begin(TransactionID(UInt32(number)), roster.all, row), to: roster.coordinator), at: time)
    }
    let nemesis = Nemesis(nodes: roster.everyone, kinds: faults, mostDisabled: 2, pace: .milliseconds(200))
    schedule.add(nemesis.plan(seed: dice.next(), from: .start + .milliseconds(100), to: Self.calm))
    return Trial(world: world, schedule: schedule, end: Self.end)
  }

  /// AC4: nothing failed, so what all voted yes on is committed.
  private static func accuseTimid(_ world: inout CommitWorld) {
    guard let coordinator = world.nodes.first else { return }
    let coordinations = world.withNode(coordinator) { $0.coordinations } ?? []
    for mine in coordinations where mine.decision != .commit {
      let refused = world.nodes.contains { id in
        world.withNode(id) { node in
          node.participations.contains { $0.transaction == mine.transaction && !$0.votedYes }
        } ?? false
      }
      if !refused {
        world.accuse("AC4 UnanimityCommits", "all voted yes on \(mine.transaction), and it is not committed")
      }
    }
  }

  /// AC5: everybody who voted yes knows, and nothing is held.
  private static func accuseUndecided(_ world: inout CommitWorld) {
    for id in world.nodes {
      let complaint: String? =
        world.withNode(id) { node -> String? in
          if let doubtful = node.participations.first(where: { $0.isInDoubt }) {
            return "\(id) is still in doubt about \(doubtful.transaction), long after all faults were over"
          }
          if let lock = node.manager?.locks.first {
            return "\(id) still holds row \(lock.row.number) for \(lock.holder), which is decided"
          }
          return nil
        } ?? nil
      if let complaint { world.accuse("AC5 AllDecide", complaint) }
    }
  }
}

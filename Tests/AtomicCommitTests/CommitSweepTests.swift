import AtomicCommit
import Clockwork
import Simulation
import Testing

@Suite("Commitment under random faults")
struct CommitSweepTests {
  @Test(
    "what a protocol is said to stand, it stands",
    arguments: CommitProtocol.allCases.filter { $0 != .threePhaseTimeout })
  func bearable(_ rule: CommitProtocol) {
    let (runs, broken) = CommitSweep(rule).sweep.run(seeds: 0..<60)
    #expect(runs == 60)
    for outcome in broken.prefix(3) {
      Issue.record(
        "\(outcome.violation?.description ?? "")\nreplay: baedal simulate --commit \(rule.rawValue) --first-seed \(outcome.seed) --seeds 1"
      )
    }
  }

  @Test("three-phase commit by time-outs alone splits when processes crash")
  func timeouts() {
    let (_, broken) = CommitSweep(.threePhaseTimeout).sweep.run(seeds: 0..<60)
    #expect(broken.contains { $0.violation?.name == "AC1 DecisionsAgree" })
  }

  @Test("three-phase commit splits when the network is cut, where quorums do not", arguments: [FaultKinds.cut, .pause])
  func networks(_ faults: FaultKinds) {
    let split = CommitSweep(.threePhase, faults: faults).sweep.run(seeds: 0..<60).broken
    #expect(split.contains { $0.violation?.name == "AC1 DecisionsAgree" })
    #expect(CommitSweep(.quorum, faults: faults).sweep.run(seeds: 0..<30).broken.isEmpty)
  }

  @Test("the same seed gives the same run")
  func repeatable() {
    let sweep = CommitSweep(.paxos).sweep
    #expect(sweep.run(seed: 7) == sweep.run(seed: 7))
  }
}

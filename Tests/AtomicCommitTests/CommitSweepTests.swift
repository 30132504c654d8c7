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
    let (runs, broken) = CommitSweep(rule).sweep.run(seeds: 0..<40)
    #expect(runs == 40)
    for outcome in broken.prefix(3) {
      Issue.record(
        "\(outcome.violation?.description ?? "")\nreplay: CommitSweep(.\(rule)).sweep.trial(\(outcome.seed)).recorded()"
      )
    }
  }

  @Test("three-phase commit by time-outs alone splits when processes crash", arguments: [72 as UInt64, 247])
  func timeouts(_ seed: UInt64) {
    let outcome = CommitSweep(.threePhaseTimeout).sweep.run(seed: seed)
    #expect(outcome.violation?.name == "AC1 DecisionsAgree")
  }

  @Test("three-phase commit splits when the network is cut, where quorums do not", arguments: [85 as UInt64, 285])
  func networks(_ seed: UInt64) {
    #expect(CommitSweep(.threePhase, faults: .cut).sweep.run(seed: seed).violation?.name == "AC1 DecisionsAgree")
    for rule in [CommitProtocol.quorum, .paxos, .twoPhase] {
      #expect(CommitSweep(rule, faults: .cut).sweep.run(seed: seed).violation == nil)
    }
  }

  @Test("the same seed gives the same run")
  func repeatable() {
    let sweep = CommitSweep(.paxos).sweep
    #expect(sweep.run(seed: 7) == sweep.run(seed: 7))
  }
}

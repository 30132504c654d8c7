import Broker
import Simulation
import Testing

@Suite("Replication under faults")
struct SweepTests {
  /// In blocks, so that they run side by side; a failure names the seed.
  @Test("keeps every promise, whatever fails", arguments: 0..<20)
  func holds(block: Int) {
    let seeds = UInt64(block * 100)..<UInt64(block * 100 + 100)
    let (runs, broken) = ReplicationSweep().sweep.run(seeds: seeds)
    #expect(runs == 100)
    for outcome in broken {
      Issue.record(
        "\(outcome.violation?.description ?? "")\nreplay: baedal simulate --first-seed \(outcome.seed) --seeds 1 --faults all"
      )
    }
  }
}

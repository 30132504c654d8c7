import Clockwork
import DeliveryEngine
import Simulation
import Testing

@Suite("The engine under faults")
struct EngineSweepTests {
  @Test("without faults every order comes to its end", arguments: [1])
  func calm(seed: UInt64) {
    let outcome = DeliverySweep(faults: [], storm: .seconds(6)).sweep.run(seed: seed)
    #expect(outcome.violation == nil, "baedal simulate --world delivery --faults none --seeds 1 --first-seed \(seed)")
  }

  @Test("under faults none is lost, none done twice, and everybody sees the same", arguments: 1...2)
  func storm(seed: UInt64) {
    let outcome = DeliverySweep(storm: .seconds(8)).sweep.run(seed: seed)
    #expect(outcome.violation == nil, "baedal simulate --world delivery --seeds 1 --first-seed \(seed)")
  }
}

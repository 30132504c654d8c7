import Broker
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

  /// No instance of the engine ever runs: brokers accept everything, and nobody does it.
  @Test("what was accepted and is not done is told of", arguments: ["NoOrderIsLost", "NoPartyIsLost"])
  func tellsOfLoss(name: String) {
    let sweep = DeliverySweep(faults: [], storm: .seconds(6)).sweep
    let whole = sweep.trial(1)
    var schedule = Schedule<ClusterNode>()
    for entry in whole.schedule.entries {
      switch entry.input {
      case .boot(let node, _) where node.isEngine: break
      // Tickets of orders, and of what is said of them again.
      case .message(.command(.produce(let ticket, _)), _)
      where name == "NoPartyIsLost" && 100..<4000 ~= ticket.rawValue:
        break
      default: schedule.add(entry.input, at: entry.time)
      }
    }
    let world = sweep.run(Trial(world: whole.world, schedule: schedule, end: whole.end))
    #expect(world.violation?.name == name)
  }
}

import Broker
import Simulation
import Testing

/// One partition on real brokers, every order of everything: small spaces here, the ladder itself in `.ci/run`.
@Suite("Replication, searched exhaustively")
struct ExplorationTests {
  private func search(_ model: ReplicationModel) -> Exploration {
    var explorer = Explorer(model.system, model.bounds)
    return explorer.run()
  }

  @Test("two replicas and two epochs lose nothing by any rule", arguments: ReplicationRules.Truncation.allCases)
  func small(rule: ReplicationRules.Truncation) {
    let found = search(ReplicationModel(rule, replicas: 2, epochs: 2, records: 1))
    #expect(found.counterexample == nil, "\(String(describing: found.counterexample?.steps.map(\.text)))")
    #expect(found.limit == nil)
  }

  @Test("counts", arguments: [(ReplicationRules.Truncation.fenced, 465), (.highWatermark, 422)])
  func counts(rule: ReplicationRules.Truncation, states: Int) {
    #expect(search(ReplicationModel(rule, replicas: 2, epochs: 2, records: 1)).distinct == states)
  }
}

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

  /// K3 and K4: n2's election reaches n3, which has fetched what n1 then acknowledges; n3 asks n2, in whose log nothing
  /// is, cuts its own, and is elected. As `explore replication --rule kip101` finds it.
  private static let unfenced: [(choice: UInt32, text: String)] = [
    (0, "n1 hears e1: n1 leads from n4"), (0, "n2 hears e1: n1 leads from n4"), (0, "n3 hears e1: n1 leads from n4"),
    (0, "n4: timer election (chooses 0)"), (0, "n4: timer election (chooses 2)"), (0, "c1: timer produce (chooses 0)"),
    (0, "n1 hears Fetch orders/0 from 0 from n3"), (0, "n3 hears e2: n2 leads from n4"),
    (0, "n1 hears Fetch orders/0 from 1 from n3"),
    (0, "n2 hears OffsetForLeaderEpoch orders/0: where did epoch 1 end? from n3"),
    (0, "n1 hears Fetch orders/0 from 0 from n2"), (0, "n3 hears e3: n3 leads from n4"),
    (0, "n1 hears Fetch orders/0 from 1 from n2"),
  ]

  @Test(
    "K3 and K4: a follower that asks only where an epoch ended cuts off what was acknowledged",
    arguments: [ReplicationRules.Truncation.leaderEpoch, .closestEpoch])
  func truncatedByNews(rule: ReplicationRules.Truncation) {
    let model = ReplicationModel(rule, replicas: 3, epochs: 3, records: 1)
    var explorer = Explorer(model.system, model.bounds)
    let told = explorer.follow(telling: Self.unfenced)
    #expect(told.steps.map(\.text) == Self.unfenced.map(\.text))
    #expect(told.breach?.name == "AckedIsDurable")
  }

  @Test("K3 and K4 mended: n1 and n2 are asked in an epoch, and whoever is not in it does not answer")
  func fenced() {
    let model = ReplicationModel(.fenced, replicas: 3, epochs: 3, records: 1)
    var explorer = Explorer(model.system, model.bounds)
    // As far as the same things happen: from then on n3 has to ask otherwise.
    let told = explorer.follow(telling: Self.unfenced)
    #expect(told.steps.map(\.text) == Self.unfenced.prefix(told.steps.count).map(\.text))
    #expect(told.steps.count == 9)
    #expect(told.breach == nil)
  }
}

import Broker
import Clockwork
import RecordLog
import Simulation
import Testing

/// Each guard of the replication rules, removed, must be caught. The output is a table of what caught which.
///
/// The guards of the quorum and of the controller alone are removed in `QuorumSafetyTests` and
/// `ControllerPartitionTests`, on schedules of their own.
@Suite("Guards removed")
struct MutationTests {
  /// Searches seeds for one that a removed guard breaks.
  private func caught(_ name: String, seeds: Range<UInt64>, _ remove: (inout ReplicationRules) -> Void) -> Bool {
    var rules = ReplicationRules.kafka
    remove(&rules)
    let sweep = ReplicationSweep(rules: rules).sweep
    let (runs, broken) = sweep.run(seeds: seeds) { $0.violation == nil }
    guard let outcome = broken.first, let violation = outcome.violation else {
      print("| \(name) | not caught in \(runs) seeds |")
      return false
    }
    // The same seed with the guard in place is sound: it is the guard that was missed.
    let guarded = ReplicationSweep().sweep.run(seed: outcome.seed)
    print("| \(name) | sweep, seed \(outcome.seed): \(violation.name) |")
    return guarded.violation == nil
  }

  @Test("truncating to the high watermark is caught by the sweep (K1, K2)")
  func truncation() {
    #expect(caught("truncation=hw", seeds: 0..<100) { $0.truncation = .highWatermark })
  }

  @Test("acknowledging below min.insync.replicas is caught", arguments: [true, false])
  func minInSync(guarded: Bool) {
    var rules = ReplicationRules.kafka
    rules.minInSyncGate = guarded
    var cluster = TestCluster(seed: 1, brokers: 5, rules: rules, watched: false)
    cluster.start()
    cluster.createTopic("orders", config: [TopicSetting("min.insync.replicas", "2")])
    cluster.inflict(.crash(NodeID(2)))
    cluster.inflict(.crash(NodeID(3)))
    cluster.run { $0.inSync() == [NodeID(1)] }
    let outcome = cluster.produce("orders", ["m0"], retries: false)
    if guarded {
      #expect(outcome == .failed(.notEnoughReplicas, reason: BrokerError.notEnoughReplicas.advice, definite: true))
    } else {
      guard case .produced = outcome else {
        Issue.record("the guard is gone and the record was refused all the same: \(String(describing: outcome))")
        return
      }
      print("| min-in-sync=off | directed schedule: a record acknowledged by one replica of two that are asked for |")
    }
  }

  /// The controller has taken n3 into the in-sync set, but its answer does not reach the leader; n3 gets nothing of what
  /// is appended meanwhile (bug K6).
  @Test("counting only the in-sync set that the leader has heard of is caught (K6)", arguments: [true, false])
  func maximalInSyncSet(guarded: Bool) throws {
    var rules = ReplicationRules.kafka
    rules.maximalInSyncSet = guarded
    var cluster = try withFarController(rules)
    cluster.createTopic("orders")
    cluster.inflict(.crash(NodeID(3)))
    cluster.run { $0.inSync() == [NodeID(1), NodeID(2)] }
    cluster.inflict(.restart(NodeID(3)))
    cluster.run { cluster in
      cluster.world.withBroker(NodeID(1)) { $0.replicas.first?.leadership?.proposal != nil } == true
    }
    cluster.inflict(.cut([Link(cluster.controller, NodeID(1)), Link(NodeID(1), NodeID(3))]))
    cluster.run { $0.inSync().contains(NodeID(3)) }
    let outcome = cluster.produce("orders", ["m1"], retries: false)
    if guarded {
      if case .produced = outcome { Issue.record("acknowledged without n3, which is in sync") }
      return
    }
    guard case .produced = outcome else {
      Issue.record("the guard is gone and nothing was acknowledged: \(String(describing: outcome))")
      return
    }
    cluster.inflict(.crash(NodeID(1)))
    cluster.inflict(.crash(NodeID(2)))
    cluster.run { $0.leader == NodeID(3) }
    #expect(cluster.lost().count == 1)
    print("| maximal-in-sync=off | directed schedule K6: the high watermark passes a replica that is in sync; lost |")
  }

  /// Five brokers whose controller holds no replica, so that replicas can be cut from each other and keep their standing.
  private func withFarController(_ rules: ReplicationRules) throws -> TestCluster {
    let found = (1...40 as ClosedRange<UInt64>).lazy.map { seed in
      var cluster = TestCluster(seed: seed, brokers: 5, rules: rules, watched: false)
      cluster.start()
      return cluster
    }.first { [NodeID(4), NodeID(5)].contains($0.controller) }
    return try #require(found)
  }

  /// The new leader does not know yet how much is committed, and its high watermark stands below its epoch's start; an
  /// empty replica reaches that high watermark with its first fetch (bug K7).
  @Test("joining the in-sync set before the epoch's start is caught (K7)", arguments: [true, false])
  func joinFromEpochStart(guarded: Bool) throws {
    var rules = ReplicationRules.kafka
    rules.joinFromEpochStart = guarded
    var cluster = try withFarController(rules)
    cluster.createTopic("orders", config: [TopicSetting("min.insync.replicas", "2")])
    cluster.inflict(.crash(NodeID(3)))
    cluster.run { $0.inSync() == [NodeID(1), NodeID(2)] }
    cluster.produce("orders", ["m0"])
    cluster.inflict(.crash(NodeID(1)))
    cluster.run { $0.leader == NodeID(2) }
    cluster.inflict(.cut([Link(NodeID(2), NodeID(3))]))
    cluster.inflict(.restart(NodeID(3)))
    cluster.run { $0.inSync().contains(NodeID(3)) }
    #expect(cluster.inSync().contains(NodeID(3)) == !guarded, "an empty replica may not join")
    guard !guarded else { return }
    cluster.inflict(.crash(NodeID(2)))
    cluster.inflict(.restart(NodeID(1)))
    cluster.run { $0.leader == NodeID(3) }
    #expect(cluster.lost().count == 1)
    print("| join-from-epoch=off | directed schedule K7: an empty replica is elected, an acknowledged record is gone |")
  }
}

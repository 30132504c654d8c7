import Broker
import Clockwork
import RecordLog
import Simulation
import Testing

/// Bugs that Kafka has had, each as the schedule that shows it: with the rule that mended it, and without.
///
/// Five brokers and three replicas, so that the controller quorum survives what happens to the replicas.
@Suite("Kafka's historical bugs")
struct HistoricalBugTests {
  /// An acknowledged record that the followers do not yet know to be committed; the leader dies, and so
  /// does the next one as soon as it is elected, before the last follower has fetched anything from it.
  private func leaderDiesTwice(_ rules: ReplicationRules, seed: UInt64) -> TestCluster {
    var cluster = TestCluster(seed: seed, brokers: 5, rules: rules, watched: false)
    cluster.start()
    cluster.createTopic("orders")
    cluster.produce("orders", ["m0"])
    cluster.inflict(.crash(NodeID(1)))
    cluster.run { $0.leader == NodeID(2) }
    cluster.inflict(.crash(NodeID(2)))
    cluster.run { $0.leader == NodeID(3) }
    return cluster
  }

  @Test("K1: truncating to the high watermark loses an acknowledged record", arguments: 1...6 as ClosedRange<UInt64>)
  func truncationToHighWatermark(seed: UInt64) {
    var rules = ReplicationRules.kafka
    rules.truncation = .highWatermark
    let cluster = leaderDiesTwice(rules, seed: seed)
    #expect(cluster.leader == NodeID(3))
    #expect(cluster.lost().count == 1)
  }

  @Test(
    "K1 mended: a follower asks where its epoch ended",
    arguments: ReplicationRules.Truncation.allCases.filter { $0 != .highWatermark }, 1...6 as ClosedRange<UInt64>)
  func truncationByEpoch(rule: ReplicationRules.Truncation, seed: UInt64) {
    var rules = ReplicationRules.kafka
    rules.truncation = rule
    let cluster = leaderDiesTwice(rules, seed: seed)
    #expect(cluster.leader == NodeID(3))
    #expect(cluster.lost().isEmpty)
  }

  @Test(
    "K13: an unclean election loses what the in-sync replica had acknowledged", arguments: 1...6 as ClosedRange<UInt64>)
  func uncleanElection(seed: UInt64) {
    var cluster = TestCluster(seed: seed, brokers: 5, watched: false)
    cluster.start()
    cluster.createTopic("orders")
    cluster.produce("orders", ["m0"])
    cluster.inflict(.crash(NodeID(2)))
    cluster.inflict(.crash(NodeID(3)))
    cluster.run(.seconds(20))
    #expect(cluster.inSync() == [NodeID(1)])
    cluster.produce("orders", ["m1"])
    cluster.inflict(.crash(NodeID(1)))
    cluster.inflict(.restart(NodeID(2)))
    cluster.run { $0.leader == nil }
    #expect(cluster.leader == nil, "only an out-of-sync replica is left, and elections are clean")
    let partition = PartitionID(TopicID(1), 0)
    #expect(cluster.order { .administer($0, .electLeader(partition, unclean: true)) } == .done(by: cluster.controller))
    cluster.run(.seconds(2))
    #expect(cluster.leader == NodeID(2))
    #expect(cluster.state?.electedUncleanly == true)
    #expect(cluster.lost().count == 1)
  }
}

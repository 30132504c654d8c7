import Broker
import Clockwork
import RecordLog
import Simulation
import Testing

@Suite("A cluster in the simulated world")
struct ClusterTests {
  @Test("comes up, makes a topic, and keeps what it acknowledges", arguments: 1...5 as ClosedRange<UInt64>)
  func basics(seed: UInt64) throws {
    var cluster = TestCluster(seed: seed)
    cluster.start()
    #expect(cluster.world.brokers.allSatisfy { cluster.world.withBroker($0) { !$0.registration.isFenced } == true })
    #expect(cluster.createTopic("orders") == .done(by: cluster.controller))
    let outcome = cluster.produce("orders", ["kimchi", "bulgogi"])
    guard case .produced(let produced) = outcome else {
      Issue.record("expected records to be acknowledged, got \(String(describing: outcome))")
      return
    }
    #expect(produced.first == .zero)
    #expect(produced.last == Offset(1))
    #expect(cluster.consume("orders") == ["kimchi", "bulgogi"])
    #expect(cluster.world.violation == nil)
  }

  @Test(
    "elects another leader when the leader dies, and keeps every acknowledged record",
    arguments: 1...5 as ClosedRange<UInt64>)
  func failover(seed: UInt64) throws {
    var cluster = TestCluster(seed: seed)
    cluster.start()
    cluster.createTopic("orders")
    cluster.produce("orders", ["a", "b"])
    cluster.inflict(.losePower(NodeID(1)))
    cluster.run(.seconds(15))
    cluster.produce("orders", ["c"])
    #expect(cluster.consume("orders") == ["a", "b", "c"])
    cluster.inflict(.restart(NodeID(1)))
    cluster.run(.seconds(20))
    #expect(cluster.inSync() == [NodeID(1), NodeID(2), NodeID(3)])
    #expect(cluster.world.violation == nil)
  }

  /// The interim leader's epoch began at its log end and nothing was written in it: asked where that epoch ended, it must
  /// not ask again for ever.
  @Test("follows again after a reign in which nothing was written", arguments: 1...5 as ClosedRange<UInt64>)
  func emptyReign(seed: UInt64) {
    var cluster = TestCluster(seed: seed)
    cluster.start()
    cluster.createTopic("orders")
    cluster.produce("orders", ["a"])
    cluster.inflict(.crash(NodeID(1)))
    cluster.run { $0.leader == NodeID(2) }
    cluster.inflict(.restart(NodeID(1)))
    cluster.run { $0.inSync() == [NodeID(1), NodeID(2), NodeID(3)] }
    _ = cluster.order { .administer($0, .electLeader(PartitionID(TopicID(1), 0), unclean: false)) }
    cluster.run { $0.leader == NodeID(1) }
    let before = cluster.world.eventCount
    cluster.run(.seconds(2))
    #expect(cluster.world.eventCount - before < 500, "an idle cluster is quiet")
    cluster.produce("orders", ["b"])
    #expect(cluster.consume("orders") == ["a", "b"])
    #expect(cluster.world.violation == nil)
  }
}

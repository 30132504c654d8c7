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

  @Test("brings a broker that was away to where the others are by a snapshot", arguments: 1...5)
  func snapshot(seed: UInt64) {
    var cluster = TestCluster(seed: seed) { $0.snapshotRecords = 6 }
    cluster.start()
    cluster.createTopic("orders")
    cluster.produce("orders", ["a"])
    cluster.createTopic("riders")
    cluster.inflict(.crash(NodeID(3)))
    cluster.run { $0.inSync().count == 2 }
    for number in 0..<10 { cluster.createTopic("t\(number)") }
    _ = cluster.order { .administer($0, .deleteTopic(name: "riders")) }
    cluster.produce("orders", ["b"])
    cluster.inflict(.restart(NodeID(3)))
    cluster.run { $0.inSync().count == 3 }
    cluster.run(.seconds(2))
    let images = cluster.world.brokers.map { cluster.world.withBroker($0) { $0.image } }
    #expect(images[2] == images[0] && images[2] == images[1])
    #expect(images[2]?.topics.count == 11 && images[2]?.topic(named: "riders") == nil)
    #expect(cluster.world.withBroker(NodeID(3)) { $0.values(of: PartitionID(TopicID(1), 0)) } == ["a", "b"])
    let starts = cluster.world.brokers.map { cluster.world.withDisk($0) { $0.quorum.log.startOffset } ?? 0 }
    #expect(starts.allSatisfy { $0 > 6 })
    #expect(cluster.world.violation == nil)
    // Everybody starts from what it has put away.
    for id in cluster.world.brokers { cluster.inflict(.losePower(id)) }
    for id in cluster.world.brokers { cluster.inflict(.restart(id)) }
    cluster.run(.seconds(20))
    #expect(cluster.world.withBroker(NodeID(1)) { $0.image.topics.count } == 11)
    #expect(cluster.world.withBroker(NodeID(1)) { $0.image.liveBrokers.count } == 3)
  }

  @Test("gives leadership back to the preferred replica by itself where it is told to", arguments: [true, false])
  func rebalances(isTold: Bool) {
    var cluster = TestCluster(seed: 3) { $0.leaderRebalance = isTold ? .seconds(30) : nil }
    cluster.start()
    cluster.createTopic("orders")
    cluster.inflict(.crash(NodeID(1)))
    cluster.run { $0.leader == NodeID(2) }
    cluster.inflict(.restart(NodeID(1)))
    cluster.run { $0.inSync().count == 3 }
    #expect(cluster.leader == NodeID(2))
    cluster.run(.seconds(40))
    #expect(cluster.leader == (isTold ? NodeID(1) : NodeID(2)))
    #expect(cluster.world.violation == nil)
  }

  @Test("gives a topic every replica that it will have, though a broker has not come yet", arguments: 1...5)
  func brokerToCome(seed: UInt64) {
    var cluster = TestCluster(seed: seed)
    cluster.inflict(.crash(NodeID(3)))
    cluster.start()
    cluster.createTopic("orders")
    #expect(cluster.inSync() == [NodeID(1), NodeID(2)])
    cluster.produce("orders", ["a", "b"])
    cluster.inflict(.restart(NodeID(3)))
    cluster.run { $0.inSync().count == 3 }
    cluster.run(.seconds(2))
    #expect(cluster.world.withBroker(NodeID(3)) { $0.values(of: PartitionID(TopicID(1), 0)) } == ["a", "b"])
    #expect(cluster.world.violation == nil)
  }

  /// The new leader's log knows no epoch as old as the deposed one's: where that ended here is where the new one began.
  @Test("cuts off what a deposed leader alone has, though the next one's log begins later", arguments: 1...5)
  func firstRecordOfDeposedLeader(seed: UInt64) {
    var cluster = TestCluster(seed: seed, clients: 2)
    cluster.start()
    cluster.createTopic("orders")
    let links = Link.between([NodeID(1)], [NodeID(2), NodeID(3), .client(2)])
    cluster.inflict(.cut(links))
    // As long as the others', so that its offset alone tells nothing.
    cluster.produce("orders", ["told to one"], acks: .leader)
    cluster.run { $0.leader.map { $0 != NodeID(1) } ?? false }
    cluster.produce("orders", ["told to all"], by: 2)
    cluster.inflict(.heal(links))
    cluster.run { $0.inSync().count == 3 }
    cluster.run(.seconds(2))
    #expect(cluster.world.violation == nil)
    #expect(cluster.world.withBroker(NodeID(1)) { $0.values(of: PartitionID(TopicID(1), 0)) } == ["told to all"])
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

extension Broker {
  /// What stands in this broker's copy of a partition, committed or not.
  fileprivate func values(of partition: PartitionID) -> [String] {
    guard let replica = replica(of: partition) else { return [] }
    let log = log(of: replica)
    let batches = (try? log.read(from: .zero, upTo: log.endOffset, maxBytes: .max)) ?? []
    return batches.flatMap { (try? $0.records()) ?? [] }.map { String(decoding: $0.value ?? [], as: UTF8.self) }
  }
}

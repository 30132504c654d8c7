import Broker
import Clockwork
import RecordLog
import Simulation
import Testing

@Suite("Reassignment")
struct ReassignmentTests {
  static let orders = PartitionID(TopicID(1), 0)

  /// Four brokers, `orders/0` on the first three.
  func cluster(_ seed: UInt64) -> TestCluster {
    var cluster = TestCluster(seed: seed, brokers: 4, clients: 2)
    cluster.start()
    cluster.createTopic("orders", config: [TopicSetting("min.insync.replicas", "2")])
    return cluster
  }

  @Test("a partition moves under load, its leader too, and loses nothing", arguments: 1...4 as ClosedRange<UInt64>)
  func movesUnderLoad(_ seed: UInt64) throws {
    var cluster = cluster(seed)
    let before = try #require(cluster.state)
    let newcomer = try #require(cluster.world.brokers.first { !before.replicas.contains($0) })
    let target = [newcomer] + before.replicas.suffix(2)
    var sent: [String] = []
    for number in 0..<8 {
      let value = "order \(number)"
      if case .produced = cluster.produce("orders", [value], by: 2) { sent.append(value) }
      if number == 3 { _ = cluster.order { .administer($0, .reassign(Self.orders, target)) } }
    }
    cluster.run(until: { $0.state?.isMoving == false && $0.inSync().count == 3 })
    let after = try #require(cluster.state)
    #expect(after.replicas == target)
    #expect(Set(after.inSync) == Set(target))
    #expect(after.leader.map(target.contains) == true)
    _ = cluster.produce("orders", ["last"], by: 2)
    #expect(sent.count >= 6)
    #expect(Set(sent + ["last"]).isSubset(of: cluster.consume("orders")))
    #expect(cluster.lost() == [])
    #expect(cluster.world.violation == nil)
    let gone = try #require(before.replicas.first)
    #expect(cluster.world.withBroker(gone) { $0.replica(of: Self.orders) == nil } == true)
  }

  @Test("a move to a broker that is down waits, and can be cancelled")
  func cancels() throws {
    var cluster = cluster(7)
    let before = try #require(cluster.state)
    let newcomer = try #require(cluster.world.brokers.first { !before.replicas.contains($0) })
    cluster.inflict(.crash(newcomer))
    cluster.run(.seconds(12))
    _ = cluster.order { .administer($0, .reassign(Self.orders, [newcomer])) }
    cluster.run(.seconds(5))
    #expect(cluster.state?.adding == [newcomer])
    #expect(cluster.inSync() == before.replicas)
    _ = cluster.order { .administer($0, .reassign(Self.orders, nil)) }
    cluster.run(.seconds(1))
    #expect(cluster.state?.isMoving == false)
    #expect(cluster.state?.replicas == before.replicas)
    #expect(cluster.world.violation == nil)
  }
}

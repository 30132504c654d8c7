import Broker
import Clockwork
import RecordLog
import Simulation
import Testing

@Suite("A consumer group on a cluster")
struct ConsumerGroupTests {
  private func started(seed: UInt64) -> TestCluster {
    var cluster = TestCluster(seed: seed, clients: 3)
    cluster.start()
    _ = cluster.order { .administer($0, .createTopic(name: "orders", partitions: 4, replication: 3, config: [])) }
    cluster.run(.seconds(1))
    return cluster
  }

  private func share(_ cluster: TestCluster, _ client: Int32) -> [Int32] {
    cluster.world.withClient(.client(client)) { $0.subscriptions.first?.member.partitions.map(\.index) ?? [] } ?? []
  }

  private func received(_ cluster: TestCluster, _ client: Int32) -> [String] {
    cluster.world.withClient(.client(client)) {
      $0.subscriptions.first?.received.map { String(decoding: $0.record.value ?? [], as: UTF8.self) } ?? []
    } ?? []
  }

  @Test(
    "shares partitions, takes over from a member that died, and reads every record",
    arguments: 1...4 as ClosedRange<UInt64>)
  func sharing(seed: UInt64) {
    var cluster = started(seed: seed)
    #expect(cluster.order(by: 1) { .subscribe($0, group: "kitchen", topics: ["orders"]) } == .joined(group: "kitchen"))
    #expect(share(cluster, 1) == [0, 1, 2, 3])
    #expect(cluster.order(by: 2) { .subscribe($0, group: "kitchen", topics: ["orders"]) } == .joined(group: "kitchen"))
    cluster.run(.seconds(5))
    #expect((share(cluster, 1) + share(cluster, 2)).sorted() == [0, 1, 2, 3])
    #expect(share(cluster, 1).count == 2)

    let menu = (0..<8).map { "dish \($0)" }
    cluster.produce("orders", menu, by: 3)
    cluster.run(.seconds(10))
    #expect((received(cluster, 1) + received(cluster, 2)).sorted() == menu.sorted())

    cluster.inflict(.crash(.client(2)))
    cluster.run(.seconds(25))
    #expect(share(cluster, 1) == [0, 1, 2, 3])
    let more = (8..<12).map { "dish \($0)" }
    cluster.produce("orders", more, by: 3)
    cluster.run(.seconds(5))
    #expect(Set(more).isSubset(of: Set(received(cluster, 1))))
    #expect(cluster.world.violation == nil)
  }

  @Test("keeps its committed offsets when its coordinator dies", arguments: 1...4 as ClosedRange<UInt64>)
  func coordinatorDies(seed: UInt64) {
    var cluster = started(seed: seed)
    _ = cluster.order(by: 1) { .subscribe($0, group: "kitchen", topics: ["orders"]) }
    cluster.produce("orders", ["a", "b", "c", "d"], by: 3)
    cluster.run(.seconds(12))
    let coordinator = cluster.world.withClient(.client(1)) { $0.subscriptions.first?.member.coordinator } ?? nil
    guard let coordinator else {
      Issue.record("the member knows no coordinator")
      return
    }
    cluster.inflict(.losePower(coordinator))
    cluster.run(.seconds(30))
    guard
      case .group(.offsets(let offsets), _) = cluster.order(
        by: 3, { .askGroup($0, .fetchOffsets(group: "kitchen", partitions: [])) })
    else {
      Issue.record("no coordinator answers")
      return
    }
    #expect(offsets.map(\.offset) == [1, 1, 1, 1])
    #expect(cluster.world.violation == nil)
  }
}

import Broker
import Clockwork
import RecordLog
import Simulation
import Testing

@Suite("Transactions on a cluster")
struct TransactionTests {
  private func started(seed: UInt64, clients: Int = 2, rules: ReplicationRules = .kafka) -> TestCluster {
    var cluster = TestCluster(seed: seed, clients: clients, rules: rules)
    cluster.world.invariants = TransactionSweep.invariants
    cluster.start()
    cluster.createTopic("orders")
    cluster.createTopic("stock")
    return cluster
  }

  private func order(
    _ value: String, as id: String = "till", offset: Int64? = nil, commit: Bool = true, bumps: Bool = true,
    timeout: Interval = .seconds(10)
  ) -> TransactionOrder {
    TransactionOrder(
      transactionalID: id,
      writes: ["orders", "stock"].map { .init(topic: $0, records: [Record(key: nil, value: value)]) },
      group: offset == nil ? nil : "kitchen",
      offsets: offset.map { [GroupOffset(partition: TopicPartition("orders", 0), offset: $0)] } ?? [], commit: commit,
      timeout: timeout, bumpsEpoch: bumps)
  }

  private func ending(_ outcome: Outcome?) -> Transacted.Ending? {
    if case .transacted(let told)? = outcome { told.ending } else { nil }
  }

  private func readCommitted(_ cluster: inout TestCluster, _ topic: String) -> [String] {
    guard
      case .consumed(let records, _, _, _) = cluster.order(
        by: 2, { .consume($0, ConsumeOrder(topic: topic, partition: 0, isolation: .readCommitted)) })
    else { return ["nothing was read"] }
    return records.map { String(decoding: $0.value ?? [], as: UTF8.self) }
  }

  private func offset(_ cluster: inout TestCluster) -> Int64? {
    let request = GroupRequest.fetchOffsets(
      group: "kitchen", partitions: [TopicPartition("orders", 0)], requireStable: true)
    guard case .group(.offsets(let offsets), _) = cluster.order(by: 2, { .askGroup($0, request) }) else { return nil }
    return offsets.first?.offset
  }

  @Test("what commits is seen as a whole, what aborts not at all", arguments: [true, false])
  func endings(bumps: Bool) {
    var cluster = started(seed: 1)
    #expect(ending(cluster.order { .transact($0, order("a", offset: 5, bumps: bumps)) }) == .committed)
    #expect(ending(cluster.order { .transact($0, order("b", offset: 6, commit: false, bumps: bumps)) }) == .aborted)
    #expect(ending(cluster.order { .transact($0, order("c", bumps: bumps)) }) == .committed)
    cluster.run(.seconds(2))
    #expect(readCommitted(&cluster, "orders") == ["a", "c"])
    #expect(readCommitted(&cluster, "stock") == ["a", "c"])
    #expect(cluster.consume("orders") == ["a", "b", "c"])
    #expect(offset(&cluster) == 5)
    #expect(cluster.world.openTransactions() == [])
    #expect(cluster.world.violation == nil)
  }

  @Test("a second producer fences the first")
  func zombie() {
    var cluster = started(seed: 2)
    #expect(ending(cluster.order(by: 1) { .transact($0, order("a")) }) == .committed)
    #expect(ending(cluster.order(by: 2) { .transact($0, order("b")) }) == .committed)
    #expect(ending(cluster.order(by: 1) { .transact($0, order("c")) }) == .fenced)
    #expect(readCommitted(&cluster, "stock") == ["a", "b"])
    #expect(cluster.world.violation == nil)
  }

  @Test("a producer that dies in the middle is aborted when its time is up", arguments: [0, 1, 2, 3, 4, 5, 6])
  func producerDies(answers: Int) {
    var cluster = started(seed: 3)
    let text = order("a", offset: 7, timeout: .seconds(5))
    cluster.world.apply(.message(.command(.transact(Ticket(500), text)), to: .client(1)))
    // As many events as it takes to get some way.
    var nobody = NoObserver()
    for _ in 0..<(answers * 12) { cluster.world.run(until: cluster.world.now + .seconds(1), events: 1, &nobody) }
    cluster.inflict(.crash(.client(1)))
    cluster.run(.seconds(20))
    #expect(cluster.world.openTransactions() == [])
    let seen = readCommitted(&cluster, "orders")
    #expect(seen == readCommitted(&cluster, "stock"))
    #expect(offset(&cluster) == (seen == ["a"] ? 7 : -1))
    #expect(cluster.world.violation == nil)
  }

  @Test("the coordinator dies at any step, and the transaction ends as a whole", arguments: 1...24 as ClosedRange<Int>)
  func coordinatorDies(step: Int) {
    var cluster = started(seed: UInt64(step % 4) + 10)
    #expect(ending(cluster.order(by: 1) { .transact($0, order("a")) }) == .committed)
    let coordinator = cluster.world.brokers.lazy.compactMap { id in
      cluster.world.withBroker(id) { $0.transactionCoordinator(for: "till") } ?? nil
    }.first
    guard let coordinator else {
      Issue.record("nobody coordinates")
      return
    }
    cluster.world.apply(.message(.command(.transact(Ticket(500), order("b", offset: 7))), to: .client(1)))
    var nobody = NoObserver()
    for _ in 0..<(step * 6) { cluster.world.run(until: cluster.world.now + .seconds(1), events: 1, &nobody) }
    cluster.inflict(.crash(coordinator))
    cluster.run(.seconds(15))
    cluster.inflict(.restart(coordinator))
    cluster.run(.seconds(25))
    #expect(cluster.world.openTransactions() == [])
    let seen = readCommitted(&cluster, "orders")
    #expect(seen == readCommitted(&cluster, "stock"))
    let told = ending(cluster.world.withClient(.client(1)) { $0.outcome(of: Ticket(500)) } ?? nil)
    switch told {
    case .committed: #expect(seen == ["a", "b"])
    case .aborted: #expect(seen == ["a"])
    default: break
    }
    #expect(offset(&cluster) == (seen == ["a", "b"] ? 7 : -1))
    #expect(cluster.world.violation == nil, "\(cluster.world.violation as Any)")
  }

  @Test("transactions stay whole in a storm", arguments: 1...12 as ClosedRange<UInt64>)
  func storm(seed: UInt64) {
    let result = TransactionSweep().sweep.run(seed: seed)
    #expect(result.violation == nil, "\(result.violation as Any)")
  }

  /// A batch is held up on its way until its transaction has been aborted. What then becomes of it.
  private func late(bumps: Bool, _ change: (inout ReplicationRules) -> Void = { _ in }) -> TestCluster? {
    var rules = ReplicationRules.kafka
    change(&rules)
    for seed in 1...20 as ClosedRange<UInt64> {
      var cluster = started(seed: seed, rules: rules)
      #expect(ending(cluster.order(by: 2) { .transact($0, order("a", bumps: bumps)) }) == .committed)
      let (leader, coordinator) = cluster.leaderAndCoordinator
      guard let leader, let coordinator, leader != coordinator else { continue }
      let link = LinkSelection.only([Link(.client(1), leader)])
      cluster.inflict(.latency(.constant(.seconds(11)), on: link))
      #expect(
        ending(cluster.order(by: 1) { .transact($0, order("late", as: "other", bumps: bumps, timeout: .seconds(300))) })
          == .aborted)
      cluster.run(.seconds(15))
      return cluster
    }
    return nil
  }

  @Test("a batch that arrives after its transaction's end is refused, or it would hang (KIP-890)")
  func hanging() throws {
    var guarded = try #require(late(bumps: false))
    #expect(guarded.world.openTransactions() == [])
    #expect(readCommitted(&guarded, "orders") == ["a"])
    let unguarded = try #require(late(bumps: false) { $0.transactionVerification = false })
    #expect(unguarded.world.openTransactions().count == 1)
    let bumped = try #require(late(bumps: true) { $0.transactionVerification = false })
    #expect(bumped.world.openTransactions() == [])
  }
}

extension TestCluster {
  /// Who leads orders/0, and who coordinates `other`.
  fileprivate var leaderAndCoordinator: (leader: NodeID?, coordinator: NodeID?) {
    let coordinator = world.brokers.lazy.compactMap { id in
      self.world.withBroker(id) { $0.transactionCoordinator(for: "other") } ?? nil
    }.first
    return (leader, coordinator)
  }
}

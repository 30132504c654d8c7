import Broker
import Clockwork
import RecordLog
import Simulation
import Testing

@Suite("Producers in a cluster")
struct ProducerTests {
  private let orders = PartitionID(TopicID(1), 0)

  private func cluster(_ seed: UInt64, _ rules: ReplicationRules = .kafka) -> TestCluster {
    var cluster = TestCluster(seed: seed, rules: rules)
    cluster.start()
    cluster.createTopic("orders", config: [TopicSetting("min.insync.replicas", "2")])
    return cluster
  }

  private func order(_ values: [String]) -> (Ticket) -> ClientCommand {
    let records = values.map { Record(key: nil, value: $0) }
    return { .produce($0, ProduceOrder(topic: "orders", source: .records(records), inFlight: 5, idempotent: true)) }
  }

  @Test("over a network that loses, repeats and reorders, every record is there once and in order", arguments: 1...8)
  func onceAndInOrder(seed: Int) {
    var cluster = cluster(UInt64(seed))
    // Lost between the client and the brokers only: what brokers lose among themselves costs time, not records.
    let links = Link.between([.client(1)], (1...3).map { NodeID($0) })
    cluster.inflict(.loss(perMille: 25, on: .only(links)))
    cluster.inflict(.duplication(perMille: 200, on: .all))
    cluster.inflict(.reordering(true, on: .all))
    let values = (0..<30).map { "m\($0)" }
    let outcome = cluster.order(order(values))
    guard case .produced(let produced) = outcome else {
      Issue.record("not produced: \(String(describing: outcome))")
      return
    }
    #expect(produced.count == 30)
    cluster.inflict(.loss(perMille: 0, on: .all))
    cluster.run(.seconds(5))
    #expect(cluster.consume("orders") == values)
    #expect(cluster.world.violation == nil)
  }

  @Test("a new leader knows what its predecessor has taken", arguments: 1...4)
  func leaderChange(seed: Int) throws {
    var cluster = cluster(UInt64(seed))
    _ = cluster.order(order(["a", "b", "c"]))
    cluster.run(.seconds(2))
    let first = try #require(cluster.leader)
    let known = try #require(ledger(cluster, first)).producers
    #expect(known.first?.batches.map(\.baseSequence) == [0, 1, 2])
    cluster.inflict(.crash(first))
    cluster.run { $0.leader != nil && $0.leader != first }
    let second = try #require(cluster.leader)
    cluster.run(.seconds(1))
    #expect(try #require(ledger(cluster, second)).producers.map(\.batches) == known.map(\.batches))
    // The predecessor's last batch, late: it is answered, not appended.
    let end = cluster.world.withBroker(second) { broker in
      broker.replica(of: orders).map { broker.log(of: $0).endOffset }
    }
    let producer = try #require(known.first)
    let late = RecordBatch(
      records: [Record(key: nil, value: "c")], producer: .init(id: producer.id, epoch: 0, baseSequence: 2))
    let request = ProduceRequest(partition: orders, acks: .all, timeout: .seconds(1), batch: late)
    cluster.world.apply(.message(.produce(request, CorrelationID(1)), to: second))
    cluster.run(.seconds(1))
    #expect(
      cluster.world.withBroker(second) { broker in broker.replica(of: orders).map { broker.log(of: $0).endOffset } }
        == end)
  }

  private func ledger(_ cluster: TestCluster, _ node: NodeID) -> ProducerLedger? {
    cluster.world.withBroker(node) { broker in broker.replica(of: orders).map { broker.producers(of: $0) } } ?? nil
  }

  @Test("an idempotent producer must wait for all replicas")
  func needsAll() {
    var cluster = cluster(1)
    let outcome = cluster.order {
      .produce(
        $0,
        ProduceOrder(topic: "orders", source: .records([Record(key: nil, value: "v")]), acks: .leader, idempotent: true)
      )
    }
    guard case .failed(.invalidConfig, _, definite: true) = outcome else {
      Issue.record("\(String(describing: outcome))")
      return
    }
  }

  @Test("under every fault, numbers are committed once and in order", arguments: 0..<4)
  func sweep(block: Int) {
    let seeds = UInt64(block * 20)..<UInt64(block * 20 + 20)
    let (runs, broken) = ReplicationSweep(idempotent: true).sweep.run(seeds: seeds)
    #expect(runs == 20)
    for outcome in broken { Issue.record("seed \(outcome.seed): \(outcome.violation?.description ?? "")") }
  }

  @Test("without deduplication the sweep finds a record twice")
  func mutation() throws {
    var rules = ReplicationRules.kafka
    rules.producerDeduplication = false
    let seeds: Range<UInt64> = 0..<60
    let (_, broken) = ReplicationSweep(rules: rules, idempotent: true).sweep.run(seeds: seeds) { $0.violation == nil }
    let caught = try #require(broken.first)
    #expect(caught.violation?.name == "IdempotentProducersDuplicateNothing")
    #expect(ReplicationSweep(idempotent: true).sweep.run(seed: caught.seed).violation == nil)
  }
}

public import Clockwork
import RecordLog

/// How a broker hosts the transactions whose coordinator it is, as it hosts groups: writes the coordinator's decisions to
/// its partitions of `__transaction_state`, carries markers to their leaders, fetches producer ids.
extension Broker {
  static var transactionsTopic: String { "__transaction_state" }
  /// How long a request may wait for a block of producer ids, and a controller for its answer.
  private static var producerIDPatience: Interval { .seconds(5) }
  private static var producerIDRetry: Interval { .seconds(1) }

  /// Which broker coordinates the transactional id; nil while nobody does.
  public func transactionCoordinator(for transactionalID: String) -> NodeID? {
    let shard = Int(transactions.shard(for: transactionalID))
    guard let topic = image.topic(named: Self.transactionsTopic), shard < topic.partitions.count else { return nil }
    return topic.partitions[shard].leader
  }

  mutating func hear(_ request: TransactionRequest, _ id: CorrelationID, from: NodeID, _ fx: inout BrokerEffects) {
    let asker = Asker(node: from, correlation: id)
    if request.mayTakeProducerID, producerIDs.isEmpty {
      let held = ProducerIDs.Waiting(
        request: request, correlation: id, from: from, deadline: fx.now + Self.producerIDPatience)
      if !producerIDs.hold(held) { asker.refuse(transaction: .coordinatorLoadInProgress, &fx) }
      return
    }
    switch request {
    case .findCoordinator(let transactionalID): find(transactionalID, asker, &fx)
    case .list:
      asker.answer(
        transaction: transactions.listings.map { .listed($0) } ?? .refused(.coordinatorLoadInProgress), &fx)
    case .initProducer(let plain) where plain.transactionalID == nil:
      guard let producerID = producerIDs.take() else {
        return asker.refuse(transaction: .coordinatorLoadInProgress, &fx)
      }
      asker.answer(transaction: .producer(id: producerID, epoch: 0), &fx)
    case .addPartitions(_, let partitions):
      let named = partitions.compactMap { image.topicPartition($0) }
      guard named.count == partitions.count, !named.isEmpty else {
        return asker.refuse(transaction: .unknownTopicOrPartition, &fx)
      }
      transactions.on(request, naming: named, asker, &producerIDs, &fx)
    case .addOffsets(_, let group):
      guard image.topicID(named: Self.offsetsTopic) != nil else {
        makeOffsetsTopic(&fx)
        return asker.refuse(transaction: .coordinatorNotAvailable, &fx)
      }
      let partition = TopicPartition(Self.offsetsTopic, groups.shard(for: group))
      transactions.on(request, naming: [partition], asker, &producerIDs, &fx)
    case .verify(_, let partition):
      let named = image.topicPartition(partition).map { [$0] } ?? []
      transactions.on(request, naming: named, asker, &producerIDs, &fx)
    case .initProducer, .end, .describe: transactions.on(request, naming: [], asker, &producerIDs, &fx)
    }
  }

  private mutating func find(_ transactionalID: String, _ asker: Asker, _ fx: inout BrokerEffects) {
    if let coordinator = transactionCoordinator(for: transactionalID) {
      return asker.answer(transaction: .coordinator(coordinator), &fx)
    }
    if image.topicID(named: Self.transactionsTopic) == nil { makeTransactionsTopic(&fx) }
    asker.refuse(transaction: .coordinatorNotAvailable, &fx)
  }

  /// The first transactional producer of a cluster brings the topic into being. A decision must outlive any one broker
  /// (transaction.state.log.min.isr).
  private mutating func makeTransactionsTopic(_ fx: inout BrokerEffects) {
    guard let controller = quorum.leader else { return }
    let request = ControllerRequest.createTopic(
      name: Self.transactionsTopic, partitions: transactions.setup.shards, replication: -1,
      config: [
        TopicSetting("cleanup.policy", "compact"),
        TopicSetting("min.insync.replicas", String(min(2, setup.voters.count))),
      ])
    fx.send(.toController(request, newCorrelation()), to: controller)
  }

  // MARK: After each event

  /// Writes down what the coordinator decided in this event, acks=all, and sends the markers that are due.
  mutating func writeTransactions(_ fx: inout BrokerEffects) {
    fetchProducerIDs(&fx)
    while transactions.hasWork {
      transactions.sendMarkers(image, &nextCorrelation, &fx)
      for append in transactions.takeAppends() {
        guard let topic = image.topicID(named: Self.transactionsTopic) else { continue }
        let request = ProduceRequest(
          partition: PartitionID(topic, append.id.shard), acks: .all, timeout: .seconds(5),
          batch: RecordBatch(records: append.records))
        // What is committed at once takes effect at once, and may want more written.
        self.append(request, for: .transaction(append.id), &fx)
      }
    }
  }

  mutating func ring(_ timer: TransactionTimer, _ fx: inout BrokerEffects) {
    switch timer {
    case .due: transactions.onTimer(.due, &fx)
    case .producerIDs:
      for late in producerIDs.takeLate(fx.now) {
        Asker(node: late.from, correlation: late.correlation).refuse(transaction: .coordinatorLoadInProgress, &fx)
      }
    }
  }

  // MARK: Producer ids

  private mutating func fetchProducerIDs(_ fx: inout BrokerEffects) {
    guard producerIDs.wantsBlock(fx.now) else { return }
    let again = fx.now + Self.producerIDRetry
    fx.set(.transactions(.producerIDs), at: again)
    let correlation = newCorrelation()
    producerIDs.ask(correlation, againAt: again)
    guard let controller = quorum.leader, let epoch = registration.epoch else { return }
    fx.send(.toController(.allocateProducerIDs(epoch), correlation), to: controller)
  }

  mutating func receiveProducerIDs(
    first: Int64, count: Int32, _ correlation: CorrelationID, _ fx: inout BrokerEffects
  ) {
    producerIDs.receive(first: first, count: count, correlation)
    guard !producerIDs.isEmpty else { return }
    for held in producerIDs.takeWaiting() { hear(held.request, held.correlation, from: held.from, &fx) }
  }
}

extension TransactionRequest {
  /// A producer id may have to be given out for it.
  fileprivate var mayTakeProducerID: Bool {
    switch self {
    case .initProducer: true
    case .end(let claim, _, let bumpsEpoch): bumpsEpoch && claim.producerEpoch >= .max - 1
    default: false
    }
  }
}

internal import CKafkaClient
public import Clockwork
internal import Synchronization

/// A producer whose records and whose group's offsets become visible together or not at all (KIP-98, KIP-447).
///
/// One process at a time may hold a transactional id: starting another with the same id fences this one.
public struct TransactionalProducer: ~Copyable {
  private let core: ProducerCore
  private let patience: Interval

  /// Takes the transactional id over: whoever had it is fenced, and what it had open is aborted. `expiry` is how long the
  /// cluster waits for a producer that says nothing before it aborts what it had open.
  public init(
    _ settings: ClientSettings, id: String, expiry: Interval = .seconds(10), patience: Interval = .seconds(30)
  ) throws(ClientError) {
    let core = try ProducerCore(
      settings.with([
        .init("transactional.id", id), .init("transaction.timeout.ms", String(expiry.timeout)), .init("linger.ms", "2"),
      ]))
    try Self.insist(patience) { rd_kafka_init_transactions(core.pointer, $0) }
    self.core = core
    self.patience = patience
  }

  /// Begins a transaction. Must be ended before the next.
  public func begin() throws(ClientError) -> Transaction {
    if let error = rd_kafka_begin_transaction(core.pointer) { throw ClientError(consuming: error) }
    core.isInTransaction.store(true, ordering: .relaxed)
    _ = core.takeOffsets()
    return Transaction(core: core, patience: patience)
  }

  /// Makes the call again for as long as it says that nothing is decided yet.
  static func insist(_ patience: Interval, _ call: (Int32) -> OpaquePointer?) throws(ClientError) {
    var left = patience
    let step = Interval.seconds(5)
    while true {
      guard let error = call(min(step, left).timeout) else { return }
      let failure = ClientError(consuming: error)
      guard case .retriable = failure, left > .zero else { throw failure }
      left = left - step
    }
  }
}

/// A transaction that is open. Whoever lets it go without a word aborts it.
public struct Transaction: ~Copyable {
  private let core: ProducerCore
  private let patience: Interval

  fileprivate init(core: ProducerCore, patience: Interval) {
    self.core = core
    self.patience = patience
  }

  deinit { if core.isInTransaction.load(ordering: .relaxed) { try? Self.abort(core, patience) } }

  public func send(_ record: ProducerRecord) throws(ClientError) {
    do throws(ClientError) { try core.send(record, patience: patience) } catch {
      if let fatal = core.fatal { throw fatal }
      throw error
    }
  }

  /// Commits the records together with how far the group has read: the next offset of each partition. A member that the
  /// group no longer counts in is refused here, before anything is visible (KIP-447).
  ///
  /// When this throws, nothing of it is seen, unless the error is `.retriable`: then nobody knows yet. The answer is where
  /// the last record of each partition stands, if the brokers have said so.
  @discardableResult
  public consuming func commit(
    _ offsets: [(TopicPartition, Int64)], of consumer: borrowing GroupConsumer
  ) throws(ClientError) -> [TopicPartition: Int64] {
    if !offsets.isEmpty {
      let list = PartitionList(offsets)
      let member = consumer.membership
      defer { if let member { rd_kafka_consumer_group_metadata_destroy(member) } }
      try TransactionalProducer.insist(patience) {
        rd_kafka_send_offsets_to_transaction(core.pointer, list.pointer, member, $0)
      }
    }
    return try commit()
  }

  /// Commits records that stand for no group's progress.
  @discardableResult
  public consuming func commit() throws(ClientError) -> [TopicPartition: Int64] {
    try TransactionalProducer.insist(patience) { rd_kafka_commit_transaction(core.pointer, $0) }
    core.isInTransaction.store(false, ordering: .relaxed)
    return core.takeOffsets()
  }

  /// None of it will be seen.
  public consuming func abort() throws(ClientError) { try Self.abort(core, patience) }

  private static func abort(_ core: ProducerCore, _ patience: Interval) throws(ClientError) {
    core.isInTransaction.store(false, ordering: .relaxed)
    try TransactionalProducer.insist(patience) { rd_kafka_abort_transaction(core.pointer, $0) }
  }
}

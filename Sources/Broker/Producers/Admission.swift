import Clockwork
import RecordLog

/// What a leader decides about a batch before it appends it.
enum Admission: Hashable {
  case append
  /// It was appended before: its producer gets the answer that it missed.
  case repeats(SequencedBatch)
  /// The first records of a transaction here: first the transaction's coordinator has to say that it is one (KIP-890).
  case unverified
  case refused(BrokerError)
}

extension ProducerLedger {
  /// Judges a batch that somebody wants appended. The order of the rules is Kafka's (ProducerAppendInfo).
  func judge(_ request: ProduceRequest, from writer: Writer, isVerified: Bool, _ rules: ReplicationRules) -> Admission {
    let batch = request.batch
    guard batch.producerID >= 0 else { return anonymous(batch, writer) }
    switch writer {
    case .client: return judge(request, isVerified: isVerified, rules)
    case .markers: return judge(marker: batch)
    case .group, .transaction:
      // A group's coordinator writes the offsets that a transaction commits, unnumbered.
      if let producer = producer(batch.producerID), batch.producerEpoch < producer.epoch {
        return .refused(.invalidProducerEpoch)
      }
      return request.transactionalID != nil && !isVerified && isFirst(batch) ? .unverified : .append
    }
  }

  private func anonymous(_ batch: RecordBatch, _ writer: Writer) -> Admission {
    let isPlain = !batch.attributes.isTransactional && !batch.attributes.isControl
    return isPlain ? .append : .refused(.invalidRecord)
  }

  /// A client's batch.
  private func judge(_ request: ProduceRequest, isVerified: Bool, _ rules: ReplicationRules) -> Admission {
    let batch = request.batch
    guard !batch.attributes.isControl, batch.producerEpoch >= 0, batch.baseSequence >= 0,
      Int64(batch.recordCount) == batch.nextOffset - batch.baseOffset
    else { return .refused(.invalidRecord) }
    let producer = producer(batch.producerID)
    if rules.producerDeduplication, let original = producer?.original(of: batch) { return .repeats(original) }
    if let producer, batch.producerEpoch < producer.epoch { return .refused(.invalidProducerEpoch) }
    if batch.attributes.isTransactional, isFirst(batch), !isVerified {
      return request.transactionalID == nil ? .refused(.invalidTxnState) : .unverified
    }
    if rules.producerDeduplication, !isInOrder(batch, producer) { return .refused(.outOfOrderSequenceNumber) }
    if !batch.attributes.isTransactional, producer?.openedAt != nil { return .refused(.invalidTxnState) }
    return .append
  }

  private func isFirst(_ batch: RecordBatch) -> Bool {
    batch.attributes.isTransactional && !hasOpenTransaction(batch.producerID, epoch: batch.producerEpoch)
  }

  private func isInOrder(_ batch: RecordBatch, _ producer: ProducerState?) -> Bool {
    if let next = producer?.nextSequence(in: batch.producerEpoch) { return batch.baseSequence == next }
    // Nothing is known of the producer. A transaction's first batch may still be on its way, so a later one does not
    // take its place; from any other producer every number is taken.
    return !batch.attributes.isTransactional || batch.baseSequence == 0
  }

  /// A marker may come twice, but not from a coordinator that has been replaced, nor for an epoch that is over.
  private func judge(marker batch: RecordBatch) -> Admission {
    guard let record = batch.markerRecord else { return .refused(.invalidRecord) }
    guard let producer = producer(batch.producerID) else { return .append }
    if batch.producerEpoch < producer.epoch { return .refused(.invalidProducerEpoch) }
    return record.coordinatorEpoch < producer.coordinatorEpoch ? .refused(.transactionCoordinatorFenced) : .append
  }
}

import Clockwork
import RecordLog

/// The first batch of a transaction in a partition, while its coordinator is asked whether it is one (KIP-890).
struct HeldVerification: Sendable {
  var request: ProduceRequest
  var writer: Writer
  /// The question; batches that the same answer will do for share it.
  var correlation: CorrelationID
  var deadline: Instant
}

/// A leader appends to a transaction only what the transaction's coordinator knows of: otherwise a late batch could open a
/// transaction that nobody will ever end, and no committed reader would pass it.
extension Broker {
  private static var mostVerified: Int { 10_000 }

  /// Holds the batch and asks. The same question is asked again for every further batch, under the same number: the
  /// question before it, or its answer, may have been lost.
  mutating func verify(_ request: ProduceRequest, for writer: Writer, _ fx: inout BrokerEffects) {
    guard let transactionalID = request.transactionalID, heldVerifications.count < Self.mostVerified,
      let coordinator = transactionCoordinator(for: transactionalID)
    else { return refuse(request, .notEnoughReplicas, writer, &fx) }
    let asked = heldVerifications.first { $0.request.isOfSameTransaction(as: request) }?.correlation
    let correlation = asked ?? newCorrelation()
    let deadline = fx.now + request.timeout
    heldVerifications.append(
      HeldVerification(request: request, writer: writer, correlation: correlation, deadline: deadline))
    purgatoryAlarm.ring(.purgatory, by: deadline, &fx)
    let claim = TransactionClaim(
      transactionalID: transactionalID, producerID: request.batch.producerID, producerEpoch: request.batch.producerEpoch
    )
    fx.send(.toTransactions(.verify(claim, request.partition), correlation), to: coordinator)
  }

  /// The coordinator's answer. To a question that is not held any more it comes too late.
  mutating func hear(_ reply: TransactionReply, _ id: CorrelationID, _ fx: inout BrokerEffects) {
    let answered = heldVerifications.filter { $0.correlation == id }
    heldVerifications.removeAll { $0.correlation == id }
    for held in answered {
      if case .refused(let error) = reply {
        // What the producer may not know how to take as "try again" is put in words that every producer knows.
        refuse(held.request, error.isRetriable ? .notEnoughReplicas : error, held.writer, &fx)
      } else {
        append(held.request, for: held.writer, isVerified: true, &fx)
      }
    }
  }

  /// The producer's transaction has ended here: an answer that is still on its way speaks of the one that is over.
  mutating func refuseUnverified(_ producerID: Int64, in partition: PartitionID, _ fx: inout BrokerEffects) {
    release(.invalidTxnState, &fx) { $0.request.partition == partition && $0.request.batch.producerID == producerID }
  }

  /// The role changed: whoever leads now must ask.
  mutating func releaseUnverified(_ partition: PartitionID, _ fx: inout BrokerEffects) {
    release(.notLeaderOrFollower, &fx) { $0.request.partition == partition }
  }

  /// Nobody answered, and nothing is appended.
  mutating func expireUnverified(_ fx: inout BrokerEffects) {
    let now = fx.now
    release(.notEnoughReplicas, &fx) { $0.deadline <= now }
  }

  private mutating func release(
    _ error: BrokerError, _ fx: inout BrokerEffects, where ends: (HeldVerification) -> Bool
  ) {
    guard !heldVerifications.isEmpty else { return }
    let released = heldVerifications.filter(ends)
    heldVerifications.removeAll(where: ends)
    for held in released { refuse(held.request, error, held.writer, &fx) }
  }
}

extension ProduceRequest {
  fileprivate func isOfSameTransaction(as other: ProduceRequest) -> Bool {
    partition == other.partition && transactionalID == other.transactionalID
      && batch.producerID == other.batch.producerID && batch.producerEpoch == other.batch.producerEpoch
  }
}

import Broker
import Clockwork
import RecordLog
import Testing

@Suite("Transactions at a partition leader")
struct TransactionalPartitionTests {
  /// A broker whose questions to the coordinator the test answers.
  private func solo() -> SoloBroker {
    let solo = SoloBroker()
    solo.create("__transaction_state")
    solo.intercepts = true
    return solo
  }

  private func batch(_ producer: Int64, epoch: Int16 = 0, _ sequence: Int32) -> RecordBatch {
    SoloBroker.batch(producer, epoch: epoch, sequence, transactional: true)
  }

  private func open(_ solo: SoloBroker, _ producer: Int64, sequence: Int32 = 0) {
    let id = solo.send { .produce(solo.request(self.batch(producer, sequence), as: "t\(producer)"), $0) }
    solo.verify(.ok)
    if solo.answer(to: id) == nil { Issue.record("the first batch of \(producer) was not answered") }
  }

  @Test("the first batch waits until the coordinator has verified it; the next ones do not (KIP-890)")
  func verification() {
    let solo = solo()
    let id = solo.send { .produce(solo.request(self.batch(7, 0), as: "t"), $0) }
    #expect(solo.answer(to: id) == nil && solo.log?.endOffset == .zero)
    let claim = TransactionClaim(transactionalID: "t", producerID: 7, producerEpoch: 0)
    #expect(solo.verifications.map(\.request) == [.verify(claim, solo.orders)])
    solo.verify(.ok)
    #expect(SoloBroker.outcome(solo.answer(to: id)) == .success(0))
    #expect(solo.produce(batch(7, 1), as: "t") == .success(1))
    #expect(solo.verifications.count == 1)
  }

  @Test(
    "batches that come while the coordinator is asked share its answer; each asks again, lest the question was lost")
  func shared() {
    let solo = solo()
    let ids = (0..<3 as Range<Int32>).map { n in
      solo.send { .produce(solo.request(self.batch(7, n), as: "t"), $0) }
    }
    #expect(solo.verifications.count == 3 && Set(solo.verifications.map(\.id)).count == 1)
    solo.verify(.ok)
    #expect(ids.map { SoloBroker.outcome(solo.answer(to: $0)) } == [.success(0), .success(1), .success(2)])
  }

  @Test(
    "what the coordinator does not know of is not appended",
    arguments: [
      (BrokerError.invalidTxnState, BrokerError.invalidTxnState),
      (.invalidProducerEpoch, .invalidProducerEpoch), (.transactionAbortable, .transactionAbortable),
      (.notCoordinator, .notEnoughReplicas), (.coordinatorLoadInProgress, .notEnoughReplicas),
    ])
  func refusedVerification(error: BrokerError, told: BrokerError) {
    let solo = solo()
    let id = solo.send { .produce(solo.request(self.batch(7, 0), as: "t"), $0) }
    solo.verify(.refused(error))
    #expect(SoloBroker.outcome(solo.answer(to: id)) == .failure(told))
    #expect(solo.log?.endOffset == .zero)
  }

  @Test("nobody verifies: the producer hears so in time, and a late answer appends nothing")
  func unanswered() {
    let solo = solo()
    let id = solo.send { .produce(solo.request(self.batch(7, 0), as: "t"), $0) }
    solo.run(.seconds(3))
    #expect(SoloBroker.outcome(solo.answer(to: id)) == .failure(.notEnoughReplicas))
    solo.verify(.ok)
    #expect(solo.log?.endOffset == .zero)
  }

  @Test("an answer that the transaction's marker has overtaken opens nothing")
  func overtaken() {
    let solo = solo()
    let id = solo.send { .produce(solo.request(self.batch(7, 0), as: "t"), $0) }
    #expect(solo.end(7, .abort)?.first?.error == nil)
    #expect(SoloBroker.outcome(solo.answer(to: id)) == .failure(.invalidTxnState))
    solo.verify(.ok)
    #expect(solo.log?.endOffset == Offset(1))
    #expect(solo.producers?.lastStableOffset(highWatermark: Offset(1)) == Offset(1))
  }

  @Test(
    "committed readers stop before an open transaction and are woken when it ends",
    arguments: TransactionMarker.allCases)
  func isolation(marker: TransactionMarker) {
    let solo = solo()
    _ = solo.produce(SoloBroker.batch(1, 0))
    open(solo, 7)
    _ = solo.produce(SoloBroker.batch(1, 1))
    let all = solo.fetched(solo.fetch(.readUncommitted))
    #expect(all?.records.count == 3 && all?.lastStableOffset == Offset(1) && all?.aborted.isEmpty == true)
    let committed = solo.fetched(solo.fetch(.readCommitted))
    #expect(committed?.records.count == 1 && committed?.highWatermark == Offset(3))
    let waiting = solo.fetch(from: 1, .readCommitted, wait: .seconds(10))
    #expect(solo.fetched(waiting) == nil)
    #expect(solo.end(7, marker) == [MarkerReply.Result(solo.orders, nil)])
    let woken = solo.fetched(waiting)
    #expect(woken?.records.count == 3 && woken?.lastStableOffset == Offset(4))
    let expected = marker == .abort ? [AbortedTransaction(producerID: 7, firstOffset: Offset(1))] : []
    #expect(woken?.aborted == expected)
    // Beyond the marker nothing is left to skip.
    _ = solo.produce(SoloBroker.batch(1, 2))
    #expect(solo.fetched(solo.fetch(from: 4, .readCommitted))?.aborted == [])
  }

  @Test("markers of coordinators and producers of the past are refused")
  func fencing() {
    let solo = solo()
    open(solo, 7)
    #expect(solo.end(7, epoch: 0, .commit, coordinatorEpoch: 5)?.first?.error == nil)
    #expect(solo.end(7, epoch: 0, .abort, coordinatorEpoch: 4)?.first?.error == .transactionCoordinatorFenced)
    #expect(solo.end(7, epoch: 1, .abort, coordinatorEpoch: 5)?.first?.error == nil)
    #expect(solo.end(7, epoch: 0, .abort, coordinatorEpoch: 6)?.first?.error == .invalidProducerEpoch)
    #expect(solo.produce(batch(7, epoch: 0, 1), as: "t7") == .failure(.invalidProducerEpoch))
    let unknown = MarkerRequest(
      producerID: 7, producerEpoch: 1, marker: .abort, coordinatorEpoch: 5,
      partitions: [solo.orders, PartitionID(TopicID(99), 0)])
    guard case .markersWritten(let reply, _) = solo.ask({ .writeMarkers(unknown, $0) }) else {
      Issue.record("no answer")
      return
    }
    #expect(
      Set(reply.results) == [
        .init(solo.orders, nil), .init(PartitionID(TopicID(99), 0), .unknownTopicOrPartition),
      ])
  }

  @Test("a plain batch amid its producer's transaction is refused")
  func mixed() {
    let solo = solo()
    open(solo, 7)
    #expect(solo.produce(SoloBroker.batch(7, 1)) == .failure(.invalidTxnState))
  }

  @Test("open and aborted transactions are read back after a restart")
  func restart() {
    let solo = solo()
    open(solo, 7)
    _ = solo.end(7, .abort)
    open(solo, 8)
    solo.restart()
    let committed = solo.fetched(solo.fetch(.readCommitted))
    #expect(committed?.lastStableOffset == Offset(2))
    #expect(committed?.aborted == [AbortedTransaction(producerID: 7, firstOffset: .zero)])
    #expect(solo.produce(batch(8, 1), as: "t8") == .success(3))
  }
}

extension LogSlice {
  /// How many batches it holds; nil when they cannot be read.
  fileprivate var count: Int? { try? batches().count }
}

import Clockwork
import RecordLog
import Testing

@testable import Broker

@Suite("Producers that share a transactional id")
struct TransactionFencingTests {
  @Test("a new instance fences the old one and aborts its transaction first")
  func newInstance() {
    var desk = TransactionDesk()
    desk.initialise()
    desk.add(till(0), TransactionDesk.orders)
    desk.confirmsMarkers = false
    #expect(desk.initialise() == .refused(.concurrentTransactions))
    #expect(desk.state == .prepareAbort)
    #expect(desk.end(till(0)) == .refused(.producerFenced))
    #expect(desk.initialise() == .refused(.concurrentTransactions))
    desk.confirm()
    #expect(desk.initialise() == .producer(id: 1000, epoch: 2))
    let replies = [
      desk.add(till(0), TransactionDesk.orders), desk.end(till(0)), desk.end(till(1)), desk.verify(till(0)),
    ]
    #expect(replies.allSatisfy { $0 == .refused(.producerFenced) })
    #expect(desk.add(till(2), TransactionDesk.orders) == .ok)
  }

  @Test("another producer's claim on the id is no claim")
  func strangers() {
    var desk = TransactionDesk()
    #expect(desk.add(till(0), TransactionDesk.orders) == .refused(.invalidProducerIDMapping))
    #expect(desk.end(till(-1, -1)) == .refused(.invalidProducerIDMapping))
    desk.initialise()
    #expect(desk.add(till(7, 0), TransactionDesk.orders) == .refused(.invalidProducerIDMapping))
    #expect(desk.end(till(7, 0)) == .refused(.invalidProducerIDMapping))
    #expect(desk.initialise(producer: till(7, 0)) == .refused(.producerFenced))
  }

  @Test("a producer that names its epoch gets the next one, and the same again when the answer was lost")
  func recovers() {
    var desk = TransactionDesk()
    desk.initialise()
    #expect(desk.initialise(producer: till(0)) == .producer(id: 1000, epoch: 1))
    #expect(desk.initialise(producer: till(0)) == .producer(id: 1000, epoch: 1))
    #expect(desk.initialise(producer: till(1)) == .producer(id: 1000, epoch: 2))
    #expect(desk.initialise(producer: till(0)) == .refused(.producerFenced))
    #expect(desk.initialise() == .producer(id: 1000, epoch: 3))
    #expect(desk.initialise(producer: till(2)) == .refused(.producerFenced))
  }

  @Test("the same question, doubled on the way, raises the epoch once")
  func doubled() {
    var desk = TransactionDesk()
    let id = CorrelationID(77)
    #expect(desk.initialise(as: id) == .producer(id: 1000, epoch: 0))
    #expect(desk.initialise(as: id) == .producer(id: 1000, epoch: 0))
    #expect(desk.add(till(0), TransactionDesk.orders) == .ok)
    #expect(desk.initialise(as: id) == nil)
    #expect(desk.state == .ongoing)
  }

  /// A producer whose epochs are used up to `epoch`.
  private func worn(_ epoch: Int16, state: TransactionState = .completeCommit) -> TransactionDesk {
    var desk = TransactionDesk()
    var snapshot = TransactionSnapshot()
    snapshot.producerID = 500
    snapshot.producerEpoch = epoch
    snapshot.timeout = .seconds(60)
    snapshot.state = state
    snapshot.started = 0
    if state == .ongoing { snapshot.partitions = [TransactionDesk.orders] }
    desk.log = [TransactionRecord(transactionalID: "till", snapshot: snapshot).record]
    desk.moveCoordinator()
    return desk
  }

  @Test("when the epochs run out there is another producer id")
  func exhaustion() {
    var desk = worn(.max - 2)
    #expect(desk.initialise() == .producer(id: 500, epoch: .max - 1))
    #expect(desk.initialise() == .producer(id: 1000, epoch: 0))
    #expect(desk.add(till(500, .max - 1), TransactionDesk.orders) == .refused(.invalidProducerIDMapping))
  }

  @Test("the last epoch is kept for fencing")
  func lastEpoch() {
    var desk = worn(.max - 1, state: .ongoing)
    #expect(desk.initialise() == .refused(.concurrentTransactions))
    #expect(desk.markers.last?.producerEpoch == .max)
    #expect(desk.initialise() == .producer(id: 1000, epoch: 0))
  }

  @Test("a producer that used its epochs up and lost the answer is known by its last one")
  func exhaustedRepeat() {
    var desk = worn(.max - 1)
    #expect(desk.initialise(producer: till(500, .max - 1)) == .producer(id: 1000, epoch: 0))
    #expect(desk.initialise(producer: till(500, .max - 1)) == .producer(id: 1000, epoch: 0))
  }

  // MARK: KIP-890

  @Test("each end raises the epoch, and its repetition gets the same answer")
  func bumps() {
    var desk = TransactionDesk()
    desk.initialise()
    desk.add(till(0), TransactionDesk.orders)
    desk.confirmsMarkers = false
    #expect(desk.end(till(0), bumps: true) == .producer(id: 1000, epoch: 1))
    #expect(desk.markers.last?.producerEpoch == 1)
    #expect(desk.end(till(0), bumps: true) == .refused(.concurrentTransactions))
    #expect(desk.add(till(1), TransactionDesk.orders) == .refused(.concurrentTransactions))
    #expect(desk.add(till(0), TransactionDesk.orders) == .refused(.producerFenced))
    desk.confirm()
    #expect(desk.end(till(0), bumps: true) == .producer(id: 1000, epoch: 1))
    #expect(desk.end(till(0), commit: false, bumps: true) == .refused(.invalidTxnState))
    desk.moveCoordinator()
    #expect(desk.end(till(0), bumps: true) == .producer(id: 1000, epoch: 1))
    #expect(desk.add(till(1), TransactionDesk.orders) == .ok)
    #expect(desk.end(till(0), bumps: true) == .refused(.producerFenced))
  }

  @Test("an abort of which nobody knows anything raises the epoch all the same")
  func emptyAbort() {
    var desk = TransactionDesk()
    desk.initialise()
    #expect(desk.end(till(0), commit: true, bumps: true) == .refused(.invalidTxnState))
    #expect(desk.end(till(0), commit: false, bumps: true) == .producer(id: 1000, epoch: 1))
    #expect(desk.state == .completeAbort)
    #expect(desk.markers.isEmpty)
  }

  @Test("an end with the last epoch goes on with another producer id, and so does its repetition")
  func endExhausted() {
    var desk = worn(.max - 1, state: .ongoing)
    desk.confirmsMarkers = false
    #expect(desk.end(till(500, .max - 1), bumps: true) == .producer(id: 1000, epoch: 0))
    #expect(desk.markers.last?.producerID == 500)
    #expect(desk.markers.last?.producerEpoch == .max)
    desk.moveCoordinator()
    desk.confirm()
    #expect(desk.described?.producerID == 1000)
    #expect(desk.end(till(500, .max - 1), bumps: true) == .producer(id: 1000, epoch: 0))
    #expect(desk.add(till(0), TransactionDesk.orders) == .ok)
  }
}

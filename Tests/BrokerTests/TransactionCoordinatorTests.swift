import Clockwork
import RecordLog
import Testing

@testable import Broker

@Suite("The transaction coordinator")
struct TransactionCoordinatorTests {
  private func opened(bumps: Bool = false) -> TransactionDesk {
    var desk = TransactionDesk()
    desk.initialise()
    desk.add(till(0), TransactionDesk.orders, TransactionDesk.stock)
    return desk
  }

  /// How to bring a transactional id into each state, epoch 0.
  private func desk(in state: TransactionState) -> TransactionDesk {
    var desk = TransactionDesk()
    desk.initialise()
    guard state != .empty else { return desk }
    desk.add(till(0), TransactionDesk.orders)
    guard state != .ongoing else { return desk }
    desk.confirmsMarkers = state == .completeCommit || state == .completeAbort
    desk.end(till(0), commit: state == .prepareCommit || state == .completeCommit)
    return desk
  }

  struct Row: Sendable, CustomTestStringConvertible {
    var state: TransactionState
    var add: TransactionReply
    var commit: TransactionReply
    var abort: TransactionReply
    var verify: TransactionReply
    var initialise: TransactionReply
    var testDescription: String { state.name }
  }

  static let table: [Row] = [
    Row(
      state: .empty, add: .ok, commit: .refused(.invalidTxnState), abort: .refused(.invalidTxnState),
      verify: .refused(.transactionAbortable), initialise: .producer(id: 1000, epoch: 1)),
    Row(
      state: .ongoing, add: .ok, commit: .ok, abort: .ok, verify: .ok,
      initialise: .refused(.concurrentTransactions)),
    Row(
      state: .prepareCommit, add: .refused(.concurrentTransactions), commit: .refused(.concurrentTransactions),
      abort: .refused(.invalidTxnState), verify: .refused(.concurrentTransactions),
      initialise: .refused(.concurrentTransactions)),
    Row(
      state: .prepareAbort, add: .refused(.concurrentTransactions), commit: .refused(.invalidTxnState),
      abort: .refused(.concurrentTransactions), verify: .refused(.concurrentTransactions),
      initialise: .refused(.concurrentTransactions)),
    Row(
      state: .completeCommit, add: .ok, commit: .ok, abort: .refused(.invalidTxnState),
      verify: .refused(.transactionAbortable), initialise: .producer(id: 1000, epoch: 1)),
    Row(
      state: .completeAbort, add: .ok, commit: .refused(.invalidTxnState), abort: .ok,
      verify: .refused(.transactionAbortable), initialise: .producer(id: 1000, epoch: 1)),
  ]

  @Test("answers every request by the state that it finds", arguments: table)
  func transitions(row: Row) {
    let start = desk(in: row.state)
    #expect(start.state == row.state)
    func answer(_ body: (inout TransactionDesk) -> TransactionReply?) -> TransactionReply? {
      var copy = start
      return body(&copy)
    }
    #expect(answer { $0.add(till(0), TransactionDesk.orders) } == row.add)
    #expect(answer { $0.end(till(0), commit: true) } == row.commit)
    #expect(answer { $0.end(till(0), commit: false) } == row.abort)
    #expect(answer { $0.verify(till(0)) } == row.verify)
    #expect(answer { $0.initialise() } == row.initialise)
  }

  @Test("a transaction is complete once every partition has its marker", arguments: [true, false])
  func completes(commit: Bool) {
    var desk = opened()
    desk.confirmsMarkers = false
    #expect(desk.end(till(0), commit: commit) == .ok)
    #expect(desk.state == (commit ? .prepareCommit : .prepareAbort))
    #expect(desk.markers.map(\.marker) == [commit ? .commit : .abort])
    #expect(desk.markers[0].partitions == [PartitionID(TopicID(1), 0), PartitionID(TopicID(2), 0)])
    desk.confirm()
    #expect(desk.state == (commit ? .completeCommit : .completeAbort))
    #expect(desk.described?.partitions == [])
  }

  @Test("a marker is sent again until it is confirmed")
  func resends() {
    var desk = opened()
    desk.confirmsMarkers = false
    desk.end(till(0))
    desk.confirm(.notLeaderOrFollower)
    #expect(desk.state == .prepareCommit)
    desk.pass(.milliseconds(100))
    #expect(desk.markers.count == 2)
    desk.pass(.seconds(2))  // and again when nobody answers
    #expect(desk.markers.count == 3)
    desk.confirm()
    #expect(desk.state == .completeCommit)
  }

  @Test("a deleted partition needs no marker")
  func deletedPartition() {
    var desk = opened()
    var changes = MetadataChanges()
    desk.image.apply(.topicDeleted(TopicID(2)), at: 2, &changes)
    desk.end(till(0))
    #expect(desk.markers.map(\.partitions) == [[PartitionID(TopicID(1), 0)]])
    #expect(desk.state == .completeCommit)
  }

  @Test("nothing follows from a decision before it is durable")
  func waitsForLog() {
    var desk = opened()
    desk.commitsAtOnce = false
    #expect(desk.end(till(0)) == nil)
    #expect(desk.markers.isEmpty)
    #expect(desk.state == .ongoing)
    #expect(desk.end(till(0), commit: false) == .refused(.concurrentTransactions))
    #expect(desk.verify(till(0)) == .refused(.concurrentTransactions))
    desk.commit()
    #expect(desk.replies.last?.reply == .ok)
    #expect(desk.markers.count == 1)
  }

  @Test("a decision that could not be written may be taken again")
  func appendFails() {
    var desk = opened()
    desk.commitsAtOnce = false
    desk.end(till(0))
    desk.fail(.notEnoughReplicasAfterAppend)
    #expect(desk.replies.last?.reply == .refused(.coordinatorNotAvailable))
    #expect(desk.state == .ongoing)
    desk.commitsAtOnce = true
    #expect(desk.end(till(0)) == .ok)
    #expect(desk.state == .completeCommit)
  }

  @Test("completion that could not be written is written later")
  func completionFails() {
    var desk = opened()
    desk.commitsAtOnce = false
    desk.end(till(0))
    desk.commit()
    desk.fail(.requestTimedOut)
    #expect(desk.state == .prepareCommit)
    desk.commitsAtOnce = true
    desk.pass(.milliseconds(300))
    #expect(desk.state == .completeCommit)
  }

  @Test("an id that nobody uses is forgotten, and begins anew with another producer id")
  func expires() {
    var desk = opened()
    desk.end(till(0))
    desk.pass(.seconds(7 * 86_400 + 1))
    #expect(desk.coordinator.describe("till") == .refused(.transactionalIDNotFound))
    #expect(desk.log.last?.value == nil)
    #expect(desk.initialise() == .producer(id: 1001, epoch: 0))
  }

  @Test("a time-out longer than the longest allowed is refused")
  func longTimeout() {
    var desk = TransactionDesk()
    #expect(desk.initialise(timeout: .seconds(901)) == .refused(.invalidTransactionTimeout))
    #expect(desk.initialise(timeout: .zero) == .refused(.invalidTransactionTimeout))
    #expect(desk.initialise(timeout: .seconds(900)) == .producer(id: 1000, epoch: 0))
  }

  @Test("a partition more does not give an open transaction more time")
  func timesOut() {
    var desk = TransactionDesk()
    desk.initialise(timeout: .seconds(10))
    desk.add(till(0), TransactionDesk.orders)
    desk.pass(.seconds(6))
    desk.add(till(0), TransactionDesk.stock)
    desk.pass(.seconds(3))
    #expect(desk.state == .ongoing)
    desk.pass(.seconds(2))
    #expect(desk.state == .completeAbort)
    #expect(desk.markers.map(\.marker) == [.abort])
    #expect(desk.markers[0].producerEpoch == 1)
    #expect(desk.end(till(0)) == .refused(.producerFenced))
  }

  @Test("at every point of its log another coordinator finishes what was decided and aborts the rest in time")
  func moves() {
    var whole = TransactionDesk()
    whole.initialise()
    whole.add(till(0), TransactionDesk.orders)
    whole.add(till(0), TransactionDesk.stock)
    whole.end(till(0))
    #expect(whole.log.count == 5)
    for records in 1...5 {
      var desk = whole
      desk.moveCoordinator(reading: records)
      if records == 4 { #expect(desk.markers.last?.marker == .commit) }
      desk.pass(.seconds(70))
      let expected: [TransactionState] = [.empty, .completeAbort, .completeAbort, .completeCommit, .completeCommit]
      #expect(desk.state == expected[records - 1])
      if records == 3 {
        #expect(desk.markers.last?.marker == .abort)
        #expect(desk.markers.last?.coordinatorEpoch == 2)
        #expect(desk.markers.last?.partitions.count == 2)
      }
    }
  }
}

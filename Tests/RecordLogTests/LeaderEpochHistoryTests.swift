import RecordLog
import Testing

@Suite("Leader epoch history")
struct LeaderEpochHistoryTests {
  /// Epoch 1 from offset 0, 3 from 10, 7 from 20.
  static let history = {
    var history = LeaderEpochHistory()
    history.assign(LeaderEpoch(1), at: Offset(0))
    history.assign(LeaderEpoch(3), at: Offset(10))
    history.assign(LeaderEpoch(7), at: Offset(20))
    return history
  }()

  @Test(
    "An epoch ended where the next one began, and the latest ends at the log end",
    arguments: zip(
      [1, 2, 3, 6, 7, 9] as [Int32],
      [(1, 10), (1, 10), (3, 20), (3, 20), (7, 25), (7, 25)] as [(Int32, Int64)]))
  func end(asked: Int32, expected: (epoch: Int32, end: Int64)) {
    let end = Self.history.end(for: LeaderEpoch(asked), logEnd: Offset(25))
    #expect(end == EpochEnd(LeaderEpoch(expected.epoch), Offset(expected.end)))
  }

  @Test("An epoch before the first known one ended where that began; of none known there is no answer")
  func before() {
    var later = LeaderEpochHistory()
    later.assign(LeaderEpoch(3), at: Offset(10))
    #expect(later.end(for: LeaderEpoch(0), logEnd: Offset(25)) == EpochEnd(LeaderEpoch(0), Offset(10)))
    #expect(LeaderEpochHistory().end(for: LeaderEpoch(5), logEnd: .zero) == nil)
  }

  @Test("Exact look-up does not round down")
  func exact() {
    #expect(Self.history.knows(LeaderEpoch(3)))
    #expect(!Self.history.knows(LeaderEpoch(2)))
    #expect(!Self.history.knows(LeaderEpoch(0)))
    #expect(Self.history.start(of: LeaderEpoch(7)) == Offset(20))
    #expect(Self.history.latest == LeaderEpoch(7))
  }

  @Test("An offset belongs to the epoch that had begun", arguments: zip([0, 9, 10, 19, 20, 99], [1, 1, 3, 3, 7, 7]))
  func atOffset(offset: Int64, epoch: Int32) {
    #expect(Self.history.epoch(at: Offset(offset)) == LeaderEpoch(epoch))
  }

  @Test("Truncating from the end forgets epochs that begin there or beyond")
  func fromEnd() {
    var history = Self.history
    history.truncateFromEnd(Offset(20))
    #expect(history.latest == LeaderEpoch(3))
    history.truncateFromEnd(Offset(0))
    #expect(history.latest == nil)
  }

  @Test("Truncating from the start keeps the epoch under way, beginning there")
  func fromStart() {
    var history = Self.history
    history.truncateFromStart(Offset(15))
    #expect(history.start(of: LeaderEpoch(3)) == Offset(15))
    #expect(!history.knows(LeaderEpoch(1)))
    #expect(history.entries.count == 2)
  }

  @Test("Assigning again changes nothing; a contradiction drops what it contradicts")
  func assignment() {
    var history = Self.history
    history.assign(LeaderEpoch(7), at: Offset(23))
    #expect(history == Self.history)
    history.assign(LeaderEpoch(-1), at: Offset(30))
    #expect(history == Self.history)
    history.assign(LeaderEpoch(8), at: Offset(20))
    #expect(history.entries.map(\.epoch.rawValue) == [1, 3, 8])
    history.assign(LeaderEpoch(2), at: Offset(30))
    #expect(history.entries.map(\.epoch.rawValue) == [1, 2])
  }
}

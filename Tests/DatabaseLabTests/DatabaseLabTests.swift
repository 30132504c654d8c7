import CDatabase
import DatabaseLab
import Dispatch
import Histories
import Synchronization
import Testing
import VersionStore

@Suite("A checkout that dies", .serialized)
struct CheckoutCrashTests {
  @Test(
    "in one transaction it is all or nothing, wherever the process is killed",
    arguments: CheckoutCrash.deaths(.together))
  func together(_ death: CheckoutCrash.Death) throws {
    let crash = try CheckoutCrash(.together, dying: death)
    #expect(crash.isWhole)
    #expect(crash.isOrdered == (death == .before(6)))
    // From the first write to the end of COMMIT there is a journal that takes back what has reached the file.
    #expect(crash.leftJournal == ![.before(1), .before(2), .before(6)].contains(death))
  }

  @Test("in three databases it is half done in the middle")
  func apart() throws {
    let crashes = try CheckoutCrash.deaths(.apart).map { try CheckoutCrash(.apart, dying: $0) }
    #expect(crashes.map(\.isWhole) == [true, false, false, true])
    #expect(
      crashes.map { [$0.hasPaid, $0.isCooking, $0.isOrdered] } == [
        [false, false, false], [true, false, false], [true, true, false], [true, true, true],
      ])
  }

  @Test("dies as planned, whatever other threads do in SQLite at that moment")
  func beside() {
    let whole = Atomic(0)
    let isOver = Atomic(false)
    DispatchQueue.concurrentPerform(iterations: 3) { thread in
      guard thread == 0 else {
        while !isOver.load(ordering: .relaxed) { openAndClose() }
        return
      }
      for _ in 0..<100 where (try? CheckoutCrash(.together, dying: .before(6)))?.isWhole == true {
        whole.add(1, ordering: .relaxed)
      }
      isOver.store(true, ordering: .relaxed)
    }
    #expect(whole.load(ordering: .relaxed) == 100)
  }

  private func openAndClose() {
    var database: OpaquePointer?
    sqlite3_open(":memory:", &database)
    sqlite3_exec(database, "CREATE TABLE a (b); INSERT INTO a VALUES (zeroblob(5000))", nil, nil, nil)
    sqlite3_close(database)
  }
}

@Suite("Isolation on SQLite", .serialized)
struct SQLiteIsolationTests {
  @Test("a write-ahead log lets none of the anomalies happen", arguments: IsolationSchedule.all)
  func serializable(_ schedule: IsolationSchedule) throws {
    let result = try SQLiteIsolation.run(schedule, at: .serializable)
    #expect(!result.judge.judge(.serializable).isViolated, "\(result.events)")
  }

  @Test("a shared cache that reads what is not committed lets these happen", arguments: IsolationSchedule.all)
  func readUncommitted(_ schedule: IsolationSchedule) throws {
    let result = try SQLiteIsolation.run(schedule, at: .readUncommitted)
    // A writer locks the whole table, so that neither dirty writes nor this write skew come about.
    let happens = ["aborted read", "lost update", "read skew", "phantom"].contains(schedule.name)
    #expect(result.judge.anomalies.isEmpty != happens, "\(schedule.name): \(result.events)")
    #expect(!result.judge.judge(.readUncommitted).isViolated)
  }
}

extension Judgement {
  fileprivate var isViolated: Bool { if case .violated = self { true } else { false } }
}

import Clockwork
import Histories
import Testing
import VersionStore

@Suite("A store of several versions")
struct VersionStoreTests {
  typealias Store = MultiVersionStore

  static let pairs = IsolationSchedule.all.flatMap { schedule in Store.Level.allCases.map { (schedule, $0) } }

  @Test("an anomaly happens below its level, and from it on does not", arguments: pairs)
  func table(_ schedule: IsolationSchedule, _ level: Store.Level) {
    let (events, store) = schedule.run(at: level)
    let happened = !store.judge.anomalies.isEmpty
    #expect(happened == (level < schedule.preventedFrom), "\(schedule.name) at \(level.rawValue): \(events)")
    if let promise = level.promise { #expect(!store.judge.judge(promise).isViolated, "\(schedule.name)") }
  }

  @Test("a writer waits for the one before, and goes on when that one ends")
  func waiting() {
    var store = Store(["x": "1"])
    _ = store.begin("a", .readCommitted)
    _ = store.begin("b", .readCommitted)
    _ = store.take(.write("x", "2"), by: "a")
    #expect(store.take(.write("x", "3"), by: "b").map(\.reply) == [.waits(for: "a")])
    #expect(store.take(.commit, by: "b").map(\.reply) == [.waits(for: "a")])
    #expect(store.take(.commit, by: "a").map(\.reply) == [.committed, .done, .committed])
    #expect(store.committed.map(\.value) == ["3"])
  }

  @Test("the second of two that would wait for each other is aborted")
  func deadlock() {
    var store = Store(["x": "1", "y": "1"])
    for name in ["a", "b"] { _ = store.begin(name, .readCommitted) }
    _ = store.take(.write("x", "2"), by: "a")
    _ = store.take(.write("y", "3"), by: "b")
    _ = store.take(.write("y", "2"), by: "a")
    let events = store.take(.write("x", "3"), by: "b")
    #expect(events.first?.reply == .aborted("it and a would wait for each other"))
    #expect(events.last?.reply == .done)
    _ = store.take(.commit, by: "a")
    #expect(store.committed.map(\.value) == ["2", "2"])
  }

  @Test("what chance runs at a level keeps what the level promises", arguments: 0..<25)
  func chance(seed: Int) {
    for level in Store.Level.allCases {
      guard let promise = level.promise else { continue }
      var dice = Dice(seed: UInt64(seed))
      var store = Store(["x": "0", "y": "0"])
      var next = 0
      for turn in 0..<60 {
        let name = "t\(turn / 12).\(dice.roll(3))"
        _ = store.begin(name, level)
        let key = dice.roll(2) == 0 ? "x" : "y"
        next += 1
        switch dice.roll(6) {
        case 0, 1: _ = store.take(.read(key), by: name)
        case 2: _ = store.take(.write(key, "\(next)"), by: name)
        case 3: _ = store.take(.insert("rows", "\(next)"), by: name)
        case 4: _ = store.take(.scan("rows"), by: name)
        default: _ = store.take(dice.roll(4) == 0 ? .abort : .commit, by: name)
        }
      }
      #expect(!store.judge.judge(promise).isViolated, "seed \(seed), \(level.rawValue): \(store.judge.anomalies)")
    }
  }

  @Test(
    "a level too weak is found out: somewhere chance breaks the next stronger promise",
    arguments: [
      (Store.Level.readUncommitted, IsolationLevel.readCommitted), (.readCommitted, .snapshot),
    ])
  func tooWeak(_ level: Store.Level, _ promise: IsolationLevel) {
    let caught = (0..<200).contains { seed in
      var dice = Dice(seed: UInt64(seed))
      var store = Store(["x": "0", "y": "0"])
      for turn in 0..<40 {
        let name = "t\(turn / 12).\(dice.roll(3))"
        _ = store.begin(name, level)
        let key = dice.roll(2) == 0 ? "x" : "y"
        let request: Store.Request =
          switch dice.roll(5) {
          case 0, 1: .read(key)
          case 2, 3: .write(key, "\(turn + 1)")
          default: dice.roll(4) == 0 ? .abort : .commit
          }
        _ = store.take(request, by: name)
      }
      return store.judge.judge(promise).isViolated
    }
    #expect(caught)
  }
}

extension Judgement {
  fileprivate var isViolated: Bool { if case .violated = self { true } else { false } }
}

import Histories
import Testing

/// The four guarantees of Terry et al. 1994, each with a history that breaks it alone and one that keeps it.
@Suite("Sessions")
struct SessionTests {
  private func scan(_ process: String, _ values: [String], _ at: Int, key: String = "x") -> Operation {
    op(process, .scan(from: 0, toEnd: true), .list(values), at, at + 1, key: key)
  }

  private func append(_ process: String, _ value: String, _ at: Int, key: String = "x") -> Operation {
    op(process, .append(value), .done, at, at + 1, key: key)
  }

  private func broken(_ history: [Operation]) -> [SessionGuarantee] {
    SessionGuarantee.allCases.filter { $0.judge(history).isViolated }
  }

  @Test("read your writes")
  func ownWrites() {
    let history = [append("a", "1", 0), scan("a", [], 2)]
    #expect(broken(history) == [.readYourWrites])
    #expect(broken([append("a", "1", 0), scan("b", [], 2)]) == [])
    let offence = SessionGuarantee.readYourWrites.judge(history).offence
    #expect(offence?.words.last == "a does not see its own 1 in x")
  }

  @Test("monotonic reads")
  func monotonicReads() {
    let writes = [append("w", "1", 0), append("w", "2", 2)]
    #expect(broken(writes + [scan("a", ["1", "2"], 4), scan("a", ["1"], 6)]) == [.monotonicReads])
    #expect(broken(writes + [scan("a", ["1", "2"], 4), scan("b", ["1"], 6)]) == [])
    #expect(broken(writes + [scan("a", ["1"], 4), scan("a", ["1", "2"], 6)]) == [])
  }

  @Test("monotonic writes")
  func monotonicWrites() {
    let writes = [append("w", "1", 0), append("w", "2", 2)]
    #expect(broken(writes + [scan("a", ["2"], 4)]) == [.monotonicWrites])
    #expect(broken(writes + [scan("a", ["2", "1"], 4)]) == [.monotonicWrites])
    #expect(broken(writes + [scan("a", ["1"], 4)]) == [])
  }

  @Test("writes follow reads")
  func writesFollowReads() {
    let start = [append("a", "question", 0), scan("b", ["question"], 2), append("b", "answer", 4)]
    #expect(broken(start + [scan("c", ["answer"], 6)]) == [.writesFollowReads])
    #expect(broken(start + [scan("c", ["question", "answer"], 6)]) == [])
    #expect(broken(start + [scan("c", ["question"], 6)]) == [])
  }

  @Test("writes follow reads across two keys")
  func acrossKeys() {
    let start = [
      append("a", "question", 0, key: "x"), scan("b", ["question"], 2, key: "x"), append("b", "answer", 4, key: "y"),
      scan("c", ["answer"], 6, key: "y"),
    ]
    #expect(broken(start + [scan("c", [], 8, key: "x")]) == [.writesFollowReads])
    #expect(broken(start + [scan("c", ["question"], 8, key: "x")]) == [])
    #expect(broken(start + [scan("d", [], 8, key: "x")]) == [])
  }

  @Test("of registers only what is known counts")
  func registers() {
    let first = op("a", .write("1"), 0, 1)
    let second = op("b", .write("2"), 2, 3)
    let overlapping = op("b", .write("2"), 0, 3)
    #expect(broken([first, second, op("a", .read, .value("2"), 4, 5)]) == [])
    #expect(broken([first, second, op("b", .read, .value("1"), 4, 5)]) == [.readYourWrites])
    #expect(broken([first, overlapping, op("b", .read, .value("1"), 4, 5)]) == [])
  }

  @Test("without a read there is nothing to say")
  func nothing() {
    for guarantee in SessionGuarantee.allCases {
      guard case .undecided = guarantee.judge([append("a", "1", 0)]) else {
        Issue.record("\(guarantee.rawValue) was decided")
        return
      }
    }
  }
}

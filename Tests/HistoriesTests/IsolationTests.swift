import Clockwork
import Histories
import Testing

@Suite("Isolation")
struct IsolationTests {
  typealias T = Transaction

  /// The cases of Hermitage (Kleppmann, "Hermitage: testing the I in ACID", 2014) as a database without isolation
  /// lets them happen; x is 10 and y is 20 before.
  static let hermitage: [(name: String, anomaly: Anomaly, transactions: [T], installed: [String: [String]])] = [
    (
      "G0 write cycles", .g0,
      [T("t1", [.write("x", "11"), .write("y", "21")]), T("t2", [.write("x", "12"), .write("y", "22")])],
      ["x": ["11", "12"], "y": ["22", "21"]]
    ),
    (
      "G1a aborted read", .g1a,
      [T("t1", [.write("x", "101")], .aborted), T("t2", [.read("x", "101")])], [:]
    ),
    (
      "G1b intermediate read", .g1b,
      [T("t1", [.write("x", "101"), .write("x", "11")]), T("t2", [.read("x", "101")])], [:]
    ),
    (
      "G1c circular information flow", .g1c,
      [T("t1", [.write("x", "11"), .read("y", "22")]), T("t2", [.write("y", "22"), .read("x", "11")])], [:]
    ),
    (
      "P4 lost update", .lostUpdate,
      [T("t1", [.read("x", "10"), .write("x", "11")]), T("t2", [.read("x", "10"), .write("x", "12")])], [:]
    ),
    (
      "G-single read skew", .gSingle,
      [T("t1", [.read("x", "10"), .read("y", "18")]), T("t2", [.write("x", "12"), .write("y", "18")])], [:]
    ),
    (
      "PMP predicate read", .gSingle,
      [T("t1", [.readRows("rows", ["a"]), .readRows("rows", ["a", "b"])]), T("t2", [.insert("rows", "b")])], [:]
    ),
    (
      "G2-item write skew", .g2,
      [
        T("t1", [.read("x", "10"), .read("y", "20"), .write("x", "11")]),
        T("t2", [.read("x", "10"), .read("y", "20"), .write("y", "21")]),
      ], [:]
    ),
  ]

  @Test("names the anomalies of Hermitage", arguments: hermitage.indices)
  func names(_ place: Int) {
    let example = Self.hermitage[place]
    let judge = IsolationJudge(example.transactions, installed: example.installed)
    #expect(judge.anomalies.first?.anomaly == example.anomaly, "\(example.name): \(judge.anomalies)")
    let level = example.anomaly.preventedFrom
    for other in IsolationLevel.allCases {
      #expect(judge.judge(other).isViolated == (other >= level), "\(example.name) at \(other.rawValue)")
    }
    let weaker = IsolationLevel.allCases.last { $0 < level }
    #expect(judge.strongest == weaker)
  }

  // MARK: Elle's paper

  /// Kingsbury & Alvaro 2020, section 7.1, TiDB: T1 did not see the 5 that it appended behind.
  @Test("G-single in TiDB's lists")
  func tidb() {
    let judge = IsolationJudge([
      T("T1", [.readList("34", ["2", "1"]), .append("36", "5"), .append("34", "4")]),
      T("T2", [.append("34", "5")]), T("T3", [.readList("34", ["2", "1", "5", "4"])]),
    ])
    #expect(judge.anomalies.first?.anomaly == .gSingle)
    #expect(judge.judge(.readCommitted).holds)
    let words = judge.anomalies.first?.offence.words ?? []
    #expect(words.contains("T1 read 34 = 1, before T2 wrote 5"))
    #expect(judge.anomalies.first?.offence.culprits.sorted() == [0, 1])
  }

  /// Section 7.3, FaunaDB: a transaction that does not see its own append.
  @Test("internal inconsistency in FaunaDB's lists")
  func fauna() {
    let judge = IsolationJudge([T("T1", [.append("0", "6"), .readList("0", [])])])
    #expect(judge.anomalies.first?.anomaly == .inconsistent)
  }

  /// Section 7.2, YugaByte DB: each of two transactions misses the other's append.
  @Test("G2-item in YugaByte DB's lists")
  func yugabyte() {
    let judge = IsolationJudge([
      T("T1", [.append("3", "837"), .readList("4", ["874", "877", "883"])]),
      T("T2", [.append("4", "885"), .readList("3", ["831", "833", "836"])]),
      T("T3", [.readList("4", ["874", "877", "883", "885"]), .readList("3", ["831", "833", "836", "837"])]),
    ])
    #expect(judge.anomalies.first?.anomaly == .g2)
    #expect(judge.judge(.snapshot).holds)
    #expect(judge.judge(.serializable).isViolated)
  }

  @Test("reads of which neither begins the other prove that the list has two histories")
  func fork() {
    let judge = IsolationJudge([
      T("t1", [.append("x", "1")]), T("t2", [.append("x", "2")]), T("t3", [.readList("x", ["1"])]),
      T("t4", [.readList("x", ["2"])]),
    ])
    #expect(judge.anomalies.first?.anomaly == .incompatibleOrder)
    #expect(judge.strongest == .readUncommitted)
  }

  @Test("a long fork is no snapshot isolation: the misses are apart")
  func longFork() {
    let judge = IsolationJudge([
      T("t1", [.append("x", "1")]), T("t2", [.append("y", "1")]),
      T("t3", [.readList("x", ["1"]), .readList("y", [])]), T("t4", [.readList("x", []), .readList("y", ["1"])]),
      T("t5", [.readList("x", ["1"]), .readList("y", ["1"])]),
    ])
    #expect(judge.anomalies.first?.anomaly == .gNonadjacent)
    #expect(judge.judge(.snapshot).isViolated)
  }

  @Test("a stale transaction is serializable, and not strictly so")
  func strict() {
    let judge = IsolationJudge([
      T("t1", [.append("x", "1")], began: 0, ended: 1), T("t2", [.readList("x", [])], began: 2, ended: 3),
      T("t3", [.readList("x", ["1"])], began: 2, ended: 4),
    ])
    #expect(judge.judge(.serializable).holds)
    #expect(judge.judge(.strictSerializable).isViolated)
  }

  @Test("an unknown end counts as committed once somebody saw it")
  func unknown() {
    let read = T("t2", [.readList("x", ["1"]), .readList("y", [])])
    let later = T("t3", [.readList("y", ["1"])])
    let writes = [T.Step.append("x", "1"), .append("y", "1")]
    #expect(IsolationJudge([T("t1", writes, .unknown), read, later]).anomalies.first?.anomaly == .gSingle)
    #expect(IsolationJudge([T("t1", [writes[0]], .unknown), T("t2", [.readList("x", [])])]).anomalies.isEmpty)
  }

  // MARK: By chance

  @Test("what ran one after the other is serializable; two lists' reads swapped is not", arguments: 0..<30)
  func serial(seed: Int) {
    var dice = Dice(seed: UInt64(seed))
    var lists: [String: [String]] = [:]
    var transactions: [T] = []
    for number in 0..<30 {
      var steps: [T.Step] = []
      for turn in 0..<3 {
        let key = "k\(dice.roll(3))"
        if dice.roll(2) == 0 {
          lists[key, default: []].append("\(number).\(turn)")
          steps.append(.append(key, "\(number).\(turn)"))
        } else {
          steps.append(.readList(key, lists[key] ?? []))
        }
      }
      transactions.append(T("t\(number)", steps, began: 2 * number, ended: 2 * number + 1))
    }
    // Somebody reads everything at the end: of what nobody sees, nothing is known.
    let all = lists.keys.sorted().map { T.Step.readList($0, lists[$0] ?? []) }
    transactions.append(T("last", all, began: 60, ended: 61))
    #expect(IsolationJudge(transactions).judge(.strictSerializable).holds, "seed \(seed)")
    // One read is made to miss the newest value that it saw from another transaction.
    let places = transactions.indices.dropLast().filter { place in
      transactions[place].steps.contains { $0.missed(by: place) != nil }
    }
    guard let place = places.last,
      let at = transactions[place].steps.firstIndex(where: { $0.missed(by: place) != nil }),
      let step = transactions[place].steps[at].missed(by: place)
    else { return }
    transactions[place].steps[at] = step
    #expect(IsolationJudge(transactions).judge(.strictSerializable).isViolated, "seed \(seed), t\(place)")
  }
}

extension Transaction.Step {
  /// The same read without its newest value; nil for what is no read, or saw nothing of others last.
  fileprivate func missed(by place: Int) -> Self? {
    guard case .readList(let key, let values) = self, let last = values.last, !last.hasPrefix("\(place).") else {
      return nil
    }
    return .readList(key, Array(values.dropLast()))
  }
}

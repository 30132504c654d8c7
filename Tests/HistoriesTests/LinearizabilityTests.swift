import Clockwork
import Histories
import Testing

@Suite("Linearizability")
struct LinearizabilityTests {
  // MARK: Published histories

  /// The four histories of Herlihy & Wing, "Linearizability: a correctness condition for concurrent objects" (1990),
  /// figure 1: H1 and H3 are acceptable, H2 and H4 are not.
  static let herlihyAndWing: [(name: String, holds: Bool, history: [Operation])] = [
    (
      "H1: overlapping enqueues may be taken in either order", true,
      [
        op("A", .enqueue("x"), 0, 3), op("B", .enqueue("y"), 1, 2), op("B", .dequeue, .value("x"), 4, 7),
        op("A", .dequeue, .value("y"), 5, 6), op("A", .enqueue("z"), 8, 9),
      ]
    ),
    (
      "H2: x was in before y, and y comes out first", false,
      [op("A", .enqueue("x"), 0, 1), op("B", .enqueue("y"), 2, 3), op("A", .dequeue, .value("y"), 4, 5)]
    ),
    (
      "H3: taken while it is being put in", true,
      [op("A", .enqueue("x"), 0, 3), op("B", .dequeue, .value("x"), 1, 2)]
    ),
    (
      "H4: y comes out twice", false,
      [
        op("A", .enqueue("x"), 0, 2), op("B", .enqueue("y"), 1, 3), op("A", .dequeue, .value("y"), 4, 6),
        op("C", .dequeue, .value("y"), 5, 7),
      ]
    ),
  ]

  @Test("judges the queues of Herlihy & Wing as they do", arguments: herlihyAndWing.indices)
  func herlihyWing(_ place: Int) {
    let example = Self.herlihyAndWing[place]
    #expect(Linearizability(.queue).judge(example.history).holds == example.holds, "\(example.name)")
  }

  /// Of the Jepsen analyses "etcd and Consul" (2014): two reads after a write was acknowledged, the later one answered by
  /// a leader that had been deposed.
  @Test("a deposed leader's answer is a stale read")
  func staleRead() {
    let history = [
      op("a", .write("1"), 0, 1), op("b", .write("2"), 2, 3), op("c", .read, .value("2"), 4, 5),
      op("d", .read, .value("1"), 6, 7),
    ]
    let offence = Linearizability(.register).judge(history).offence
    #expect(offence?.name == "stale read")
    #expect(offence?.culprits == [1, 3])
    #expect(offence?.words.first == "d read 1 (6.000s–7.000s) from x")
  }

  /// Of the Jepsen analysis "Knossos: Redis and linearizability" (2013): a compare and set that succeeded on a value
  /// which had been replaced.
  @Test("two compare and sets cannot both replace one value")
  func twoSwaps() {
    let history = [
      op("a", .write("0"), 0, 1), op("b", .swap(expected: "0", new: "1"), 2, 5),
      op("c", .swap(expected: "0", new: "2"), 3, 6),
    ]
    let offence = Linearizability(.register).judge(history).offence
    #expect(offence?.name == "not linearizable")
    #expect(offence?.culprits.sorted() == [1, 2])
  }

  @Test("a read inversion: once new, then old, while the write is under way")
  func inversion() {
    let history = [
      op("a", .write("1"), 0, 9), op("b", .read, .value("1"), 1, 2), op("c", .read, .value(nil), 3, 4),
    ]
    #expect(Linearizability(.register).judge(history).offence?.name == "read inversion")
    let turned = [history[0], op("b", .read, .value(nil), 1, 2), op("c", .read, .value("1"), 3, 4)]
    #expect(Linearizability(.register).judge(turned).holds)
  }

  // MARK: No answer

  @Test("what got no answer may have happened, may happen late, and may never happen")
  func unknown() {
    let lost = op("a", .write("1"), .unknown, 0, nil)
    let judge = Linearizability(.register)
    #expect(judge.judge([lost, op("b", .read, .value(nil), 1, 2)]).holds)
    #expect(judge.judge([lost, op("b", .read, .value("1"), 1, 2)]).holds)
    #expect(judge.judge([lost, op("b", .read, .value(nil), 1, 2), op("b", .read, .value("1"), 3, 4)]).holds)
    #expect(judge.judge([lost, op("b", .read, .value("1"), 1, 2), op("b", .read, .value(nil), 3, 4)]).isViolated)
  }

  @Test("what surely failed did not happen")
  func failed() {
    let history = [op("a", .write("1"), .failed, 0, 1), op("b", .read, .value("1"), 2, 3)]
    #expect(Linearizability(.register).judge(history).offence?.name == "value from nowhere")
  }

  // MARK: Logs

  @Test("a log's anomalies are told by name")
  func logs() {
    let judge = Linearizability(.log)
    let a = op("p", .append("a"), .number(0), 0, 1)
    let b = op("q", .append("b"), .number(1), 2, 3)
    func scan(_ values: [String], _ at: Int, by process: String = "r", from: Int = 0) -> Operation {
      op(process, .scan(from: from, toEnd: true), .list(values), at, at + 1)
    }
    #expect(judge.judge([a, b, scan(["a", "b"], 4)]).holds)
    #expect(judge.judge([a, b, scan(["b"], 4, from: 1), scan([], 6, from: 2)]).holds)
    #expect(judge.judge([a, b, scan(["a"], 4)]).offence?.name == "stale read")
    let other = op("s", .append("c"), .number(1), 4, 5)
    #expect(judge.judge([a, b, other, scan(["a", "c"], 6)]).offence?.name == "lost write")
    #expect(judge.judge([a, b, other]).offence?.name == "lost write")
    #expect(judge.judge([a, scan(["a", "?"], 4)]).offence?.name == "value from nowhere")
    #expect(judge.judge([op("p", .append("a"), 0, 1), scan(["a", "a"], 4)]).offence?.name == "duplicate")
    let open = op("q", .append("b"), .unknown, 2, nil)
    #expect(judge.judge([a, open, scan(["a", "b"], 4), scan(["a"], 6)]).offence?.name == "read inversion")
    let twice = [a, open, op("s", .append("c"), .unknown, 2, nil), scan(["a", "b"], 4), scan(["a", "c"], 6)]
    #expect(judge.judge(twice).offence?.name == "diverging reads")
  }

  // MARK: Against brute force

  @Test("agrees with trying every order", arguments: ObjectKind.allCases, 0..<12)
  func bruteForce(_ kind: ObjectKind, seed: Int) {
    var invention = Invention(seed: seed)
    var violated = 0
    for _ in 0..<8 {
      let sound = invention.sound(kind, 6, processes: 3, unknown: 200)
      #expect(Linearizability(kind).judge(sound).holds, "seed \(seed): \(sound.map(\.line))")
      let spoiled = invention.spoiled(sound)
      let judgement = Linearizability(kind).judge(spoiled)
      let truth = BruteForce.explains(spoiled)
      #expect(judgement.holds == truth, "seed \(seed): \(spoiled.map(\.line)), judged \(judgement)")
      if case .violated(let offence) = judgement {
        violated += 1
        // The part that is told offends by itself, once what else was written may have happened at any time.
        let culprits = Set(offence.culprits)
        let rest = spoiled.enumerated().compactMap { place, operation -> Operation? in
          if culprits.contains(place) { return operation }
          if operation.answer == .failed || operation.call == .read { return nil }
          if case .scan = operation.call { return nil }
          return Operation(operation.process, "x", operation.call, .unknown, invoked: Moment(-1), returned: nil)
        }
        #expect(!BruteForce.explains(rest), "seed \(seed): \(offence) of \(spoiled.map(\.line))")
      }
    }
  }

  @Test("catches most histories that were spoiled in one place", arguments: ObjectKind.allCases)
  func mutations(_ kind: ObjectKind) {
    var invention = Invention(seed: 7)
    let caught = (0..<24).count { _ in
      let sound = invention.sound(kind, 24, processes: 3)
      return Linearizability(kind).judge(invention.spoiled(sound)).isViolated
    }
    #expect(caught >= 8, "\(caught) of 24")
  }

  // MARK: Bounds

  @Test("says that it does not know, rather than search for ever")
  func bounds() {
    let open = (0..<40).map { op("c\($0)", .add(1 << $0), .unknown, 0, nil) }
    let history = open + [op("r", .read, .number(12_345_678), 1, 2)]
    guard case .undecided(let reason) = Linearizability(.counter, mostLooks: 10_000).judge(history) else {
      Issue.record("decided")
      return
    }
    #expect(reason.contains("40 got no answer"))
    let crowd = (0..<200).map { op("c\($0)", .write("\($0)"), 0, 9) }
    guard case .undecided = Linearizability(.register).judge(crowd + [op("r", .read, .value(nil), 10, 11)]) else {
      return
    }
  }

  @Test("keys are judged alone, so many of them cost little more than one")
  func keys() {
    var invention = Invention(seed: 3)
    var history: [Operation] = []
    for key in 0..<50 { history += invention.sound(.register, 40, processes: 4, key: "k\(key)", unknown: 20) }
    guard case .holds(let reason) = Linearizability(.register).judge(history) else {
      Issue.record("not explained")
      return
    }
    #expect(reason.contains("50 keys"))
    let place = history.firstIndex { $0.answer == .value(nil) && $0.key == "k30" } ?? 0
    history[place].answer = .value("never written")
    #expect(Linearizability(.register).judge(history).offence?.culprits == [place])
  }
}

import Testing
import Workbench

/// Every anomaly of consistency twice on real brokers: once as careless clients meet it, once as careful ones do not.
/// The verdict has to flip.
@Suite("Consistency")
struct ConsistencyTests {
  struct Experiment: Sendable, CustomTestStringConvertible {
    var name: String
    /// The claim that fails for the weak and holds for the strong.
    var claim: String
    /// What the first line of the evidence says of the weak one.
    var story: String
    var before: [String] = []
    var weak: [String]
    var strong: [String]

    var testDescription: String { name }
  }

  private static let start = ["cluster start 3", "topic create orders --config min.insync.replicas=2"]
  private static let cut = [
    "net cut n1 c1 | n2 n3 c2", "run until leader orders/0 is n2 --within 30s", "run 1s",
  ]
  private static let heal = ["net heal", "run until \"in-sync orders/0 is n1 n2 n3\" --within 60s"]

  static let experiments = [
    Experiment(
      name: "stale read", claim: "history linearizable", story: "stale read:",
      before: start + ["produce orders placed --client c1", "consume orders --client c2", "run 1s"] + cut + [
        "produce orders cancelled --client c2"
      ],
      // The careful one believes what it reads only when a write of its own gets through; none does.
      weak: ["consume orders --client c1"], strong: ["produce orders check --no-retry --client c1"]),
    Experiment(
      name: "lost write", claim: "history linearizable of orders/0", story: "lost write:",
      before: start + ["produce orders placed --client c1", "consume orders --client c2", "run 1s"] + cut,
      weak: [
        "produce orders cooking --acks 1 --client c1", "produce orders cancelled --acks 1 --client c2",
      ] + heal + ["consume orders --client c1"],
      strong: ["produce orders cooking --client c1", "produce orders cancelled --client c2"] + heal
        + ["consume orders --client c1"]),
    Experiment(
      name: "read inversion", claim: "history linearizable", story: "stale read:",
      before: start + ["produce orders a --client c1", "run 1s", "produce orders b --client c1"],
      weak: ["consume orders --client c2", "consume orders --at n3 --client c3"],
      strong: ["consume orders --client c2", "consume orders --client c3"]),
    Experiment(
      name: "read your writes", claim: "session read-your-writes", story: "read your writes:",
      before: start + ["produce orders a --client c1", "run 1s", "produce orders b --client c1"],
      weak: ["consume orders --at n3 --client c1"], strong: ["consume orders --client c1"]),
    Experiment(
      name: "monotonic reads", claim: "session monotonic-reads of orders/0", story: "monotonic reads:",
      before: start + [
        "produce orders a --client c1", "run 1s", "produce orders b --client c1", "consume orders --client c2",
      ],
      weak: ["consume orders --at n3 --client c2"], strong: ["consume orders --client c2"]),
    Experiment(
      name: "writes follow reads", claim: "session writes-follow-reads", story: "writes follow reads:",
      before: start + [
        "topic create replies", "produce orders question --client c1", "consume orders --client c2",
        "produce replies answer --client c2", "consume replies --client c3",
      ],
      weak: ["consume orders --at n3 --client c3"], strong: ["consume orders --client c3"]),
  ]

  @Test("a careless client meets it, a careful one does not", arguments: experiments)
  func flips(_ experiment: Experiment) {
    for seed in 1...3 {
      let weak = verdict(of: experiment, experiment.weak, UInt64(seed))
      #expect(weak.value == .fails, "seed \(seed): \(weak)")
      #expect(weak.evidence.first == experiment.story, "seed \(seed): \(weak.evidence)")
      let strong = verdict(of: experiment, experiment.strong, UInt64(seed))
      #expect(strong.value != .fails, "seed \(seed): \(strong)")
    }
  }

  private func verdict(of experiment: Experiment, _ lines: [String], _ seed: UInt64) -> Verdict {
    var bench = Bench(seed: seed)
    for line in experiment.before + lines { _ = bench.run(line) }
    return bench.judge(experiment.claim)
  }

  @Test("an evening without faults is linearizable, and every session keeps its guarantees", arguments: 1...3)
  func clean(seed: Int) {
    var bench = Bench(seed: UInt64(seed))
    let lines =
      Self.start + [
        "produce orders a --client c1", "consume orders --client c2", "produce orders b --client c2",
        "consume orders --client c1", "consume orders --from 1 --client c3", "produce orders c d --client c3", "run 2s",
        "consume orders --at n2 --client c1", "consume orders --from end --client c1",
      ]
    for line in lines { #expect(bench.run(line).outcome == .done, "\(line)") }
    for claim in [
      "history linearizable", "session read-your-writes", "session monotonic-reads", "session monotonic-writes",
      "session writes-follow-reads",
    ] {
      #expect(bench.judge(claim).value == .holds, "seed \(seed): \(bench.judge(claim))")
    }
  }

  @Test("what a member of a group was given counts: it has seen what an unclean election then takes away")
  func groups() {
    var bench = Bench(seed: 1)
    let lines = [
      "cluster start 3", "topic create orders --replication 2 --config min.insync.replicas=1",
      "topic config orders unclean.leader.election.enable=true", "produce orders a --client c1",
      "group join kitchen orders --client c2", "run 2s",
    ]
    for line in lines { #expect(bench.run(line).outcome == .done, "\(line)") }
    #expect(bench.judge("history linearizable").value == .holds)
    #expect(bench.judge("history linearizable").evidence.first?.contains("2 operations") == true)
    for line in [
      "crash n2", "run 15s", "produce orders b --client c1", "run 5s", "crash n1", "restart n2",
      "run until leader orders/0 is n2 --within 60s", "produce orders c --client c3", "run 2s",
    ] { #expect(bench.run(line).outcome == .done, "\(line)") }
    #expect(bench.run("expect c2 consumed b").outcome == .judged(bench.judge("c2 consumed b")))
    #expect(bench.judge("c2 consumed b").value == .holds)
    let verdict = bench.judge("history linearizable")
    #expect(verdict.value == .fails, "\(verdict)")
    // Two records at one place, both read by one member.
    #expect(bench.judge("session monotonic-reads").evidence.first == "monotonic reads:")
  }

  @Test("what a cut left without an answer may have happened or not")
  func unanswered() {
    var bench = Bench(seed: 1)
    for line in Self.start + ["net cut n1 c1 | n2 n3 c2", "produce orders a --no-retry --client c1"] {
      _ = bench.run(line)
    }
    #expect(bench.judge("history linearizable").value == .holds)
    // It was appended at n1 alone and is cut off; or, had n1 come back at once, it would be read. Both are explained.
    for line in ["net heal", "run 30s", "consume orders --client c2"] { _ = bench.run(line) }
    #expect(bench.judge("history linearizable").value == .holds)
  }

  @Test("what was taken back, the history forgets; a fork keeps its own")
  func rewinding() {
    var bench = Bench(seed: 1)
    for line in Self.start + ["produce orders a --client c1", "fork other", "produce orders b --client c1"] {
      _ = bench.run(line)
    }
    _ = bench.run("consume orders --at n3 --client c1")
    #expect(bench.judge("session read-your-writes").value == .fails)
    _ = bench.run("back")
    #expect(bench.judge("session read-your-writes").value == .unknown)
    _ = bench.run("switch main")
    _ = bench.run("consume orders --client c1")
    #expect(bench.judge("session read-your-writes").value == .holds)
  }

  @Test("says why it cannot tell")
  func unknown() {
    var bench = Bench(seed: 1)
    for line in Self.start { _ = bench.run(line) }
    #expect(bench.judge("history linearizable").evidence == ["no client has written or read anything"])
    #expect(bench.judge("history linearizable of riders/0").evidence == ["there is no partition riders/0"])
    #expect(bench.judge("history serializable").value == .unknown)
    _ = bench.run("transact kitchen orders=bibimbap")
    _ = bench.run("consume orders")
    #expect(bench.judge("history linearizable").value == .unknown)
  }

  @Test("a run in which one answer is spoiled is found out")
  func mutation() {
    // The same run, but the second reader asks a follower that lags: one answer differs, and the verdict with it.
    var bench = Bench(seed: 2)
    for line in Self.start + ["produce orders a b --client c1", "consume orders --client c2"] { _ = bench.run(line) }
    #expect(bench.judge("history linearizable").value == .holds)
    _ = bench.run("back")
    _ = bench.run("consume orders --at n3 --client c2")
    #expect(bench.judge("history linearizable").value == .fails)
  }
}

@Suite("Isolation on the bench")
struct IsolationBenchTests {
  @Test("steps, waiting, and a verdict that flips with the level")
  func steps() {
    var bench = Bench(seed: 1)
    for line in [
      "isolation begin t1 --level read-committed", "isolation begin t2 --level read-committed",
      "isolation step t1 read x", "isolation step t2 read x", "isolation step t1 write x 11",
    ] { #expect(bench.run(line).outcome == .done, "\(line)") }
    #expect(bench.run("isolation step t2 write x 12").plain.contains("waits for t1"))
    #expect(bench.run("isolation step t1 commit").plain.contains("t2   write x 12"))
    _ = bench.run("isolation step t2 commit")
    #expect(bench.judge("history read committed").value == .holds)
    #expect(bench.judge("history snapshot isolation").value == .fails)
    #expect(bench.judge("history snapshot isolation").evidence.first == "lost update:")
    _ = bench.run("isolation run \"lost update\" --level snapshot")
    #expect(bench.judge("history snapshot isolation").value == .holds)
    _ = bench.run("back")
    #expect(bench.judge("history snapshot isolation").value == .fails)
  }

  @Test("the table of anomalies and levels")
  func table() {
    var bench = Bench(seed: 1)
    expectGolden(
      transcript(
        &bench,
        [
          "isolation table", "isolation run \"write skew\" --level snapshot", "isolation show",
          "isolation run \"write skew\"", "isolation run \"lost update\" --level read-uncommitted --on sqlite",
          "expect history snapshot isolation", "isolation show", "isolation run \"lost update\" --on sqlite",
          "isolation run phantom --level snapshot --on sqlite", "isolation run skew", "isolation begin t1",
          "isolation step t9 read x", "isolation step t1 jump",
        ]), "session-isolation")
  }
}

@Suite("Databases on the bench", .serialized)
struct DatabaseBenchTests {
  @Test("a checkout that dies, and carts of two regions")
  func session() {
    var bench = Bench(seed: 1)
    expectGolden(
      transcript(
        &bench,
        [
          "expect checkout is whole", "acid crash --at 4", "expect checkout is whole", "acid crash --at 3 --apart",
          "expect checkout is whole", "back", "expect checkout is whole", "acid crash --inside-commit", "acid table",
          "acid crash --at 9", "acid crash --inside-commit --apart",
        ]), "session-acid")
    expectGolden(
      transcript(
        &bench,
        [
          "expect carts agree", "cart add bibimbap --in seoul", "cart add kimbap --in busan", "cart show",
          "expect carts agree", "cart sync", "expect carts agree", "expect last-writer cart in seoul holds bibimbap",
          "expect or-set cart in seoul holds bibimbap", "cart sync --again", "cart clock busan behind 50",
          "cart remove kimbap --in busan", "cart sync", "cart clock busan sideways", "cart add tea --in jeju",
          "cart orders", "cart orders --duplicate",
        ]), "session-carts")
  }

  @Test("screens are read models, as old as the last read")
  func screens() {
    var bench = Bench(seed: 1)
    for line in [
      "cluster start 3", "topic create orders", "produce orders 20:placed", "consume orders --client c1",
      "produce orders 20:cooking 21:placed", "consume orders --client c2",
    ] { _ = bench.run(line) }
    let answer = bench.run("screens orders").plain
    #expect(answer.contains("20     placed  cooking"), "\(answer)")
    #expect(answer.contains("21     -       placed"), "\(answer)")
  }
}

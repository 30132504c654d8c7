import Testing
import Workbench

/// Sessions on real brokers in the simulated world, kept as golden files. Every line fits 80 columns.
@Suite("Transcripts") struct TranscriptTests {
  /// Bug K1: an acknowledged record that the followers do not yet know to be committed; the leader dies, and so does
  /// the next one as soon as it is elected.
  private static func leaderDiesTwice(truncation: String) -> [String] {
    [
      "cluster start 5", "rules set truncation \(truncation)", "topic create orders", "produce orders m0", "log show",
      "crash n1", "run until leader orders/0 is n2 --within 30s", "crash n2",
      "run until leader orders/0 is n3 --within 30s", "expect acked records are kept", "log show", "diagram 16",
    ]
  }

  private static let sessions: [(name: String, lines: [String])] = [
    (
      "first-order",
      [
        "cluster start 3", "cluster show", "quorum show", "topic create orders", "topic list", "topic show orders",
        "produce orders bibimbap --key customer-7", "produce orders \"2 x kimbap\" naengmyeon --acks 1", "run 1s",
        "consume orders", "log show", "diagram 12", "expect acked records are kept", "expect logs agree",
        "expect record 0 is durable", "expect record 0 of orders/0 is durable on n1 n2 n3", "seed",
      ]
    ),
    (
      "leader-dies",
      [
        "cluster start 3", "topic create orders --config min.insync.replicas=2", "produce orders a b c",
        "expect leader orders/0 exists", "crash n1", "run until not leader orders/0 is n1 --within 30s",
        "topic show orders",
        "produce orders d", "restart n1", "run 20s", "cluster show", "log show", "expect single leader per epoch",
        "expect acked records are kept", "diagram 14", "trace 10",
      ]
    ),
    (
      "streams",
      [
        "cluster start 3", "topic create positions", "stream count pulse positions --window 60s --grace 10s",
        "produce positions Mapo@12s Mapo@48s Jongno@62s Mapo@55s", "stream work pulse", "stream show pulse",
        "produce positions Mapo@71s Mapo@58s", "stream work pulse", "stream show pulse", "consume pulse-counts",
        "consume pulse-counts-changelog", "expect window Mapo@0s of pulse is 3", "stream crash pulse",
        "stream work pulse", "stream restart pulse", "stream show pulse", "produce positions Mapo@80s",
        "stream work pulse --die", "expect window Mapo@60s of pulse is 1", "stream restart pulse",
        "stream work pulse", "expect window Mapo@60s of pulse is 2", "back", "expect window Mapo@60s of pulse is 1",
        "topic create riders", "produce riders Kim --key r1", "topic create seen", "produce seen Mapo --key r1",
        "produce seen Mapo --key r2", "stream join named seen riders --client c8", "stream work named",
        "stream show named", "consume named-joined", "stream list", "stream show nobody",
        "stream count pulse positions --window 60s", "expect window Mapo@60s of nobody is 1",
      ]
    ),
    (
      "checkout",
      [
        "txn begin --protocol 2pc", "txn step 6", "txn show", "expect service order is in doubt", "txn run",
        "txn diagram", "expect checkout is committed", "expect no locks are held", "txn begin --customer lee",
        "txn crash coordinator --after YES", "txn run", "expect checkout is blocked",
        "expect service order holds locks",
        "txn restart coordinator", "txn begin --customer lee", "txn run", "expect checkout is aborted", "back",
        "txn begin --protocol 2pc-pa --refuse kitchen", "txn run", "expect checkout is atomic", "txn crash somebody",
        "txn crash order --after nonsense", "txn cut order | coordinator", "txn heal", "txn begin --participants a,a",
      ]
    ),
    (
      "checkout-split",
      [
        "txn begin --protocol 3pc-timeout --participants order,payment",
        "txn crash coordinator --after \"all voted yes\" --reaching order", "txn run", "txn diagram",
        "expect checkout is atomic", "txn begin --protocol 3pc",
        "txn crash coordinator --after \"all voted yes\" --reaching order", "txn run", "expect checkout is atomic",
        "expect checkout is committed", "txn begin --protocol paxos-commit", "txn run", "txn trace 6",
      ]
    ),
    (
      "probe",
      [
        "cluster start 3", "topic create orders --config min.insync.replicas=2", "produce orders bibimbap", "run 1s",
        "probe orders", "net cut n1 | n2 n3", "probe orders", "run until leader orders/0 is n2 --within 30s",
        "probe orders", "crash n3", "probe orders", "expect orders/0 has 1 record", "topic list", "probe riders",
        "topic create riders --partitions 2 --replication 2", "probe riders",
      ]
    ),
    (
      "time-travel",
      [
        "cluster start 3", "topic create orders", "produce orders a", "produce orders b", "back", "log show",
        "expect orders/0 has 1 record", "goto end", "expect orders/0 has 2 records", "goto 2.0s", "back", "back",
        "fork what-if", "topic list", "topic create riders", "forks", "switch main", "topic list", "back 100000",
        "step 3",
        "goto 999999", "goto 1h",
      ]
    ),
    (
      "group",
      [
        "cluster start 3", "topic create orders --partitions 4", "group join kitchen orders", "produce orders a b c d",
        "run 6s", "c1 consumed 4 records", "expect c1 consumed 4 records", "expect c1 consumed b",
        "group join kitchen orders --client c2", "run 5s", "group show kitchen", "group leave kitchen --client c1",
        "run 5s",
        "group show kitchen", "group leave kitchen", "expect not c2 consumed b",
      ]
    ),
    (
      "transactions",
      [
        "cluster start 3", "topic create orders", "topic create bills", "transactions", "topic producers bills",
        "produce orders a --idempotent", "produce orders a --idempotent", "topic producers orders",
        "expect no duplicates in orders", "transact kitchen bills=a --steps", "transact kitchen bills=b --abort",
        "transact kitchen bills=c --open", "produce bills d --client c2", "transactions", "topic producers bills",
        "log show bills", "consume bills", "consume bills --isolation read_committed", "expect bills/0 holds b 0 times",
        "expect last stable offset bills/0 is 4", "transact kitchen bills=e --client c2",
        "transact kitchen --commit", "expect bills/0 holds c 0 times",
        "transact kitchen bills=f --group cooks --offset orders/0=1 --client c2", "group show cooks",
        "expect transaction kitchen is committed", "consume bills --isolation read_committed",
        "transact kitchen --open", "transact kitchen bills", "transact kitchen nowhere=a", "transact kitchen bills/7=a",
        "transact kitchen bills=a --group cooks", "transact kitchen bills=a --abort --commit",
        "transact kitchen bills=a --group cooks --offset orders=1", "produce orders a --idempotent --acks 1",
        "consume bills --isolation committed",
      ]
    ),
    ("truncation-bug", leaderDiesTwice(truncation: "hw")),
    ("truncation-mended", leaderDiesTwice(truncation: "kip320")),
    (
      "unclean-election",
      [
        "cluster start 5", "topic create orders", "produce orders m0", "crash n2 n3",
        "run until in-sync orders/0 is n1 --within 30s", "produce orders m1", "crash n1", "run 15s", "restart n2",
        "run 10s",
        "expect leader orders/0 exists", "expect acked records are kept", "topic elect orders/0 --unclean",
        "run until leader orders/0 is n2", "expect acked records are kept", "topic show orders", "log show",
      ]
    ),
    (
      "network",
      [
        "cluster start 3", "topic create orders", "net show", "net cut n3", "net show", "net cut n3",
        "net heal n3 | n1",
        "net heal", "net delay n1 n2 200ms..400ms", "net lose 10%", "net duplicate n1 -> n2 5%", "net reorder on",
        "net show",
        "net calm", "net show", "pause n2", "cluster show", "resume n2", "clock skew n2 -300ms", "clock skew n1 +2s",
        "cluster show", "rules set truncation hw", "rules show",
      ]
    ),
    (
      "mistakes",
      [
        "topic list", "toipc list", "topic crate orders", "topic", "produce", "cluster start 3", "cluster start 3",
        "cluster start 99", "produce ordrs x", "topic create orders", "produce ordrs x", "produce orders",
        "produce orders/7 x",
        "produce orders x --acks 2", "produce orders x --akcs 1", "produce \"orders", "crash n9", "crash x",
        "restart n1",
        "net cut", "net cut n1 n2 n3", "net cut n1 | n1", "net delay n1 n2 soon", "net lose n1 n2 200%", "run soon",
        "run until", "expect", "expect leader orders/0", "expect leader orders/0 is nobody",
        "expect leader riders/0 is n1",
        "expect lader orders/0 exists", "expect n7 is up", "goto nowhere", "switch nowhere", "rules set truncatoin hw",
        "rules set truncation hww", "consume orders --from nowhere", "topic config orders min.insync.replicas=many",
        "topic config orders min.isr=2", "topic create orders", "topic elect orders/0", "help nothing", "run 1s 2s",
        "expect leader orders/0 is n1 n2",
      ]
    ),
  ]

  @Test("are what they were", arguments: sessions.map(\.name))
  func golden(_ name: String) throws {
    let session = try #require(Self.sessions.first { $0.name == name })
    var bench = Bench(seed: 7)
    let text = transcript(&bench, session.lines)
    expectGolden(text, "session-\(name)")
    for line in text.split(separator: "\n") where !line.hasPrefix(">") {
      #expect(DisplayWidth.of(line) <= 80, "\(line)")
    }
  }

  @Test("the same seed and lines give the same answers")
  func determinism() {
    var first = Bench(seed: 3)
    var second = Bench(seed: 3)
    let lines = Self.sessions[1].lines
    #expect(transcript(&first, lines) == transcript(&second, lines))
  }

  private static let started: Bench = {
    var bench = Bench(seed: 7)
    _ = transcript(&bench, ["cluster start 3", "topic create orders"])
    return bench
  }()

  @Test("a refused line changes nothing", arguments: Self.sessions.last?.lines ?? [])
  func mistakes(_ line: String) {
    var bench = Self.started
    let before = bench.run("goto end").plain
    if bench.run(line).outcome == .refused { #expect(bench.run("goto end").plain == before) }
  }
}

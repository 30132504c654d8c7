import Testing

@testable import Workbench

@Suite("Looking") struct LookingTests {
  private static func bench(_ lines: [String]) -> Bench {
    var bench = Bench(seed: 7)
    _ = transcript(&bench, lines)
    return bench
  }

  @Test("below the floor a produce is refused, and is said to be")
  func refusedBelowFloor() {
    var bench = Self.bench([
      "cluster start 5", "topic create orders --config min.insync.replicas=2", "crash n2 n3",
      "run until in-sync orders/0 is n1 --within 30s",
    ])
    let answer = bench.run("produce orders japchae")
    #expect(answer.outcome == .failed)
    #expect(answer.plain.contains(": notEnoughReplicas: fewer replicas are in sync than"), "\(answer.plain)")
    #expect(answer.plain.hasPrefix("refused for 1"), "\(answer.plain)")
    #expect(answer.lines.last?.plain == "It surely did not happen.")
  }

  @Test("silence is no refusal")
  func silence() {
    var bench = Self.bench(["cluster start 3", "topic create orders", "produce orders bibimbap", "pause n1 n2 n3"])
    let answer = bench.run("produce orders japchae --no-retry")
    #expect(answer.plain == "no answer within 2s\nUnknown whether it happened.")
  }

  @Test("a last leader that returns is not called what an unclean election made")
  func lastLeader() {
    let doomed = [
      "cluster start 5", "topic create orders", "crash n2 n3", "run until in-sync orders/0 is n1 --within 30s",
      "produce orders m1", "crash n1", "restart n2", "run 15s",
    ]
    var returned = Self.bench(doomed + ["restart n1", "run 10s"])
    let shown = returned.run("topic show orders").plain
    #expect(shown.contains("2 last leader") && shown.contains("last leader: nobody in sync"), "\(shown)")
    #expect(!shown.contains("unclean"))

    var forced = Self.bench(doomed + ["topic elect orders/0 --unclean"])
    let insisted = forced.run("topic show orders").plain
    #expect(insisted.contains("2 unclean") && insisted.contains("unclean: this leader was not in sync"), "\(insisted)")
    #expect(!insisted.contains("last leader"))
  }

  @Test("help log show explains every mark that a table can show")
  func marks() {
    var bench = Bench(seed: 7)
    let help = bench.run("help log show").plain
    for mark in [
      "leader", "in sync", "out of sync", "to lead", "still leads", "paused", "down (disk)", "HW", "LEO", "≠",
    ] {
      #expect(help.contains("  \(mark)"), "\(mark)")
    }
    #expect(help.split(separator: "\n").allSatisfy { DisplayWidth.of($0) <= 80 })
  }
}

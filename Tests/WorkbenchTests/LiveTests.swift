import Testing

@testable import Workbench

@Suite("Live", .serialized) struct LiveTests {
  private static func live(nodes: Int = 3) -> Bench {
    var bench = Bench(seed: 1)
    let answer = bench.run("live start --port 0 --nodes \(nodes)")
    #expect(answer.outcome == .done, "\(answer.plain)")
    return bench
  }

  @Test("starts on free ports, says how to reach it, and stops with nothing left behind")
  func start() throws {
    var bench = Self.live()
    let address = try #require(bench.liveAddress)
    #expect(address.split(separator: ",").count == 3)
    #expect(bench.run("live status").plain.contains("kcat -b \(address) -P -t orders"))
    #expect(bench.run("live start").outcome == .refused)
    let port = try #require(address.split(separator: ",").first?.split(separator: ":").last.flatMap { Int($0) })
    var other = Bench(seed: 1)
    let taken = other.run("live start --port \(port)")
    #expect(taken.outcome == .refused)
    #expect(taken.plain.contains("Somebody else listens") && taken.plain.contains("live start --port 0"))
    #expect(bench.run("live stop").outcome == .done)
    #expect(bench.liveAddress == nil)
    #expect(other.run("live start --port \(port)").outcome == .done)
    other.stopLive()
  }

  @Test("takes the words of faults, and shows what they did")
  func faults() {
    var bench = Self.live()
    #expect(bench.run("crash n2").plain == "n2 crashed, live.")
    #expect(bench.run("crash n2").outcome == .refused)
    #expect(bench.run("expect n2 is down").outcome == .judged(bench.judge("n2 is down")))
    #expect(bench.judge("n2 is down").value == .holds)
    #expect(bench.run("run until controller exists").outcome == .done)
    #expect(bench.run("restart n2").outcome == .done)
    #expect(bench.judge("n2 is up").value == .holds)
    #expect(bench.run("pause n3").outcome == .done)
    #expect(bench.judge("n3 is paused").value == .holds)
    #expect(bench.run("resume n3").outcome == .done)
    #expect(bench.run("net cut n1 | n2 n3").plain.contains("n1–n2 n1–n3, live"))
    #expect(bench.run("net show").plain.contains("cut: n1–n2 n1–n3"))
    #expect(bench.run("run until not controller is n1 --within 20s").outcome == .done)
    #expect(bench.run("net heal").outcome == .done)
    #expect(bench.run("net delay 5ms").outcome == .done)
    #expect(bench.run("crash n9").outcome == .refused)
    #expect(bench.run("quorum show").plain.contains("n1"))
    #expect(bench.run("log show").plain.contains("No topics"))
  }

  @Test(
    "refuses what only a simulated world can do, and says why",
    arguments: ["back", "step", "fork other", "seed 2", "produce orders x", "clock skew n1 1s", "crash n1 --power"])
  func refuses(_ line: String) {
    var bench = Self.live(nodes: 1)
    let answer = bench.run(line)
    #expect(answer.outcome == .refused)
    #expect(answer.plain.contains("Try: "), "\(answer.plain)")
  }

  @Test("what clients were told is judged, and a record that was confirmed and lost is found")
  func history() {
    var bench = Self.live()
    #expect(bench.run("topic create orders --config min.insync.replicas=1").outcome == .done)
    #expect(bench.judge("history linearizable").value == .unknown)
    for line in [
      "produce orders bibimbap", "consume orders", "produce orders kimbap bibimbap --client c2",
      "consume orders --client c2", "consume orders --from end",
    ] { #expect(bench.run(line).outcome == .done, "\(line)") }
    for claim in ["history linearizable", "session read-your-writes", "session monotonic-reads of orders/0"] {
      #expect(bench.judge(claim).value == .holds, "\(bench.judge(claim))")
    }
    let leader = ["n1", "n2", "n3"].first { bench.judge("leader orders/0 is \($0)").value == .holds } ?? "n1"
    let others = ["n1", "n2", "n3"].filter { $0 != leader }
    for line in [
      "net cut \(leader) | \(others.joined(separator: " "))", "produce orders lost --acks 1", "crash \(leader)",
      "run until leader orders/0 exists --within 20s",
    ] { #expect(bench.run(line).outcome == .done, "\(line)") }
    #expect(bench.run("consume orders --client c1").outcome == .done)
    #expect(bench.judge("history linearizable").value == .fails)
    #expect(bench.judge("history linearizable").evidence.first == "stale read:")
    #expect(bench.judge("session read-your-writes").value == .fails)
    #expect(bench.judge("session monotonic-reads").value == .holds)
    _ = bench.run("produce orders won --client c2")
    _ = bench.run("consume orders --client c2")
    #expect(bench.judge("history linearizable").evidence.first == "lost write:")
  }

  @Test("leaves the simulated world as it was, and is one for all copies of a bench")
  func worlds() {
    var bench = Bench(seed: 1)
    _ = bench.run("cluster start 3")
    _ = bench.run("topic create orders")
    let snapshot = bench
    #expect(bench.run("live start --port 0").outcome == .done)
    #expect(snapshot.liveAddress == bench.liveAddress && bench.liveAddress != nil)
    #expect(bench.run("topic show orders").outcome == .refused)
    #expect(bench.judge("single leader per epoch").value == .unknown)
    #expect(bench.run("live stop").outcome == .done)
    #expect(bench.run("topic show orders").outcome == .done)
    #expect(bench.undoable == snapshot.undoable)
  }
}

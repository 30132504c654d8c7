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

import Foundation
import Testing

@testable import Workbench

@Suite("Checkouts under random faults, by command")
struct SimulatedCheckoutTests {
  @Test(
    "what a protocol bears, it bears",
    arguments: ["2pc", "2pc-pa", "3pc", "q3pc", "paxos-commit", "3pc-timeout --faults none"])
  func bearable(_ rule: String) {
    var bench = Bench(seed: 1)
    let answer = bench.run("simulate --world commit --protocol \(rule) --seeds 20")
    guard case .judged(let verdict) = answer.outcome else {
      Issue.record("\(answer.plain)")
      return
    }
    #expect(verdict.value == .holds, "\(answer.plain)")
  }

  @Test("a broken seed says how to see it again, is made small, and the small one is replayed")
  func shrinking() throws {
    var bench = Bench(seed: 1)
    let options = "--world commit --protocol 3pc-timeout"
    let found = bench.run("simulate --first-seed 72 --seeds 1 \(options)")
    #expect(found.plain.contains("AC1 DecisionsAgree broken"))
    #expect(found.plain.contains("again: simulate --first-seed 72 --seeds 1 \(options)"))
    let path = FileManager.default.temporaryDirectory.appending(path: "\(getpid())-checkout.run").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let small = bench.run("shrink 72 \(options) --save \(path)")
    #expect(small.plain.contains("of 54 inputs are needed") && small.plain.contains("n4 decided to commit"))
    let again = bench.run("shrink --replay \(path)")
    #expect(again.plain.contains("AC1 DecisionsAgree broken by event 34"))
    guard case .judged(let verdict) = again.outcome else { return #expect(Bool(false), "\(again.plain)") }
    #expect(verdict.value == .fails)
  }

  @Test(
    "options of another world are refused",
    arguments: [
      "simulate --protocol 3pc", "simulate --world delivery --participants 2",
      "simulate --world commit --rule truncation=hw", "shrink 1 --world commit --participants 9",
    ])
  func foreign(_ line: String) {
    var bench = Bench(seed: 1)
    #expect(bench.run(line).outcome == .refused)
  }
}

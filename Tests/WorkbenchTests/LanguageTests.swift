import ArgumentParser
import Testing

@testable import Workbench

@Suite("Help") struct HelpTests {
  @Test("every command has examples, and every example can be typed", arguments: Shell.leaves.map(\.name))
  func examples(_ name: String) throws {
    let leaf = try #require(Shell.leaves.first { $0.name == name })
    #expect(!leaf.command.examples.isEmpty)
    for example in leaf.command.examples {
      #expect(example == name || example.hasPrefix(name + " "))
      guard case .command(let command, let parsed) = try Shell.parse(example) else {
        Issue.record("\(example) is no command")
        continue
      }
      #expect(parsed == name)
      #expect(type(of: command) == leaf.command)
    }
  }

  @Test("fits 80 columns, explains, shows an example", arguments: Shell.leaves.map(\.name) + ["topic", "net", ""])
  func pages(_ name: String) {
    var bench = Bench(seed: 1)
    let answer = bench.run("help \(name)")
    #expect(answer.outcome == .done)
    for line in answer.lines { #expect(DisplayWidth.of(line.plain) <= 80, "\(line.plain)") }
    #expect(!answer.plain.contains("baedal"))
    if Shell.leaves.contains(where: { $0.name == name }) { #expect(answer.plain.contains("Examples:")) }
    if ["", "topic", "produce", "expect", "net cut"].contains(name) {
      expectGolden(answer.plain, "help-\(name.isEmpty ? "overview" : name.replacing(" ", with: "-"))")
    }
    #expect(bench.isEmpty)
  }

  @Test(
    "--help anywhere in a line is a question, not a command", arguments: ["topic create orders --help", "crash -h"])
  func question(_ line: String) {
    var bench = Bench(seed: 1)
    #expect(bench.run(line).plain.contains("Examples:"))
  }
}

@Suite("Completion") struct CompletionTests {
  private static let bench: Bench = {
    var bench = Bench(seed: 7)
    for line in [
      "cluster start 3", "topic create orders --partitions 2", "topic create riders", "fork what-if", "switch main",
    ] {
      _ = bench.run(line)
    }
    return bench
  }()

  @Test(
    "offers what may come next",
    arguments: [
      ("to", ["topic"]), ("he", ["help"]), ("topic c", ["create", "config"]), ("help top", ["topic"]),
      ("help topic sh", ["show"]),
      ("topic show ", ["orders", "riders"]), ("topic create x --pa", ["--partitions"]),
      ("produce orders x --acks ", ["0", "1", "all"]),
      ("produce o", ["orders"]), ("produce orders/", ["orders/0", "orders/1"]), ("crash n", ["n1", "n2", "n3"]),
      ("crash n1 n2 n", ["n1", "n2", "n3"]), ("net cut n1 | n", ["n1", "n2", "n3"]), ("switch ", ["what-if"]),
      ("rules set trunc", ["truncation"]), ("rules set truncation k", ["kip101", "kip279", "kip320"]),
      ("rules set durable-votes ", ["on", "off"]), ("goto e", ["end"]), ("expect le", ["leader"]),
      ("expect leader o", ["orders/0", "orders/1"]), ("expect leader orders/0 ", ["is", "exists"]),
      ("expect leader orders/0 is ", ["n1", "n2", "n3", "c1"]), ("run u", ["until"]),
      ("run until contr", ["controller"]),
      ("topic config orders min.i", ["min.insync.replicas="]), ("consume orders --at n", ["n1", "n2", "n3"]),
      ("produce orders x --client ", ["c1"]), ("xyzzy ", []), ("# com", []), ("topic list extra ", []),
    ])
  func offers(_ line: String, _ expected: [String]) {
    #expect(Self.bench.complete(line, cursor: line.utf8.count).map(\.text) == expected)
  }

  @Test("replaces the word under the cursor, up to the cursor, in bytes")
  func range() {
    let line = "produce orders 비빔밥 --ac"
    let offer = Self.bench.complete(line, cursor: line.utf8.count).first
    #expect(offer?.text == "--acks")
    #expect(offer?.range == 25..<29)
    #expect(Self.bench.complete("topic list", cursor: 2).map(\.range) == [0..<2])
    #expect(Self.bench.complete("", cursor: 99).contains { $0.text == "cluster" && !$0.help.isEmpty })
  }

  @Test("changes nothing and needs no cluster")
  func empty() {
    let bench = Bench(seed: 1)
    #expect(bench.complete("topic show ", cursor: 11).isEmpty)
    #expect(bench.isEmpty)
  }
}

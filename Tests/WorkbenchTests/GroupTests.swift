import Clockwork
import Simulation
import Testing

@testable import Workbench

@Suite("Claims about groups") struct GroupClaimTests {
  private let orders = [0, 1].map { PartitionName("orders", $0) }

  /// c1 reads orders/0 and has committed 1 of its 2 readable records; c2 has crashed with orders/1 in its hands.
  private var facts: StagedFacts {
    var facts = StagedFacts()
    facts.partitions?.append(
      PartitionFact(name: orders[1], leader: NodeID(2), epoch: 0, replicas: [NodeID(2)], inSync: [NodeID(2)]))
    facts.groups["kitchen"] = GroupFact(
      state: "Stable", coordinator: NodeID(1),
      members: [
        GroupFact.Member(client: .client(1), condition: .up, assigned: [orders[0]], reads: [orders[0]]),
        GroupFact.Member(client: .client(2), condition: .down, assigned: [orders[1]], reads: []),
        GroupFact.Member(client: .client(3), condition: .up, assigned: [], reads: []),
      ], committed: [orders[0]: 1, orders[1]: 2])
    facts.groups["gone"] = GroupFact(state: "Dead", coordinator: NodeID(1), members: [], committed: [:])
    return facts
  }

  private func verdict(_ claim: String, _ facts: StagedFacts) throws -> Verdict {
    Judge(facts).judge(try ClaimParser.parse(Words(claim).words.map(\.text)), saying: claim)
  }

  @Test(
    "are told true from false",
    arguments: [
      ("group kitchen has 3 members", Verdict.Value.holds), ("group kitchen has 1 member", .fails),
      ("group kitchen has at least 2 members", .holds), ("group kitchen lag is 1", .holds),
      ("group kitchen lag is 0", .fails), ("group kitchen lag is not 0", .holds),
      ("group kitchen owns orders/0", .holds), ("group kitchen owns orders/0 orders/1", .fails),
      ("c1 owns orders/0 in kitchen", .holds), ("c1 owns orders/1 in kitchen", .fails),
      ("c2 owns orders/1 in kitchen", .fails), ("c3 owns 0 partitions in kitchen", .holds),
      ("c1 owns 1 partition in kitchen", .holds), ("c9 owns 0 partitions in kitchen", .fails),
    ])
  func values(_ claim: String, _ expected: Verdict.Value) throws {
    let verdict = try verdict(claim, facts)
    #expect(verdict.value == expected, "\(verdict.evidence)")
    #expect(!verdict.evidence.isEmpty)
    #expect((verdict.next == nil) == (expected == .holds))
  }

  @Test(
    "are unknown when no coordinator can tell, or nothing is there to tell of",
    arguments: [
      "group elsewhere has 1 member", "not group elsewhere lag is 0", "c1 owns orders/0 in elsewhere",
      "group gone has 0 members", "group kitchen owns orders/7",
    ])
  func unknown(_ claim: String) throws { #expect(try verdict(claim, facts).value == .unknown) }

  @Test("a lag needs a live leader of every partition that the group reads")
  func leaderless() throws {
    var facts = facts
    facts.partitions?[1].leader = nil
    #expect(try verdict("group kitchen lag is 1", facts).value == .unknown)
  }

  @Test("nobody owns anything while shares are dealt anew, or before the client has heard of its share")
  func rebalancing() throws {
    var facts = facts
    facts.groups["kitchen"]?.members[0].reads = []
    #expect(try verdict("c1 owns orders/0 in kitchen", facts).value == .fails)
    facts.groups["kitchen"]?.members[0].reads = [orders[0]]
    facts.groups["kitchen"]?.state = "PreparingRebalance"
    let verdict = try verdict("group kitchen owns orders/0", facts)
    #expect(verdict.value == .fails)
    #expect(verdict.evidence == ["orders/0: kitchen is rebalancing (PreparingRebalance)"])
  }

  @Test("the order in which a client was given records is judged by each reader for itself")
  func order() throws {
    var facts = facts
    facts.consumed = [(nil, "b"), (nil, "a"), ("kitchen", "a"), ("kitchen", "c")].enumerated().map {
      ConsumedFact(
        client: .client(1), group: $1.0, partition: orders[0], offset: Int64($0), key: "k", value: $1.1)
    }
    #expect(try verdict("c1 consumed b before a", facts).value == .holds)
    #expect(try verdict("c1 consumed a before k=c", facts).value == .holds)
    #expect(try verdict("c1 consumed a before b", facts).value == .fails)
    #expect(try verdict("c1 consumed b before c", facts).evidence == ["c1 was given 4 records: not both by one reader"])
    #expect(try verdict("c2 consumed a before c", facts).value == .fails)
  }

  @Test("the order in which a client produced is the order of its acknowledgements")
  func produced() throws {
    var facts = facts
    facts.acknowledged = [2, 0].map { AcknowledgedFact(partition: orders[0], offset: $0, acks: "all") }
    #expect(try verdict("c1 produced c before a", facts).value == .holds)
    #expect(try verdict("c1 produced a before c", facts).value == .fails)
    #expect(try verdict("c1 produced a before b", facts).evidence == ["c1 was told of 2 records: not b"])
  }
}

@Suite("Groups on a cluster") struct GroupCommandTests {
  private func bench(_ lines: [String]) -> Bench {
    var bench = Bench(seed: 1)
    for line in ["cluster start 3", "topic create orders --partitions 3"] + lines {
      let answer = bench.run(line)
      #expect(answer.outcome != .failed && answer.outcome != .refused, "\(line): \(answer.plain)")
    }
    return bench
  }

  @Test("what a member receives is shown in the order received, the last ones first to stay")
  func read() {
    var bench = bench(["group join kitchen orders", "produce orders/1 a b c --key k", "run 1s"])
    let place = bench.placeText
    #expect(
      bench.run("group read kitchen").plain == """
        partition  offset  record
        orders/1   0       k=a
        orders/1   1       k=b
        orders/1   2       k=c
        """)
    #expect(bench.run("group read kitchen --max 1").plain.hasSuffix("… 2 earlier\norders/1   2       k=c"))
    #expect(bench.placeText == place)
    #expect(bench.undoable == 5)
  }

  @Test(
    "refuses with the member or group that may have been meant",
    arguments: [
      ("group read kitchen --client c2", "c2 is not in kitchen. In kitchen: c1. Try: group read kitchen --client c1"),
      ("group leave kitchne --client c1", "c1 is not in kitchne. In kitchen: c1. Try: group leave kitchen --client c1"),
      (
        "group read kitchen --max 0",
        "--max 0 is out of bounds. Expected 1 to 1000.\nTry: group read kitchen --client c2 --max 5"
      ),
    ])
  func refusals(_ line: String, _ text: String) {
    var bench = bench(["group join kitchen orders"])
    let answer = bench.run(line)
    #expect(answer.outcome == .refused)
    #expect(answer.plain == text)
  }

  @Test("a group that never was is said not to be there")
  func absent() {
    var bench = bench(["group join kitchen orders"])
    let answer = bench.run("group show kitchne")
    #expect(answer.outcome == .failed)
    #expect(answer.plain == "There is no group kitchne. Try: group join kitchne orders")
    #expect(bench.judge("group kitchne has 0 members").value == .unknown)
  }

  @Test("lag grows with what is produced and falls with what is committed")
  func lag() {
    var bench = bench(["group join kitchen orders", "run 100ms"])
    #expect(bench.judge("group kitchen lag is 0").value == .holds)
    _ = bench.run("produce orders a b c")
    #expect(bench.judge("group kitchen lag is 3").value == .holds)
    #expect(bench.run("group show kitchen").plain.hasSuffix("The group is 3 records behind."))
    _ = bench.run("run 6s")
    #expect(bench.judge("group kitchen lag is 0").value == .holds)
    #expect(bench.judge("group kitchen owns orders/0 orders/1 orders/2").value == .holds)
  }

  @Test(
    "claims about groups can be completed",
    arguments: [
      ("expect group k", "kitchen"), ("expect c1 owns ", "orders/0"), ("group read k", "kitchen"), ("group r", "read"),
    ])
  func completion(_ line: String, _ text: String) {
    let bench = bench(["group join kitchen orders"])
    #expect(bench.complete(line, cursor: line.utf8.count).map(\.text).contains(text))
  }
}

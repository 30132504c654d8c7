import Clockwork
import Testing

@testable import Workbench

/// Facts set by hand: two partitions on three brokers.
struct StagedFacts: ClusterFacts {
  var brokers = [1, 2, 3].map { BrokerFact(id: NodeID($0), condition: .up) }
  var partitions: [PartitionFact]? = [
    PartitionFact(
      name: PartitionName("orders", 0), leader: NodeID(2), epoch: 3, replicas: [1, 2, 3].map { NodeID($0) },
      inSync: [NodeID(2), NodeID(3)])
  ]
  var controller: NodeID? = NodeID(1)
  var logs: [NodeID: [RecordFact]] = [:]
  var highWatermarks: [NodeID: Int64] = [:]
  var acknowledged: [AcknowledgedFact] = []
  var reigns: [ReignFact] = []
  var consumed: [ConsumedFact] = []
  var groups: [String: GroupFact] = [:]
  var transactions: [TransactionFact]? = []
  /// Of transactions that are open or aborted, and markers.
  var uncounted = ["(commit)"]

  init() {
    let a = RecordFact(epoch: 1, key: nil, value: "a")
    let b = RecordFact(epoch: 1, key: "k", value: "b")
    let c = RecordFact(epoch: 3, key: nil, value: "c")
    logs = [NodeID(1): [a], NodeID(2): [a, b, c], NodeID(3): [a, b]]
    highWatermarks = [NodeID(1): 1, NodeID(2): 2, NodeID(3): 2]
  }

  func replicas(of partition: PartitionName) -> [ReplicaFact] {
    [1, 2, 3].map { NodeID($0) }.map { node in
      let condition = brokers.first { $0.id == node }?.condition ?? .down
      return ReplicaFact(
        node: node, condition: condition, leadsIn: node == NodeID(2) ? 3 : nil, start: 0,
        end: Int64(logs[node]?.count ?? 0), highWatermark: condition == .down ? nil : highWatermarks[node],
        lastStable: condition == .down ? nil : 1)
    }
  }

  func record(_ offset: Int64, of partition: PartitionName, on node: NodeID) -> RecordFact? {
    guard let log = logs[node], log.indices.contains(Int(offset)) else { return nil }
    return log[Int(offset)]
  }

  func counting(_ partition: PartitionName, on node: NodeID) -> [RecordFact] {
    (logs[node] ?? []).filter { !uncounted.contains($0.value) }
  }

  func markers(_ partition: PartitionName, on node: NodeID) -> Int64 {
    Int64((logs[node] ?? []).count { $0.value == "(commit)" })
  }

  func group(_ name: String) -> GroupFact? { groups[name] }

  func holds(_ acked: AcknowledgedFact, on node: NodeID) -> Bool { (logs[node]?.count ?? 0) > Int(acked.offset) }
}

@Suite("Judge") struct JudgeTests {
  private func verdict(_ claim: String, _ facts: StagedFacts = StagedFacts()) throws -> Verdict {
    Judge(facts).judge(try ClaimParser.parse(Words(claim).words.map(\.text)), saying: claim)
  }

  @Test(
    "tells true from false",
    arguments: [
      ("leader orders/0 is n2", Verdict.Value.holds), ("leader orders/0 is n1", .fails),
      ("leader orders/0 is not n1", .holds),
      ("not leader orders/0 is n2", .fails), ("leader orders/0 exists", .holds), ("epoch orders/0 is 3", .holds),
      ("epoch orders/0 is at least 4", .fails), ("epoch orders/0 is at most 3", .holds), ("controller is n1", .holds),
      ("controller exists", .holds), ("record 0 is durable", .holds), ("record 1 of orders/0 is durable", .holds),
      ("record 2 of orders/0 is durable", .fails), ("record 9 of orders/0 is durable", .fails),
      ("record 1 is durable on n2 n3", .holds), ("record 1 is durable on n1 n2", .fails),
      ("record 1 of orders/0 is b", .holds), ("record 1 of orders/0 is k=b", .holds),
      ("record 1 of orders/0 is x", .fails),
      ("record 1 of orders/0 on n3 is b", .holds), ("record 1 of orders/0 is not durable", .fails),
      ("logs agree", .holds), ("logs agree orders/0", .holds), ("single leader per epoch", .holds),
      ("high watermark orders/0 is 2", .holds), ("high watermark orders/0 on n1 is 1", .holds),
      ("log end orders/0 is 3", .holds), ("log end orders/0 on n1 is at most 0", .fails),
      ("in-sync orders/0 is n3 n2", .holds), ("in-sync orders/0 is n2", .fails), ("orders/0 has 3 records", .holds),
      ("orders/0 has 1 record on n1", .holds), ("orders/0 has at least 4 records", .fails), ("n1 is up", .holds),
      ("n1 is down", .fails), ("topic orders exists", .holds), ("topic riders exists", .fails),
      ("orders/0 holds a 1 time", .holds), ("orders/0 holds k=b 1 time", .holds), ("orders/0 holds a 2 times", .fails),
      ("orders/0 holds x at most 0 times", .holds), ("no duplicates in orders", .holds),
      ("last stable offset orders/0 is 1", .holds), ("last stable offset orders/0 is at least 2", .fails),
      ("acked records are kept", .holds), ("c1 consumed 0 records", .holds), ("c1 consumed bibimbap", .fails),
    ])
  func values(_ claim: String, _ expected: Verdict.Value) throws {
    let verdict = try verdict(claim)
    #expect(verdict.value == expected)
    #expect(verdict.claim == claim)
    #expect(!verdict.evidence.isEmpty)
    #expect((verdict.next == nil) == (expected == .holds))
  }

  @Test(
    "is unknown when no live broker can tell",
    arguments: [
      "leader orders/0 is n2", "controller exists", "record 0 is durable", "logs agree", "topic orders exists",
      "not leader orders/0 is n2", "high watermark orders/0 is 2",
    ])
  func nobody(_ claim: String) throws {
    var facts = StagedFacts()
    facts.partitions = nil
    facts.controller = nil
    for place in facts.brokers.indices { facts.brokers[place].condition = .down }
    let verdict = try verdict(claim, facts)
    #expect(verdict.value == .unknown)
    #expect(verdict.next == "restart n1")
  }

  @Test(
    "a claim about what does not exist is unknown, turned round or not",
    arguments: [
      "leader riders/0 is n1", "not leader riders/0 is n1", "n9 is up", "log end orders/0 on n7 is 3",
      "record 0 is durable on n8",
    ])
  func strangers(_ claim: String) throws { #expect(try verdict(claim).value == .unknown) }

  @Test("a leader that is down does not lead")
  func deadLeader() throws {
    var facts = StagedFacts()
    facts.brokers[1].condition = .down
    #expect(try verdict("leader orders/0 is n2", facts).value == .fails)
    #expect(try verdict("leader orders/0 exists", facts).value == .fails)
    #expect(try verdict("high watermark orders/0 is 2", facts).value == .unknown)
  }

  @Test("an acknowledged record that the leader lacks is lost, and one that only the dead have is in doubt")
  func acknowledged() throws {
    var facts = StagedFacts()
    facts.acknowledged = [AcknowledgedFact(partition: PartitionName("orders", 0), offset: 1, acks: "all")]
    #expect(try verdict("acked records are kept", facts).value == .holds)
    facts.partitions?[0].leader = NodeID(1)
    let lost = try verdict("acked records are kept", facts)
    #expect(lost.value == .fails)
    #expect(lost.evidence.contains { $0.contains("the leader n1 does not have it; it is only on n2 n3") })
    facts.partitions?[0].leader = nil
    #expect(try verdict("acked records are kept", facts).value == .unknown)
    facts.logs = [:]
    #expect(try verdict("acked records are kept", facts).value == .fails)
  }

  @Test("logs that differ below both high watermarks disagree")
  func disagreement() throws {
    var facts = StagedFacts()
    facts.logs[NodeID(3)]?[1] = RecordFact(epoch: 2, key: nil, value: "z")
    let verdict = try verdict("logs agree", facts)
    #expect(verdict.value == .fails)
    #expect(verdict.evidence.first == "orders/0 offset 1: n2 has k=b of epoch 1, n3 has z of epoch 2")
  }

  @Test("a record that counts twice is a duplicate, one that was aborted is not")
  func duplicates() throws {
    var facts = StagedFacts()
    facts.logs[NodeID(2)]?.append(RecordFact(epoch: 3, key: nil, value: "a"))
    let twice = try verdict("no duplicates in orders", facts)
    #expect(twice.value == .fails)
    #expect(twice.evidence.last == "more than once: a")
    facts.uncounted.append("a")
    #expect(try verdict("no duplicates in orders", facts).value == .holds)
    #expect(try verdict("orders/0 holds a 0 times", facts).value == .holds)
    #expect(try verdict("no duplicates in riders", facts).value == .unknown)
  }

  @Test("markers are no records")
  func markers() throws {
    var facts = StagedFacts()
    facts.logs[NodeID(2)]?.append(RecordFact(epoch: 3, key: nil, value: "(commit)"))
    #expect(try verdict("orders/0 has 3 records", facts).value == .holds)
    #expect(try verdict("log end orders/0 is 4", facts).value == .holds)
  }

  @Test("a transaction is what its coordinator says, and unknown when it cannot")
  func transactions() throws {
    var facts = StagedFacts()
    #expect(try verdict("transaction kitchen is open", facts).value == .unknown)
    facts.transactions = [
      TransactionFact(
        id: "kitchen", condition: .open, state: "Ongoing", producer: 0, epoch: 0, partitions: [], coordinator: NodeID(1)
      )
    ]
    #expect(try verdict("transaction kitchen is open", facts).value == .holds)
    #expect(try verdict("transaction kitchen is not open", facts).value == .fails)
    #expect(try verdict("transaction kitchen is committed", facts).value == .fails)
    #expect(try verdict("transaction other is open", facts).value == .unknown)
    facts.transactions = nil
    #expect(try verdict("transaction kitchen is open", facts).value == .unknown)
  }

  @Test("two leaders in one epoch are found")
  func twoLeaders() throws {
    var facts = StagedFacts()
    let orders = PartitionName("orders", 0)
    facts.reigns = [1, 2].map { ReignFact(partition: orders, epoch: 4, leader: NodeID($0)) }
    #expect(try verdict("single leader per epoch", facts).value == .fails)
    facts.reigns[1].epoch = 5
    #expect(try verdict("single leader per epoch", facts).value == .holds)
  }

  @Test("what consumers were given is counted and found")
  func consumed() throws {
    var facts = StagedFacts()
    facts.consumed = ["a", "two words"].enumerated().map {
      ConsumedFact(client: .client(1), partition: PartitionName("orders", 0), offset: Int64($0), key: nil, value: $1)
    }
    #expect(try verdict("c1 consumed 2 records", facts).value == .holds)
    #expect(try verdict("c1 consumed at least 1 records of orders/0", facts).value == .holds)
    #expect(try verdict("c1 consumed two words", facts).value == .holds)
    #expect(try verdict("c2 consumed two words", facts).value == .fails)
  }
}

@Suite("ClaimParser") struct ClaimParserTests {
  @Test("reads every example of its own table", arguments: ClaimForm.all.map(\.example))
  func examples(_ example: String) throws {
    _ = try ClaimParser.parse(Words(example).words.map(\.text))
  }

  @Test("every form can be told apart: its example is not another form's claim")
  func distinct() throws {
    let claims = try ClaimForm.all.map { try ClaimParser.parse(Words($0.example).words.map(\.text)) }
    #expect(Set(claims).count == claims.count)
  }

  @Test("a form's brackets may be left out")
  func variants() {
    let form = ClaimForm.all.first { $0.form.hasPrefix("record NUMBER [of") }
    #expect(form?.variants.count == 4)
    #expect(form?.variants.last == ["record", "NUMBER", "is", "durable"])
  }

  @Test(
    "says what was expected where a claim goes wrong",
    arguments: [
      ("leader", "The claim ends too early. Expected a partition (orders/0) next."),
      ("leader orders", "orders does not fit after leader. Expected a partition (orders/0)."),
      ("leader orders/0 iz n1", "iz does not fit after orders/0. Did you mean is?"),
      ("hihg watermark orders/0 is 3", "No claim begins with hihg. Did you mean high?"),
      ("in-sync orders/0 is", "The claim ends too early. Expected nodes (n1 n2) next."),
      ("n1 is dwon", "dwon does not fit after is. Did you mean down?"),
    ])
  func errors(_ claim: String, _ message: String) {
    let refusal = #expect(throws: Refusal.self) { try ClaimParser.parse(Words(claim).words.map(\.text)) }
    #expect(refusal?.text.hasPrefix(message) == true, "\(refusal?.text ?? "")")
  }
}

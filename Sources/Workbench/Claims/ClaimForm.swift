import Clockwork

/// One sentence that a claim can be: its words, its gaps, and what it means once the gaps are filled.
///
/// One table serves the parser, its error messages, completion and the help page, so that they cannot disagree.
struct ClaimForm: Sendable {
  /// Words in small letters stand for themselves, capitals are gaps, brackets hold what may be left out.
  let form: String
  let example: String
  let about: String
  let make: @Sendable (Gaps) -> Claim

  init(_ form: String, _ example: String, _ about: String, _ make: @escaping @Sendable (Gaps) -> Claim) {
    self.form = form
    self.example = example
    self.about = about
    self.make = make
  }

  /// What the gaps were filled with.
  struct Gaps {
    var partitions: [PartitionName] = []
    var nodes: [NodeID] = []
    var measures: [Measure] = []
    var texts: [String] = []

    // A form only asks for gaps that it has, so the fallbacks are never seen.
    var partition: PartitionName { partitions.first ?? PartitionName("", 0) }
    var node: NodeID { nodes.first ?? .console }
    var measure: Measure { measures.first ?? Measure(relation: .exactly, number: 0) }
    var text: String { texts.first ?? "" }
  }

  /// Every sentence: one line for each family.
  static let all: [ClaimForm] =
    cluster
    + CheckoutClaim.forms + deliveries + RushClaim.forms + histories + databases

  /// About brokers, logs, clients, groups and streams.
  private static let cluster: [ClaimForm] = [
    ClaimForm("leader PARTITION is NODE", "leader orders/0 is n2", "The cluster's leader of a partition, and alive.") {
      .leaderIs($0.partition, $0.node)
    },
    ClaimForm("leader PARTITION exists", "leader orders/0 exists", "Somebody alive leads it.") {
      .leaderExists($0.partition)
    },
    ClaimForm("epoch PARTITION is MEASURE", "epoch orders/0 is at least 2", "Its leader epoch.") {
      .epoch($0.partition, $0.measure)
    },
    ClaimForm("controller is NODE", "controller is n1", "Who leads the metadata quorum.") { .controllerIs($0.node) },
    ClaimForm("controller exists", "controller exists", "The metadata quorum has a leader.") { _ in .controllerExists },
    ClaimForm(
      "record NUMBER [of PARTITION] is durable [on NODES]", "record 17 of orders/0 is durable on n1 n2",
      "On every in-sync replica and below the high watermark; or on the nodes named."
    ) { .durable(offset: $0.measure.number, $0.partitions.first, on: $0.nodes) },
    ClaimForm(
      "record NUMBER of PARTITION [on NODE] is TEXT", "record 0 of orders/0 on n2 is bibimbap",
      "What a record says: its value, or key=value."
    ) { .recordReads(offset: $0.measure.number, $0.partition, on: $0.nodes.first, text: $0.text) },
    ClaimForm("acked records are kept", "acked records are kept", "No record that a producer was told of is lost.") {
      _ in
      .acknowledgedKept
    },
    ClaimForm("logs agree [PARTITION]", "logs agree", "Replicas hold the same records up to the high watermark.") {
      .logsAgree($0.partitions.first)
    },
    ClaimForm("single leader per epoch", "single leader per epoch", "No epoch ever had two leaders.") { _ in
      .singleLeader
    },
    ClaimForm(
      "high watermark PARTITION [on NODE] is MEASURE", "high watermark orders/0 is 5",
      "As the leader knows it, or a node."
    ) { .highWatermark($0.partition, on: $0.nodes.first, $0.measure) },
    ClaimForm(
      "log end PARTITION [on NODE] is MEASURE", "log end orders/0 on n3 is at most 4", "The offset of the next record."
    ) { .logEnd($0.partition, on: $0.nodes.first, $0.measure) },
    ClaimForm("in-sync PARTITION is NODES", "in-sync orders/0 is n1 n2", "The in-sync set, in any order.") {
      .inSync($0.partition, $0.nodes)
    },
    ClaimForm(
      "PARTITION has MEASURE records [on NODE]", "orders/0 has 3 records on n2", "Of the leader's log, or a node's."
    ) {
      .records($0.partition, on: $0.nodes.first, $0.measure)
    },
    ClaimForm(
      "PARTITION holds TEXT MEASURE times", "orders/0 holds bibimbap 1 time",
      "How often, without what was aborted or is open."
    ) { .holds($0.partition, text: $0.text, $0.measure) },
    ClaimForm(
      "no duplicates in TEXT", "no duplicates in orders",
      "No record of a topic twice, without what was aborted or is open."
    ) { .noDuplicates(topic: $0.text) },
    ClaimForm(
      "last stable offset PARTITION is MEASURE", "last stable offset orders/0 is 4",
      "How far readers of committed records may read."
    ) { .lastStable($0.partition, $0.measure) },
    ClaimForm("transaction TEXT is open", "transaction kitchen is open", "A transactional id's latest: not decided.") {
      .transaction($0.text, .open)
    },
    ClaimForm("transaction TEXT is committed", "transaction kitchen is committed", "Decided: what it wrote counts.") {
      .transaction($0.text, .committed)
    },
    ClaimForm("transaction TEXT is aborted", "transaction kitchen is aborted", "Decided: it does not.") {
      .transaction($0.text, .aborted)
    },
    ClaimForm("NODE is up", "n2 is up", "It runs.") { .node($0.node, .up) },
    ClaimForm("NODE is down", "n2 is down", "It has crashed.") { .node($0.node, .down) },
    ClaimForm("NODE is paused", "n2 is paused", "Its process is stopped.") { .node($0.node, .paused) },
    ClaimForm("topic TEXT exists", "topic orders exists", "The cluster knows the topic.") { .topicExists($0.text) },
    ClaimForm(
      "NODE consumed MEASURE records [of PARTITION]", "c1 consumed at least 3 records",
      "How many records a client was given."
    ) { .consumedCount($0.node, $0.partitions.first, $0.measure) },
    ClaimForm(
      "NODE consumed TEXT before TEXT", "c1 consumed order before cancel",
      "A client was given both, by one reader, and this one first."
    ) { .consumedBefore($0.node, first: $0.text, then: $0.texts.last ?? "") },
    ClaimForm("NODE consumed TEXT", "c1 consumed bibimbap", "A client was given a record with this value.") {
      .consumed($0.node, $0.text)
    },
    ClaimForm(
      "NODE produced TEXT before TEXT", "c1 produced order before cancel",
      "A producer was told that both are written, and of this one first."
    ) { .producedBefore($0.node, first: $0.text, then: $0.texts.last ?? "") },
    ClaimForm(
      "group GROUP has MEASURE members", "group kitchen has 2 members", "How many members its coordinator counts."
    ) { .groupMembers($0.text, $0.measure) },
    ClaimForm(
      "group GROUP lag is MEASURE", "group kitchen lag is 0", "Readable records that it has not committed, in all."
    ) { .groupLag($0.text, $0.measure) },
    ClaimForm(
      "group GROUP owns PARTITIONS", "group kitchen owns orders/0 orders/1", "Each is read by a live member."
    ) { .groupOwns($0.text, $0.partitions) },
    ClaimForm(
      "NODE owns MEASURE partitions in GROUP", "c4 owns 0 partitions in kitchen", "How large a member's share is."
    ) { .ownsCount($0.node, $0.measure, group: $0.text) },
    ClaimForm(
      "NODE owns PARTITIONS in GROUP", "c2 owns orders/0 orders/1 in kitchen", "A live member reads at least these."
    ) { .owns($0.node, $0.partitions, group: $0.text) },
    ClaimForm(
      "window TEXT of STREAM is MEASURE", "window Mapo@60s of pulse is 3",
      "What a stream application told last of a key and a window; 0 when nothing."
    ) { .window($0.text, stream: $0.texts.last ?? "", $0.measure) },
    ClaimForm(
      "compared TEXT of SYSTEM is MEASURE", "compared lost of careful is at least 1",
      "What compare counted last: delivered, half-applied, by-hand, lost and so on."
    ) { .compared($0.text, of: $0.texts.last ?? "", $0.measure) },
  ]

  /// Of the delivery engine.
  private static let deliveries: [ClaimForm] = [
    ClaimForm("order NUMBER delivered once", "order 9 delivered once", "One rider handed it over, one time.") {
      .delivery(.orderDeliveredOnce($0.measure.number))
    },
    ClaimForm("order NUMBER is held", "order 9 is held", "It stands still behind a record nobody understood.") {
      .delivery(.orderHeld($0.measure.number))
    },
    ClaimForm("order NUMBER has rider NUMBER", "order 9 has rider 1", "Who brings it.") {
      .delivery(.orderHasRider($0.measure.number, $0.measures.last?.number ?? 0))
    },
    ClaimForm("order NUMBER is TEXT", "order 9 is cancelled", "Its state, as its log folds to.") {
      .delivery(.orderIs($0.measure.number, $0.text))
    },
    ClaimForm("party NUMBER is TEXT", "party 4 is delivered", "Its state, as its log folds to.") {
      .delivery(.partyIs($0.measure.number, $0.text))
    },
    ClaimForm("party NUMBER has rider NUMBER", "party 4 has rider 1", "Who brings all of it.") {
      .delivery(.partyHasRider($0.measure.number, $0.measures.last?.number ?? 0))
    },
    ClaimForm("party NUMBER was ready MEASURE times", "party 4 was ready 1 time", "How often it said that all is.") {
      .delivery(.partyReady($0.measure.number, $0.measures.last ?? $0.measure))
    },
    ClaimForm("party NUMBER got MEASURE back", "party 4 got 9000 back", "What of the payment went back, in won.") {
      .delivery(.partyRefunded($0.measure.number, $0.measures.last ?? $0.measure))
    },
    ClaimForm(
      "party NUMBER plan is acknowledged", "party 4 plan is acknowledged", "The rider's phone has the newest plan."
    ) { .delivery(.partyPlanHeard($0.measure.number)) },
    ClaimForm("rider NUMBER is idle", "rider 1 is idle", "Free to take a delivery.") {
      .delivery(.riderIdle($0.measure.number))
    },
    ClaimForm("no double assignment", "no double assignment", "No rider ever had two deliveries at once.") { _ in
      .delivery(.noDoubleAssignment)
    },
    ClaimForm("no order lost", "no order lost", "What was accepted into the log of commands has a history.") { _ in
      .delivery(.noOrderLost)
    },
    ClaimForm("views agree", "views agree", "Every device shows what the log says of orders that are over.") { _ in
      .delivery(.viewsAgree)
    },
    ClaimForm("read model is MEASURE behind", "read model is 0 behind", "Entries that it has not applied.") {
      .delivery(.readModelBehind($0.measure))
    },
    ClaimForm("order NUMBER was estimated again", "order 9 was estimated again", "Its kitchen named another time.") {
      .delivery(.orderEstimated($0.measure.number))
    },
    ClaimForm("read model agrees", "read model agrees", "Every row is a fold of the log up to the checkpoint.") { _ in
      .delivery(.readModelAgrees)
    },
  ]

  /// The form without brackets: every way to take or leave what they hold.
  var variants: [[String]] {
    var variants: [[String]] = [[]]
    var rest = form[...]
    while let open = rest.firstIndex(of: "["), let close = rest.firstIndex(of: "]") {
      let before = rest[..<open].split(separator: " ").map(String.init)
      let optional = rest[rest.index(after: open)..<close].split(separator: " ").map(String.init)
      variants = variants.flatMap { [$0 + before + optional, $0 + before] }
      rest = rest[rest.index(after: close)...]
    }
    return variants.map { $0 + rest.split(separator: " ").map(String.init) }
  }
}

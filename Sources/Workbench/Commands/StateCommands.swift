import ArgumentParser
import Broker
import Clockwork
import Simulation

struct LogCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "Look into the replicas' logs.", subcommands: [Show.self])

  struct Show: BenchCommand {
    static let examples = ["log show", "log show orders/0", "log show orders/0 --max 40 --ascii"]
    static let configuration = help(
      "show", "Show every replica's log side by side.", "A column is a replica, a row an offset. Marks:"
    ).appending(marks.map { "  \(DisplayWidth.padded($0.mark, to: 17))\($0.meaning)" }.joined(separator: "\n"))

    private static let marks: [(mark: String, meaning: String)] = [
      ("leader", "leads, as the cluster has decided"),
      ("in sync", "is in the in-sync set: acks=all waits for it"),
      ("out of sync", "is not, and is not waited for"),
      ("to lead", "has been chosen, and has not yet heard of it"),
      ("still leads, e0", "takes itself for the leader of epoch 0, which is over"),
      ("paused", "its process stands still"),
      ("down (disk)", "its process is dead; this is what its disk holds"),
      ("HW", "its high watermark: what stands above is committed"),
      ("LSO", "its last stable offset: here an open transaction begins"),
      ("LEO", "its log end offset: here its next record goes"),
      ("e0", "the leader epoch in which the record was written"),
      ("p1000", "written in a transaction by the producer with this id"),
      ("(commit) (abort)", "a marker: how that producer's transaction ended"),
      ("≠", "the record differs from the leader's at that offset"),
    ]

    @ArgumentParser.Argument(help: ArgumentHelp("A topic or a partition; all of them unless said.", valueName: "place"))
    var place: PlaceName?

    @Option(help: ArgumentHelp("How many of the last offsets.", valueName: "count"))
    var max = 12

    @Flag(help: "Only characters of ASCII.")
    var ascii = false

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      _ = try bench.needImage()
      if let place {
        _ = try bench.needTopic(place.topic)
        if let index = place.index { _ = try bench.needPartition(PartitionName(place.topic, index)) }
      }
      return try tables(WorldFacts(bench), bench)
    }

    func tables(_ facts: some ReadableFacts, _ bench: Bench) throws(Refusal) -> Answer {
      guard (1...1000).contains(max) else {
        throw Refusal("--max \(max) is out of bounds.", expected: "Expected 1 to 1000.", attempt: Self.examples[2])
      }
      let shown = (facts.partitions ?? []).filter { partition in
        place.map { $0.topic == partition.name.topic && ($0.index ?? partition.name.index) == partition.name.index }
          ?? !partition.name.isInternal
      }
      guard !shown.isEmpty else { return Answer(.done, ["No topics. Try: topic create orders"]) }
      var lines: [Line] = []
      for partition in shown {
        if !lines.isEmpty { lines.append("") }
        lines += facts.table(of: partition, most: max).lines(width: bench.width, isASCII: ascii || bench.isASCII)
      }
      return Answer(.done, lines)
    }
  }
}

extension ReadableFacts {
  func table(of partition: PartitionFact, most: Int) -> ReplicaTable {
    let replicas = replicas(of: partition.name)
    let last = replicas.map(\.end).max() ?? 0
    let columns = replicas.map { replica in
      ReplicaTable.Column(
        node: replica.node, role: role(replica, partition), isUp: replica.condition != .down, start: replica.start,
        end: replica.end, highWatermark: replica.highWatermark, lastStable: replica.lastStable,
        records: records(from: max(0, last - Int64(most)), count: most, of: partition.name, on: replica.node).map {
          ReplicaTable.Record(offset: $0.offset, epoch: $0.fact.epoch, text: $0.fact.label)
        })
    }
    let leader = partition.leader.map { "leader \($0)" } ?? "no leader"
    return ReplicaTable(
      title: "\(partition.name) · \(leader), epoch \(partition.epoch) · in sync \(list(partition.inSync))",
      columns: columns, leader: partition.leader, most: most)
  }

  private func role(_ replica: ReplicaFact, _ partition: PartitionFact) -> String {
    switch replica.condition {
    case .down: return "down (disk)"
    case .paused: return "paused"
    case .up: break
    }
    // What the node believes shows when it differs from what the cluster has decided.
    if let epoch = replica.leadsIn {
      return partition.leader == replica.node && epoch == partition.epoch ? "leader" : "still leads, e\(epoch)"
    }
    if partition.leader == replica.node { return "to lead" }
    return partition.inSync.contains(replica.node) ? "in sync" : "out of sync"
  }
}

struct QuorumCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quorum", abstract: "Look at the controller quorum.", subcommands: [Show.self])

  struct Show: BenchCommand {
    static let examples = ["quorum show"]
    static let configuration = help(
      "show", "Show each voter's role, epoch and metadata log.",
      "The controller's decisions are a replicated log of their own, committed by a majority (KIP-595). The active controller is the quorum's leader."
    )

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needCluster()
      var table = TextTable(["node", "role", "epoch", "leader", "log end", "committed"])
      for id in bench.brokers {
        let end = bench.world.withDisk(id) { $0.quorum.log.endOffset } ?? 0
        let name = Line.Span(id.description, .node(Int(id.rawValue)))
        let row = bench.world.withBroker(id) { broker in
          [
            name, Line.Span(bench.status(id) == .paused ? "paused" : broker.quorum.roleName),
            Line.Span(broker.quorum.epoch.description), Line.Span(broker.quorum.leader?.description ?? "none"),
            Line.Span(String(end)), Line.Span(String(broker.quorum.highWatermark)),
          ]
        }
        table.add(
          row ?? [name, Line.Span("down", .bad), Line.Span(""), Line.Span(""), Line.Span(String(end)), Line.Span("")])
      }
      return Answer(.done, table.lines)
    }
  }
}

struct RulesCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "Switch the rules of replication, to see what each guards against.",
    subcommands: [Show.self, Set.self])

  struct Show: BenchCommand {
    static let examples = ["rules show"]
    static let configuration = help("show", "Show the rules in force and what each does.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needCluster()
      var table = TextTable(["rule", "is", "what it does"])
      let rules = bench.rules
      for rule in RuleName.all {
        let value = rule.value(rules)
        table.add([
          Line.Span(rule.name), Line.Span(value, value == rule.value(.kafka) ? .plain : .bad),
          Line.Span(DisplayWidth.fitting(rule.about, in: max(20, bench.width - 34))),
        ])
      }
      return Answer(.done, table.lines)
    }
  }

  struct Set: BenchCommand {
    static let examples = ["rules set truncation hw", "rules set min-in-sync off", "rules set truncation kip320"]
    static let changesWorld = true
    static let configuration = help(
      "set", "Switch a rule on every broker, to re-enact the bug that it mended.",
      "Rules are on or off; truncation is hw, kip101, kip279 or kip320 (what Kafka does today).")

    @ArgumentParser.Argument(help: ArgumentHelp("The rule.", valueName: "rule"))
    var name: String

    @ArgumentParser.Argument(help: ArgumentHelp("on, off, or the name of a way to truncate.", valueName: "value"))
    var value: String

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needCluster()
      guard let rule = RuleName.all.first(where: { $0.name == name }) else {
        let names = RuleName.all.map(\.name)
        throw Refusal(
          "No rule \(name).",
          expected: Refusal.didYouMean(name, among: names) ?? "Rules: \(names.joined(separator: " ")).",
          attempt: "rules show")
      }
      var rules = bench.rules
      guard rule.set(value, &rules) else {
        throw Refusal(
          "\(name) cannot be \(value).", expected: "Expected \(Refusal.list(rule.values, last: "or")).",
          attempt: "rules show")
      }
      for id in bench.brokers {
        guard case .broker(var setup)? = bench.world.setup(of: id) else { continue }
        setup.rules = rules
        bench.apply(.reconfigure(id, .broker(setup)))
      }
      return Answer(.done, [Line("\(name) is \(rule.value(rules)) on every broker.")])
    }
  }
}

extension Bench {
  /// The rules of the first broker; all have the same.
  var rules: ReplicationRules {
    guard let first = brokers.first, case .broker(let setup)? = timeline.world.setup(of: first) else { return .kafka }
    return setup.rules
  }
}

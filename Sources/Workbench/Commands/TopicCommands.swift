import ArgumentParser
import Broker
import Clockwork
import RecordLog
import Simulation

struct TopicCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "topic", abstract: "Create topics, change them, elect leaders.",
    subcommands: [Create.self, List.self, Show.self, Delete.self, Config.self, Elect.self, Producers.self])

  struct Create: BenchCommand {
    static let examples = [
      "topic create orders", "topic create orders --partitions 3 --replication 3",
      "topic create orders --config min.insync.replicas=2",
    ]
    static let changesWorld = true
    static let configuration = help(
      "create", "Create a topic.",
      "The controller places the replicas. The command returns when the decision is committed by a majority and known to the client's broker."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("The topic's name.", valueName: "name"))
    var name: String

    @Option(name: [.long, .customShort("p")], help: ArgumentHelp("How many partitions.", valueName: "count"))
    var partitions: Int32 = 1

    @Option(
      name: [.long, .customShort("r")],
      help: ArgumentHelp("How many replicas of each; every broker, up to 3, unless said.", valueName: "count"))
    var replication: Int16?

    @Option(
      name: [.long, .customShort("c")],
      help: ArgumentHelp("A setting by Kafka's name. May be given several times.", valueName: "setting"))
    var config: [SettingArgument] = []

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needCluster()
      let request = ControllerRequest.createTopic(
        name: name, partitions: partitions, replication: replication ?? Int16(min(3, bench.brokers.count)),
        config: config.map { TopicSetting($0.key, $0.value) })
      return try bench.administer(request, errand) { bench in
        let topic = bench.image?.topic(named: name)
        return topic.map { TopicLines.summary($0) } ?? [Line("Topic \(name) is created.")]
      }
    }
  }

  struct List: BenchCommand {
    static let examples = ["topic list"]
    static let configuration = help("list", "List the topics.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needCluster()
      let topics = try bench.needImage().topics.filter { !$0.name.hasPrefix("__") }.sorted { $0.name < $1.name }
      guard !topics.isEmpty else { return Answer(.done, ["No topics. Try: topic create orders"]) }
      var table = TextTable(["topic", "partitions", "replicas", "settings"])
      for topic in topics {
        let settings = topic.config.overrides.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        table.add([
          topic.name, String(topic.partitions.count), String(topic.partitions.first?.replicas.count ?? 0), settings,
        ])
      }
      return Answer(.done, table.lines)
    }
  }

  struct Show: BenchCommand {
    static let examples = ["topic show orders"]
    static let configuration = help("show", "Show a topic's partitions: leader, epoch, replicas, in-sync set.")

    @ArgumentParser.Argument(help: ArgumentHelp("The topic.", valueName: "topic"))
    var name: String

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let topic = try bench.needTopic(name)
      return Answer(.done, TopicLines.whole(topic, bench))
    }
  }

  struct Delete: BenchCommand {
    static let examples = ["topic delete orders"]
    static let changesWorld = true
    static let configuration = help("delete", "Delete a topic and its records.")

    @ArgumentParser.Argument(help: ArgumentHelp("The topic.", valueName: "topic"))
    var name: String

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      _ = try bench.needTopic(name)
      return try bench.administer(.deleteTopic(name: name), errand) { _ in [Line("Topic \(name) is deleted.")] }
    }
  }

  struct Config: BenchCommand {
    static let examples = [
      "topic config orders min.insync.replicas=2", "topic config orders unclean.leader.election.enable=true",
    ]
    static let changesWorld = true
    static let configuration = help(
      "config", "Change a topic's settings, or show them.",
      "Without a setting it shows those in force. An empty value (min.insync.replicas=) restores the default.")

    @ArgumentParser.Argument(help: ArgumentHelp("The topic.", valueName: "topic"))
    var name: String

    @ArgumentParser.Argument(help: ArgumentHelp("Settings by Kafka's names.", valueName: "setting"))
    var settings: [SettingArgument] = []

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let topic = try bench.needTopic(name)
      guard !settings.isEmpty else {
        let lines = TopicConfig.defaults.map { setting in
          Line("  \(setting.key)=\(topic.config[setting.key] ?? setting.value)")
        }
        return Answer(.done, lines)
      }
      var lines: [Line] = []
      for setting in settings {
        let value = setting.value.isEmpty ? nil : setting.value
        let answer = try bench.administer(.alterConfig(topic: name, key: setting.key, value: value), errand) { _ in
          [Line("\(name): \(setting.key) is \(value ?? "the default again").")]
        }
        lines += answer.lines
        guard answer.outcome == .done else { return Answer(answer.outcome, lines) }
      }
      return Answer(.done, lines)
    }
  }

  struct Elect: BenchCommand {
    static let examples = ["topic elect orders/0", "topic elect orders/0 --unclean"]
    static let changesWorld = true
    static let configuration = help(
      "elect", "Elect a partition's leader: the preferred replica.",
      "With --unclean, when nobody in sync is alive, any live replica is taken. What it has not replicated is then lost, acknowledged or not (KIP-460)."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("The partition.", valueName: "partition"))
    var partition: PartitionName

    @Flag(help: "Take any live replica, in sync or not.")
    var unclean = false

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let id = try bench.needPartition(partition)
      return try bench.administer(.electLeader(id, unclean: unclean), errand) { bench in
        guard let state = bench.image?.partition(id), let leader = state.leader else {
          return [Line("The controller has decided about \(partition).")]
        }
        return [Line("\(leader) leads \(partition) in epoch \(state.leaderEpoch).")]
      }
    }
  }
}

/// A topic on paper.
enum TopicLines {
  static func summary(_ topic: TopicImage) -> [Line] {
    let count = topic.partitions.count
    var lines = [Line("Topic \(topic.name) has \(count) \(count == 1 ? "partition" : "partitions").")]
    for (index, partition) in topic.partitions.prefix(9).enumerated() {
      let leader = partition.leader.map { "leader \($0)" } ?? "no leader"
      lines.append(Line("  \(topic.name)/\(index): \(leader), replicas \(list(partition.replicas))"))
    }
    if count > 9 { lines.append(Line("  and \(count - 9) more", .faint)) }
    return lines
  }

  static func whole(_ topic: TopicImage, _ bench: Bench) -> [Line] {
    var table = TextTable(["partition", "leader", "epoch", "replicas", "in sync", "eligible"])
    var legend: [String] = []
    for (index, partition) in topic.partitions.enumerated() {
      let doubt = doubt(partition, PartitionID(topic.id, Int32(index)), bench)
      if let doubt, !legend.contains(doubt.meaning) { legend.append(doubt.meaning) }
      table.add([
        Line.Span("\(topic.name)/\(index)"),
        leader(partition, bench),
        Line.Span(partition.leaderEpoch.description + (doubt.map { " " + $0.word } ?? "")),
        Line.Span(list(partition.replicas)), Line.Span(list(partition.inSync)), Line.Span(list(partition.eligible)),
      ])
    }
    let settings = topic.config.overrides.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    let meanings = legend.flatMap { Wrapping.lines($0, columns: bench.width, indent: 2) }.map { Line($0, .faint) }
    return table.lines + meanings + (settings.isEmpty ? [] : [Line("settings: \(settings)", .faint)])
  }

  /// Why this leader may lack committed records: somebody insisted, or it was the best that there was (KIP-966).
  private static func doubt(
    _ state: PartitionState, _ id: PartitionID, _ bench: Bench
  ) -> (word: String, meaning: String)? {
    guard state.electedUncleanly else { return nil }
    let reigns = bench.chronicle?.reigns.filter { $0.partition == id && $0.epoch < state.leaderEpoch.rawValue } ?? []
    if let before = reigns.max(by: { $0.epoch < $1.epoch }), before.leader == state.leader {
      return (
        "last leader",
        "last leader: nobody in sync or eligible was left, so who led last leads again; its disk may have lost records."
      )
    }
    return ("unclean", "unclean: this leader was not in sync when it was elected; what it did not have is lost.")
  }

  /// The cluster may not have noticed yet that its leader is gone.
  private static func leader(_ partition: PartitionState, _ bench: Bench) -> Line.Span {
    guard let leader = partition.leader else { return Line.Span("none", .bad) }
    let state = bench.status(leader)
    return state == .up
      ? Line.Span(leader.description, .node(Int(leader.rawValue))) : Line.Span("\(leader) (\(state.rawValue))", .bad)
  }
}

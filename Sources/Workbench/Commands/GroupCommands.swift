import ArgumentParser
import Broker
import Clockwork
import Simulation

struct GroupCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "group", abstract: "Let clients consume as a group.",
    subcommands: [Join.self, Leave.self, Show.self, Read.self])

  struct Join: BenchCommand {
    static let examples = ["group join kitchen orders", "group join kitchen orders riders --client c2"]
    static let changesWorld = true
    static let configuration = help(
      "join", "Let a client join a consumer group.",
      "The members share the topics' partitions; each reads its share as time passes and commits how far it is. The command returns when the client has its share."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("The group's name.", valueName: "group"))
    var group: String

    @ArgumentParser.Argument(help: ArgumentHelp("What it reads.", valueName: "topic"))
    var topics: [String]

    @Option(help: ArgumentHelp("The client that joins.", valueName: "client"))
    var client = NodeID.client(1)

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      for topic in topics { _ = try bench.needTopic(topic) }
      try bench.needClient(client)
      let ticket = bench.newTicket()
      bench.command(client, .subscribe(ticket, group: group, topics: topics))
      return bench.waitFor(ticket, of: client, errand) { bench, outcome in
        guard case .joined = outcome else { return OutcomeLines.answer(outcome, bench, acks: .all) }
        let share = bench.subscription(client, group)?.member.partitions ?? []
        let text = share.isEmpty ? "no partition" : share.map(\.description).joined(separator: " ")
        return Answer(.done, [Line("\(client) is in \(group) and reads \(text).")])
      }
    }
  }

  struct Leave: BenchCommand {
    static let examples = ["group leave kitchen", "group leave kitchen --client c2"]
    static let changesWorld = true
    static let configuration = help("leave", "Let a client leave a group; the others take over its share.")

    @ArgumentParser.Argument(help: ArgumentHelp("The group's name.", valueName: "group"))
    var group: String

    @Option(help: ArgumentHelp("The client that leaves.", valueName: "client"))
    var client = NodeID.client(1)

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needClient(client)
      _ = try bench.needSubscription("leave", client, group)
      let ticket = bench.newTicket()
      bench.command(client, .unsubscribe(ticket, group: group))
      return bench.waitFor(ticket, of: client, errand) { OutcomeLines.answer($1, $0, acks: .all) }
    }
  }

  struct Show: BenchCommand {
    static let examples = ["group show kitchen"]
    static let changesWorld = true
    static let configuration = help(
      "show", "Ask a group's coordinator for its members, shares, committed offsets and lag.",
      "Committed is the offset of the next record to read; end is the high watermark; lag is what lies between. This is a question to the cluster, so it takes time, and fails when the coordinator cannot be reached."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("The group's name.", valueName: "group"))
    var group: String

    @Option(help: ArgumentHelp("The client that asks.", valueName: "client"))
    var client = NodeID.client(1)

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needClient(client)
      var summary = Line()
      var members: [DescribedMember] = []
      var offsets: [GroupOffset] = []
      for request in [GroupRequest.describe(group: group), .fetchOffsets(group: group, partitions: [])] {
        let ticket = bench.newTicket()
        bench.command(client, .askGroup(ticket, request))
        let answer = bench.waitFor(ticket, of: client, errand) { bench, outcome in
          switch outcome {
          case .group(.described(let described), _) where described.state == "Dead":
            return Answer(.failed, [Line("There is no group \(group). Try: group join \(group) orders", .bad)])
          case .group(.described(let described), let by):
            summary = Line("\(group): \(described.state), generation \(described.generation), coordinator \(by)")
            members = described.members
          case .group(.offsets(let told), _): offsets = told
          default: return OutcomeLines.answer(outcome, bench, acks: .all)
          }
          return Answer()
        }
        guard answer.outcome == .done else { return answer }
      }
      return Answer(.done, [summary] + GroupTable(members, offsets, WorldFacts(bench)).lines)
    }
  }

  struct Read: BenchCommand {
    static let examples = ["group read kitchen", "group read kitchen --client c2 --max 5"]
    static let configuration = help(
      "read", "Show what a member has received, in the order in which it did.",
      "It changes nothing and takes no time. What a client has received is in its memory: a crash or leaving the group wipes it out."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("The group's name.", valueName: "group"))
    var group: String

    @Option(help: ArgumentHelp("The member.", valueName: "client"))
    var client = NodeID.client(1)

    @Option(help: ArgumentHelp("Show the last ones, no more than this.", valueName: "count"))
    var max = 20

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needCluster()
      guard (1...Subscription.memory).contains(max) else {
        throw Refusal(
          "--max \(max) is out of bounds.", expected: "Expected 1 to \(Subscription.memory).", attempt: Self.examples[1]
        )
      }
      let subscription = try bench.needSubscription("read", client, group)
      let shown = subscription.received.suffix(max)
      guard !shown.isEmpty else {
        return Answer(.done, [Line("\(client) has received nothing for \(group) yet.", .faint)])
      }
      var table = TextTable(["partition", "offset", "record"])
      for received in shown {
        let fact = ConsumedFact(client: client, PartitionName(received.partition), received.record)
        table.add([fact.partition.description, String(fact.offset), fact.text])
      }
      var lines = table.lines
      let earlier = subscription.receivedCount - shown.count
      if earlier > 0 { lines.insert(Line("… \(earlier) earlier", .faint), at: 1) }
      return Answer(.done, lines)
    }
  }
}

/// A group's shares and how far it has read them, a row a partition.
private struct GroupTable {
  var lines: [Line]

  init(_ members: [DescribedMember], _ offsets: [GroupOffset], _ facts: WorldFacts) {
    var table = TextTable(["member", "partition", "committed", "end", "lag"])
    var lag: Int64 = 0
    func add(_ owner: String, _ partitions: [TopicPartition]) {
      for (place, partition) in partitions.enumerated() {
        let committed = offsets.first { $0.partition == partition }?.offset
        let range = facts.readable(PartitionName(partition))
        let rest = range.map { Swift.max(0, $0.upperBound - (committed ?? $0.lowerBound)) }
        lag += rest ?? 0
        table.add([
          place == 0 ? owner : "", partition.description, committed.map { String($0) } ?? "none",
          range.map { String($0.upperBound) } ?? "?", rest.map { String($0) } ?? "?",
        ])
      }
    }
    var owned: [TopicPartition] = []
    for member in members.sorted(by: { $0.client < $1.client }) {
      let share = (try? ConsumerProtocol.assignment(from: member.assignment)) ?? []
      owned += share
      if share.isEmpty { table.add([member.client, "none"]) } else { add(member.client, share.sorted()) }
    }
    add("nobody", offsets.map(\.partition).filter { !owned.contains($0) })
    lines = table.lines + [Line("The group is \(counted(Int(lag), "record")) behind.")]
  }
}

extension Bench {
  func subscription(_ client: NodeID, _ group: String) -> Subscription? {
    timeline.world.withClient(client) { $0.subscriptions.first { $0.member.setup.group == group } } ?? nil
  }

  /// `verb` is what is to be done with it: the refusal names a member with which it can be.
  func needSubscription(_ verb: String, _ client: NodeID, _ group: String) throws(Refusal) -> Subscription {
    if let subscription = subscription(client, group) { return subscription }
    let what = "\(client) is not in \(group)."
    guard let named = groups.contains(group) ? group : Nearest.to(group, among: groups).first ?? groups.first else {
      throw Refusal(what, expected: "No client is in any group.", attempt: "group join \(group) orders")
    }
    let members = clients.filter { subscription($0, named) != nil }.map(\.description)
    throw Refusal(
      what, expected: "In \(named): \(members.joined(separator: " ")).",
      attempt: "group \(verb) \(named) --client \(members.first ?? "c1")")
  }

  /// The groups that clients are in, by name.
  var groups: [String] {
    let names = clients.flatMap { id in
      timeline.world.withClient(id) { $0.subscriptions.map(\.member.setup.group) } ?? []
    }
    return Set(names).sorted()
  }
}

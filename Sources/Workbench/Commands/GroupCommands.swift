import ArgumentParser
import Broker
import Clockwork
import Simulation

struct GroupCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "group", abstract: "Let clients consume as a group.", subcommands: [Join.self, Leave.self, Show.self])

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
      guard bench.subscription(client, group) != nil else {
        let groups = bench.groups
        let hint = groups.isEmpty ? "No client is in any group." : "Groups: \(groups.joined(separator: " "))."
        throw Refusal("\(client) is not in \(group).", expected: hint, attempt: "group join \(group) orders")
      }
      let ticket = bench.newTicket()
      bench.command(client, .unsubscribe(ticket, group: group))
      return bench.waitFor(ticket, of: client, errand) { OutcomeLines.answer($1, $0, acks: .all) }
    }
  }

  struct Show: BenchCommand {
    static let examples = ["group show kitchen"]
    static let changesWorld = true
    static let configuration = help(
      "show", "Ask a group's coordinator for its members, shares and committed offsets.",
      "This is a question to the cluster, so it takes time, and fails when the coordinator cannot be reached.")

    @ArgumentParser.Argument(help: ArgumentHelp("The group's name.", valueName: "group"))
    var group: String

    @Option(help: ArgumentHelp("The client that asks.", valueName: "client"))
    var client = NodeID.client(1)

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needClient(client)
      var lines: [Line] = []
      for request in [GroupRequest.describe(group: group), .fetchOffsets(group: group, partitions: [])] {
        let ticket = bench.newTicket()
        bench.command(client, .askGroup(ticket, request))
        let answer = bench.waitFor(ticket, of: client, errand) { OutcomeLines.answer($1, $0, acks: .all) }
        lines += answer.lines
        guard answer.outcome == .done else { return Answer(answer.outcome, lines) }
      }
      return Answer(.done, lines)
    }
  }
}

extension Bench {
  func subscription(_ client: NodeID, _ group: String) -> Subscription? {
    timeline.world.withClient(client) { $0.subscriptions.first { $0.member.setup.group == group } } ?? nil
  }

  /// The groups that clients are in, by name.
  var groups: [String] {
    let names = clients.flatMap { id in
      timeline.world.withClient(id) { $0.subscriptions.map(\.member.setup.group) } ?? []
    }
    return Set(names).sorted()
  }
}

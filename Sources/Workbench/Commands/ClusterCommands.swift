import ArgumentParser
import Broker
import Clockwork
import Simulation

struct ClusterCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster", abstract: "Start brokers and look at them.", subcommands: [Start.self, Show.self])

  struct Start: BenchCommand {
    static let examples = ["cluster start", "cluster start 5", "cluster start 3 --replica-lag-max 2s"]
    static let changesWorld = true
    static let configuration = help(
      "start", "Start a cluster of brokers named n1, n2, …",
      "Every broker is also a voter of the controller quorum, so no node is special. The command returns when a controller is elected and every broker is registered."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("How many brokers, 1 to 9.", valueName: "count"))
    var count = 3

    @Option(
      help: ArgumentHelp(
        "replica.lag.time.max.ms: how long a follower may lag before it leaves the in-sync set.", valueName: "time"))
    var replicaLagMax: Interval?

    @Option(
      help: ArgumentHelp(
        "broker.session.timeout.ms: how long the controller waits for a silent broker.", valueName: "time"))
    var sessionTimeout: Interval?

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      guard bench.brokers.isEmpty else {
        throw Refusal(
          "There is a cluster already: \(list(bench.brokers)).", expected: "One bench holds one cluster.",
          attempt: "cluster show")
      }
      guard (1...9).contains(count) else {
        throw Refusal(
          "A cluster of \(count) cannot be drawn.", expected: "Expected 1 to 9.", attempt: "cluster start 3")
      }
      let voters = (1...Int32(count)).map { NodeID($0) }
      var setup = BrokerSetup(voters: voters)
      if let replicaLagMax { setup.replicaLagMax = replicaLagMax }
      if let sessionTimeout { setup.sessionTimeout = sessionTimeout }
      for id in voters { bench.boot(id, setup) }
      // The client is there from the start, so that cutting all links of a node cuts those to the client too.
      try bench.needClient(.client(1))
      let end = bench.run(within: .seconds(30), errand) { bench in
        bench.image.map { $0.liveBrokers.count == voters.count } ?? false
      }
      let names = list(voters)
      switch end {
      case .happened:
        let controller = bench.controller.map { "\($0) is the controller" } ?? "no controller yet"
        return Answer(.done, [Line("\(names) are up; \(controller). It is \(bench.now).")])
      case .cancelled: return .interrupted(bench)
      case .never:
        return Answer(.failed, [Line("\(names) are up, but not all registered within 30s. Try: cluster show", .bad)])
      }
    }
  }

  struct Show: BenchCommand {
    static let examples = ["cluster show"]
    static let configuration = help("show", "Show every node: is it up, what does it lead, what is its clock?")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needCluster()
      var table = TextTable(["node", "state", "registered", "leads", "clock"])
      let image = bench.image
      for id in bench.brokers + bench.clients + bench.engines {
        let state = bench.status(id)
        let registered =
          !id.isBroker ? "" : image.map { $0.isLive(id) ? "yes" : $0.broker(id) == nil ? "no" : "fenced" } ?? "?"
        let leads = image.map { bench.partitions(led: id, by: $0).joined(separator: " ") } ?? ""
        let role = bench.controller == id ? "controller" : ""
        let duties = [role, leads].filter { !$0.isEmpty }.joined(separator: ", ")
        table.add([
          Line.Span(id.description, !id.isBroker ? .strong : .node(Int(id.rawValue))),
          Line.Span(state.rawValue, state == .up ? .good : state == .down ? .bad : .doubtful),
          Line.Span(registered), Line.Span(duties), Line.Span(bench.clockText(of: id)),
        ])
      }
      return Answer(.done, table.lines + [Line(bench.placeText, .faint)])
    }
  }
}

/// `n1 n2 n3`.
func list(_ nodes: [NodeID]) -> String { nodes.map(\.description).joined(separator: " ") }

import ArgumentParser
import Broker
import BrokerServer
import Clockwork
import Foundation

struct LiveCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "live", abstract: "Run a cluster in real time, for kcat and any other Kafka client.",
    subcommands: [Start.self, Status.self, Stop.self])

  /// A command about the live cluster itself, carried out whether one runs or not.
  protocol Member: BenchCommand {}

  struct Start: Member {
    static let examples = ["live start", "live start --nodes 3 --port 9092", "live start --port 0 --anew"]
    static let configuration = help(
      "start", "Start brokers that real clients can talk to, each on its own port.",
      "They live in this process, on loopback, in memory and in real time. Until live stop, crash, restart, pause, resume, net cut, cluster show, log show, expect and the like act on them; the simulated world stands still. Nothing that happens to them can be taken back."
    )

    @Option(name: [.long, .customShort("n")], help: ArgumentHelp("How many brokers, 1 to 9.", valueName: "count"))
    var nodes = 3

    @Option(help: ArgumentHelp("The first broker's port; 0 for any free ones.", valueName: "count"))
    var port = 9092

    @Flag(help: "Stop the one that runs first, if one does.")
    var anew = false

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      guard (1...9).contains(nodes) else {
        throw Refusal("--nodes \(nodes) is out of bounds.", expected: "Expected 1 to 9.", attempt: Self.examples[0])
      }
      guard port == 0 || (1...65_536 - nodes).contains(port) else {
        throw Refusal("--port \(port) is no port.", expected: "Expected 1 to 65535, or 0.", attempt: Self.examples[0])
      }
      if anew { bench.stopLive() }
      if let live = bench.live.world {
        throw Refusal(
          "A cluster is live already, at \(live.bootstrap).", expected: "A bench has one.",
          attempt: "live start --anew")
      }
      let live = try LiveWorld.start(nodes: nodes, port: port, seed: bench.seed)
      bench.live.world = live
      let waited = live.wait(.seconds(30), errand) {
        LiveFacts(live).image.map { $0.liveBrokers.count == live.nodes.count } ?? false
      }
      guard waited != .cancelled else {
        bench.stopLive()
        return Answer(.interrupted, [Line("Interrupted; nothing is live.", .doubtful)])
      }
      let ready = waited == .happened ? "are live" : "are started, but not all registered within 30s:"
      return Answer(
        waited == .happened ? .done : .failed,
        [Line("\(list(live.nodes)) \(ready) at \(live.bootstrap).")] + live.invitation
          + [Line("Faults and questions now go to them, until ") + .command("live stop") + Line(".")])
    }
  }

  struct Status: Member {
    static let examples = ["live status"]
    static let configuration = help("status", "Say what is live, and where.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      guard let live = bench.live.world else {
        return Answer(.done, [Line("Nothing is live. Try: ") + .command("live start")])
      }
      return Answer(.done, LiveTables.cluster(live) + live.invitation)
    }
  }

  struct Stop: Member {
    static let examples = ["live stop"]
    static let configuration = help("stop", "Stop the live cluster. What it held is gone with it.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      guard bench.live.world != nil else { throw Refusal("Nothing is live.", attempt: "live start") }
      bench.stopLive()
      return Answer(.done, [Line("The live cluster is stopped. Commands act on the simulated world again.")])
    }
  }

  /// Carries out a command on the live cluster, or says why it cannot be.
  static func carryOut(
    _ command: any BenchCommand, on live: LiveWorld, _ bench: Bench, _ errand: Errand
  ) throws(Refusal) -> Answer {
    if let command = command as? any LiveCommand { return try command.run(on: live, bench, errand) }
    let name = Shell.leaves.first { $0.command == type(of: command) }?.name ?? "This"
    if name.hasPrefix("group ") {
      throw Refusal(
        "\(name) needs a client of the simulated world, and the cluster is live.",
        expected: "Real clients join groups: kcat -G, for one.", attempt: "live status")
    }
    throw Refusal(
      "\(name) belongs to the simulated world, and the cluster is live.",
      expected: "Real time cannot be stopped, gone back in or forked.", attempt: "live stop")
  }
}

import ArgumentParser
import Broker
import Clockwork
import Delivery
import DeliveryEngine
import EventSourcing
import Simulation

struct EngineCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engine", abstract: "The delivery engine: start instances of it and look at them.",
    subcommands: [Start.self, Show.self, Upgrade.self, AutopilotCommand.self])

  struct Start: BenchCommand {
    static let examples = ["engine start", "engine start 2 --autopilot", "engine start 3 --cooking 20s --riding 5s"]
    static let changesWorld = true
    static let configuration = help(
      "start", "Start instances e1, e2, … of the delivery engine on the cluster's brokers.",
      "They create their topics, join one group, share the partitions, and decide what happens to orders. Said again, it adds instances. With --autopilot kitchens and riders act by themselves; otherwise the commands kitchen and rider are theirs."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("How many instances there shall be, 1 to 5.", valueName: "count"))
    var count = 2
    @Flag(help: "Kitchens and riders act by themselves.") var autopilot = false
    @Option(help: ArgumentHelp("How long autopilot's kitchens cook.", valueName: "time")) var cooking: Interval?
    @Option(help: ArgumentHelp("How long autopilot's riders ride.", valueName: "time")) var riding: Interval?
    @Option(help: ArgumentHelp("How many commands one transaction answers at most, 1 to 500.", valueName: "count"))
    var batch: Int?

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needCluster()
      guard (1...5).contains(count) else {
        throw Refusal("\(count) instances are out of bounds.", expected: "Expected 1 to 5.", attempt: "engine start 2")
      }
      try bench.needClient(.client(1))
      if bench.engines.isEmpty { try createTopics(&bench, errand) }
      var setup = bench.engineSetup ?? EngineSetup(client: ClientSetup(bootstrap: bench.brokers))
      if autopilot || cooking != nil || riding != nil {
        setup.settings.autopilot = Autopilot(cooking: cooking ?? .seconds(10), riding: riding ?? .seconds(5))
      }
      if let batch {
        guard (1...500).contains(batch) else {
          throw Refusal("--batch \(batch) is out of bounds.", expected: "Expected 1 to 500.", attempt: Self.examples[0])
        }
        setup.batch = batch
      }
      for n in 1...Int32(count) where bench.world.status(.engine(n)) == nil {
        bench.apply(.boot(.engine(n), .engine(setup)))
      }
      let end = bench.run(within: .seconds(60), errand) { $0.everySeatIsLive }
      let names = bench.engines.map(\.description).joined(separator: " ")
      switch end {
      case .happened:
        return Answer(
          .done,
          [Line("\(names) share \(Topic.inputs.count * Int(bench.enginePartitions)) partitions. It is \(bench.now).")])
      case .cancelled: return .interrupted(bench)
      case .never:
        return Answer(.failed, [Line("\(names) have not taken every partition within 60s. Try: engine show", .bad)])
      }
    }

    private func createTopics(_ bench: inout Bench, _ errand: Errand) throws(Refusal) {
      let replication = Int16(min(3, bench.brokers.count))
      for topic in Topic.allCases {
        let ticket = bench.newTicket()
        let request = topic.creation(partitions: bench.enginePartitions, replication: replication)
        bench.command(.client(1), .administer(ticket, request))
        let answer = bench.waitFor(ticket, of: .client(1), errand) { OutcomeLines.answer($1, $0, acks: .all) }
        guard answer.outcome == .done else {
          throw Refusal(
            "The topic \(topic.name) could not be created.", expected: "All brokers that shall hold it must be up.",
            attempt: "cluster show")
        }
      }
    }
  }

  struct Show: BenchCommand {
    static let examples = ["engine show"]
    static let configuration = help(
      "show", "Show which instance works on which partition, and how far it is.",
      "Folded is how many entries of its log a task was made from; next is the offset of the next command; lag is what lies between."
    )

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needEngine()
      var table = TextTable(["engine", "partition", "state", "folded", "next", "held", "timers"])
      for id in bench.engines {
        let status = bench.status(id)
        guard status == .up else {
          table.add([id.description, "", status.rawValue])
          continue
        }
        let seats = bench.world.withEngine(id) { $0.seats } ?? []
        for (place, seat) in seats.filter({ $0.phase != .parked }).sorted(by: { $0.input < $1.input }).enumerated() {
          let memory = seat.task?.memory
          table.add([
            place == 0 ? id.description : "", seat.input.description, seat.phase.rawValue, String(seat.restoredFrom),
            memory.map { String($0.nextInput) } ?? "", memory.map { String($0.holds.entities.count) } ?? "",
            memory.map { String($0.timers.count) } ?? "",
          ])
        }
        if seats.isEmpty { table.add([id.description, "", "joining"]) }
      }
      return Answer(.done, table.lines + [Line(bench.placeText, .faint)])
    }
  }

  struct Upgrade: BenchCommand {
    static let examples = ["engine upgrade"]
    static let changesWorld = true
    static let configuration = help(
      "upgrade", "Give every instance the next version, which knows the newest vocabulary.",
      "What was held because nobody understood it can be replayed then.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needEngine()
      guard var setup = bench.engineSetup else { throw Refusal("No engine.", attempt: "engine start 2") }
      setup.settings.schema = Envelope.newestSchema
      for id in bench.engines { bench.apply(.reconfigure(id, .engine(setup))) }
      return Answer(.done, [Line("The engine knows version \(Envelope.newestSchema) now.")])
    }
  }

  struct AutopilotCommand: BenchCommand {
    static let examples = ["engine autopilot on", "engine autopilot off"]
    static let changesWorld = true
    static let configuration = help("autopilot", "Let kitchens and riders act by themselves, or by commands only.")

    @ArgumentParser.Argument(help: ArgumentHelp("on or off.", valueName: "state")) var state: String

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needEngine()
      guard state == "on" || state == "off" else {
        throw Refusal("\(state) is neither on nor off.", attempt: "engine autopilot on")
      }
      guard var setup = bench.engineSetup else { throw Refusal("No engine.", attempt: "engine start 2") }
      setup.settings.autopilot = state == "on" ? Autopilot(cooking: .seconds(10), riding: .seconds(5)) : nil
      for id in bench.engines { bench.apply(.reconfigure(id, .engine(setup))) }
      return Answer(
        .done, [Line("Kitchens and riders act \(state == "on" ? "by themselves" : "by commands") from now on.")])
    }
  }
}

extension Bench {
  /// Every input partition has a live task on an instance that is up.
  var everySeatIsLive: Bool {
    for topic in Topic.inputs {
      for partition in 0..<enginePartitions {
        let isLive = engines.contains { id in
          world.withEngine(id) { $0.seat(topic, partition)?.phase == .live } ?? false
        }
        if !isLive { return false }
      }
    }
    return true
  }
}

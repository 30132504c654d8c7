import ArgumentParser
import Broker
import Clockwork
import EventSourcing
import RecordLog

/// Stream applications on topics of the cluster.
struct StreamCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stream", abstract: "Stream applications: windows, joins, what they remember.",
    subcommands: [Count.self, Join.self, Work.self, Show.self, Crash.self, Restart.self, List.self])

  /// Starts one: makes its topics, and puts it on the bench.
  static func start(_ app: StreamApp, _ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    let facts = WorldFacts(bench)
    if bench.apparatus.streams.contains(where: { $0.name == app.name }) || facts.partitions == nil {
      throw Refusal("There is a stream \(app.name) already.", attempt: "stream show \(app.name)")
    }
    for topic in app.ownTopics where bench.image?.topic(named: topic.name) == nil {
      let request = ControllerRequest.createTopic(
        name: topic.name, partitions: app.partitions, replication: Int16(min(3, bench.brokers.count)),
        config: topic.settings)
      let made = try bench.administer(request, errand) { _ in [] }
      guard made.outcome == .done else { return made }
    }
    try bench.needClient(app.client)
    bench.apparatus.streams.append(app)
    return Answer(
      .done,
      [Line("\(app.name) runs on \(app.client) and writes to \(app.results).")]
        + app.topology.changelogs.map { Line("  remembers in \($0)", .faint) })
  }

  struct Count: BenchCommand {
    static let examples = [
      "stream count pulse positions --window 60s", "stream count pulse positions --window 60s --grace 10s --final",
      "stream count pulse positions --window 60s --hop 20s",
    ]
    static let changesWorld = true
    static let configuration = help(
      "count", "Start one that counts a topic's values in windows of time.",
      "The time of a record is what stands behind the @ in its value, Mapo@12s; without, when it was produced. Windows go by these times and not by a clock. Results are written to NAME-counts under keys like Mapo@0s: the value, and when the window begins."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("Its name.", valueName: "name")) var name: String
    @ArgumentParser.Argument(help: ArgumentHelp("The topic it reads.", valueName: "topic")) var topic: String
    @Option(help: ArgumentHelp("How long a window is.", valueName: "time")) var window = Interval.seconds(60)
    @Option(help: ArgumentHelp("How long after its end a window takes late records.", valueName: "time"))
    var grace = Interval.zero
    @Option(
      help: ArgumentHelp("From one window's start to the next; the window's length unless said.", valueName: "time"))
    var hop: Interval?
    @Flag(help: "Tell each window once, when it closes, and not at every change.") var final = false
    @Option(help: ArgumentHelp("The client that works for it.", valueName: "client")) var client = NodeID.client(9)

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let source = try bench.needTopic(topic)
      guard window > .zero,
        hop.map({ $0 > .zero && $0 <= window && window.nanoseconds / $0.nanoseconds <= 100 }) ?? true
      else {
        throw Refusal(
          "Windows of \(window) cannot be cut like that.",
          expected: "Expected a length above zero, and a hop of at most that and a hundredth of it at least.",
          attempt: Self.examples[2])
      }
      let cut = StreamWindow.hopping(window, advance: hop ?? window, grace: grace)
      let app = StreamApp(
        name, source: topic, work: .count(cut, emitting: final ? .whenClosed : .everyChange),
        partitions: Int32(source.partitions.count), client: client)
      return try StreamCommands.start(app, &bench, errand)
    }
  }

  struct Join: BenchCommand {
    static let examples = ["stream join named positions riders"]
    static let changesWorld = true
    static let configuration = help(
      "join", "Start one that puts a table's newest value beside each record.",
      "The table is a topic too: of each key its last record counts. Both topics need as many partitions, so that records of one key meet."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("Its name.", valueName: "name")) var name: String
    @ArgumentParser.Argument(help: ArgumentHelp("The topic of events.", valueName: "topic")) var topic: String
    @ArgumentParser.Argument(help: ArgumentHelp("The topic that is taken for a table.", valueName: "topic"))
    var table: String
    @Option(help: ArgumentHelp("The client that works for it.", valueName: "client")) var client = NodeID.client(9)

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let (source, other) = (try bench.needTopic(topic), try bench.needTopic(table))
      guard source.partitions.count == other.partitions.count else {
        throw Refusal(
          "\(topic) has \(counted(source.partitions.count, "partition")) and \(table) \(other.partitions.count).",
          expected: "Expected as many: records of one key must meet.", attempt: "topic show \(table)")
      }
      guard topic != table else {
        throw Refusal("A topic cannot be joined with itself.", attempt: Self.examples[0])
      }
      let app = StreamApp(
        name, source: topic, work: .join(table: table), partitions: Int32(source.partitions.count), client: client)
      return try StreamCommands.start(app, &bench, errand)
    }
  }

  struct Work: BenchCommand {
    static let examples = ["stream work pulse", "stream work pulse --die"]
    static let changesWorld = true
    static let configuration = help(
      "work", "Let one process everything there is, and commit.",
      "Results, changes of what it remembers, and how far it has read are committed in one transaction. With --die it processes and dies before the commit."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("Which.", valueName: "stream")) var name: String
    @Flag(help: "Die after processing, before the commit.") var die = false

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let index = try bench.needStream(name, running: true)
      var total = 0
      // A topology without cycles comes to rest; records are bounded by what the topics hold.
      for _ in 0..<10_000 {
        if errand.isCancelled() { return .interrupted(bench) }
        errand.progress("\(counted(total, "record")) processed", nil)
        switch bench.streamRound(index, dies: die, errand) {
        case .idle:
          return Answer(.done, [Line("\(name) has processed \(counted(total, "record")); it is up to date.")])
        case .committed(let records): total += records
        case .died:
          return Answer(.done, [Line("\(name) processed, and died before it committed. Try: stream restart \(name)")])
        case .failed(let why):
          return Answer(.failed, [Line("\(name) stopped: \(why). Try: stream restart \(name)", .bad)])
        }
      }
      return Answer(.failed, [Line("\(name) never comes to an end.", .bad)])
    }
  }

  struct Crash: BenchCommand {
    static let examples = ["stream crash pulse"]
    static let changesWorld = true
    static let configuration = help("crash", "Take away everything one has in memory.")

    @ArgumentParser.Argument(help: ArgumentHelp("Which.", valueName: "stream")) var name: String

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let index = try bench.needStream(name, running: true)
      bench.killStream(index)
      return Answer(
        .done, [Line("\(bench.apparatus.streams[index].client) crashed, and what \(name) remembered is gone.")])
    }
  }

  struct Restart: BenchCommand {
    static let examples = ["stream restart pulse"]
    static let changesWorld = true
    static let configuration = help(
      "restart", "Start one again: its memory from the changelog, its place from the committed offsets.")

    @ArgumentParser.Argument(help: ArgumentHelp("Which.", valueName: "stream")) var name: String

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let index = try bench.needStream(name, running: false)
      guard let restored = bench.restoreStream(index, errand) else {
        return Answer(.failed, [Line("\(name) could not read its changelog. Try: cluster show", .bad)])
      }
      let lines = counted(restored.lines, "line")
      return Answer(
        .done, [Line("\(name) is back: \(lines) of changelog, \(counted(restored.keys, "key")) remembered.")])
    }
  }

  struct List: BenchCommand {
    static let examples = ["stream list"]
    static let configuration = help("list", "List them.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      guard !bench.apparatus.streams.isEmpty else {
        return Answer(.done, ["No streams. Try: stream count pulse positions --window 60s"])
      }
      var table = TextTable(["stream", "reads", "writes", "on", ""])
      for app in bench.apparatus.streams {
        table.add([
          app.name, app.topology.topics.filter { !app.topology.repartitions.contains($0) }.joined(separator: " "),
          app.results, app.client.description, app.tasks == nil ? "dead" : "running",
        ])
      }
      return Answer(.done, table.lines)
    }
  }
}

extension Bench {
  /// The place of a stream application, when it is there and running, or dead, as wished.
  func needStream(_ name: String, running: Bool? = nil) throws(Refusal) -> Int {
    try needCluster()
    guard let index = apparatus.streams.firstIndex(where: { $0.name == name }) else {
      let names = apparatus.streams.map(\.name).joined(separator: " ")
      throw Refusal(
        "No stream \(name).", expected: names.isEmpty ? "There are none." : "Streams: \(names).",
        attempt: "stream list")
    }
    let isRunning = apparatus.streams[index].tasks != nil
    if running == true, !isRunning { throw Refusal("\(name) is dead.", attempt: "stream restart \(name)") }
    if running == false, isRunning { throw Refusal("\(name) is running.", attempt: "stream crash \(name)") }
    return index
  }
}

import ArgumentParser
import Clockwork
import Delivery
import DeliveryRuntime
import Dispatch
import Foundation
import Synchronization

/// Where the cluster is that an engine, a burst or a judge works on.
struct ClusterOptions: ParsableArguments {
  @Option(help: "The Kafka cluster: host:port, several with commas.") var bootstrapServers: String
  @Option(help: "Partitions of each of the engine's topics, if they are still to be made.") var partitions: Int32 = 4
  @Option(help: "More properties for librdkafka: name=value. May be given several times.") var property: [String] = []

  func validate() throws {
    guard (1...100).contains(partitions) else {
      throw ValidationError("--partitions is \(partitions). Expected: 1 to 100.")
    }
    for each in property where !each.contains("=") {
      throw ValidationError("--property \(each) has no value. Expected: name=value, as security.protocol=ssl.")
    }
  }

  var settings: ClientSettings {
    ClientSettings(
      bootstrapServers: bootstrapServers,
      property.map { each in
        let halves = each.split(separator: "=", maxSplits: 1)
        return .init(String(halves[0]), halves.count > 1 ? String(halves[1]) : "")
      })
  }

  /// Makes the topics, and says what went wrong in a person's words.
  func prepared(_ topics: NewTopicOptions) throws -> ClientSettings {
    let settings = settings
    do throws(ClientError) {
      try KafkaTransport.createTopics(settings, partitions: partitions, replicas: topics.replicas)
    } catch {
      throw ValidationError("No engine can work on \(bootstrapServers): \(error)")
    }
    return settings
  }
}

/// What whoever comes first makes the engine's topics with.
struct NewTopicOptions: ParsableArguments {
  @Option(
    help: "Replicas of the engine's topics, if still to be made. Without it, as many as the cluster gives by itself.")
  var replicas: Int32?

  func validate() throws {
    if let replicas, !(1...100).contains(replicas) {
      throw ValidationError("--replicas is \(replicas). Expected: 1 to 100.")
    }
  }
}

/// `baedal engine`: one instance of the delivery engine on a Kafka cluster.
struct EngineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engine", abstract: "Run an instance of the delivery engine on a Kafka cluster.",
    discussion: """
      Instances share the partitions out among themselves; start as many as you like, kill any of them:
        baedal serve --nodes 3
        baedal engine --bootstrap-servers 127.0.0.1:9092 --instance a
        baedal engine --bootstrap-servers 127.0.0.1:9092 --instance b
        baedal burst --bootstrap-servers 127.0.0.1:9092 --orders 10000
      What an instance knows is in the log; with --data it also keeps read models in
      SQLite there. With --state it keeps snapshots of its tasks: taking over a task
      that has one, it reads of the task's log only what came after. They are a
      shortcut: delete the folder, and the log is read from its beginning. Instances
      of a machine may share one.
      """)

  @OptionGroup var cluster: ClusterOptions
  @OptionGroup var newTopics: NewTopicOptions
  @Option(help: "The instance's name; no two that run at once have the same.") var instance: String?
  @Option(help: "The folder for read models in SQLite. Without it, none are kept.") var data: String?
  @Option(help: "The folder for snapshots of its tasks. Without it, a task's log is read from its beginning.")
  var state: String?
  @Option(help: "How long the played kitchens cook: 5s, 200ms.") var cooking = "5s"
  @Option(help: "How long the played riders ride from place to place.") var riding = "3s"
  @Flag(name: .customLong("no-autopilot"), help: "People play kitchens and riders, by commands in the topics.")
  var isUnplayed = false
  @Option(help: "How many orders of a partition may be in progress; the others wait their turn in the log.")
  var inProgress = 2_500
  @Option(help: "How long the group waits for an instance that says nothing: 6s.") var sessionTimeout = "6s"
  @Option(help: "How often figures are printed; 0s for never.") var report = "1s"

  func validate() throws {
    for (name, text) in [
      ("cooking", cooking), ("riding", riding), ("session-timeout", sessionTimeout), ("report", report),
    ] where Interval(parsing: text) == nil {
      throw ValidationError("--\(name) \(text) is no time. Expected: 5s, 200ms.")
    }
    guard (1...1_000_000).contains(inProgress) else {
      throw ValidationError("--in-progress is \(inProgress). Expected: 1 to 1000000.")
    }
  }

  func run() throws {
    let name = instance ?? "engine-\(ProcessInfo.processInfo.processIdentifier)"
    var engine = EngineSettings(
      partitions: cluster.partitions,
      autopilot: isUnplayed
        ? nil
        : Autopilot(
          cooking: Interval(parsing: cooking) ?? .seconds(5), riding: Interval(parsing: riding) ?? .seconds(3)))
    engine.mostInProgress = inProgress
    let stop = StopSignal()
    let snapshots = try state.map { try folder($0, name) }
    let settings = try cluster.prepared(newTopics)
    let boards = try data.map { try BoardKeeper(settings, in: $0, partitions: cluster.partitions) }
    defer { boards?.close() }
    var exit = ExitCode.success
    do {
      let transport = try KafkaTransport(
        settings, instance: name, sessionTimeout: Interval(parsing: sessionTimeout) ?? .seconds(6))
      var instance = EngineInstance(transport, name: name, engine, snapshots: snapshots)
      say("ready: \(name)")
      var reporter = Reporter(every: Interval(parsing: report) ?? .seconds(1))
      while !stop.isAsked {
        try instance.step(.milliseconds(50))
        if reporter.isDue { say(reporter.line(instance.tally, instance.owned, boards?.lagText)) }
      }
      say("stopping: \(name) hands \(instance.owned.count) tasks over")
      say(reporter.line(instance.tally, instance.owned, boards?.lagText))
      instance.stop()
      say("stopped: \(name)")
    } catch let error as TransportError {
      say("ended: \(error)")
      exit = ExitCode(3)
    } catch let error as ClientError {
      throw ValidationError("No engine can work on \(cluster.bootstrapServers): \(error)")
    }
    guard exit == .success else { throw exit }
  }

  private func folder(_ path: String, _ name: String) throws -> SnapshotFolder {
    do {
      return try SnapshotFolder(opening: path, instance: name) { Self.say($0) }
    } catch {
      throw ValidationError("--state \(path) cannot be used: \(error.reason). Expected: a folder to write in.")
    }
  }

  private func say(_ line: String) { Self.say(line) }

  private static func say(_ line: String) {
    print(line)
    fflush(nil)
  }
}

/// SIGTERM and SIGINT ask once; what runs looks here.
// Unchecked: the sources are made once, and only kept.
final class StopSignal: @unchecked Sendable {
  private let asked = Atomic(false)
  private let sources: [any DispatchSourceSignal]

  init() {
    sources = [SIGTERM, SIGINT].map {
      signal($0, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: $0, queue: .global())
    }
    for source in sources {
      source.setEventHandler { [asked = self] in asked.ask() }
      source.activate()
    }
  }

  private func ask() {
    if asked.exchange(true, ordering: .relaxed) { _exit(130) }
  }

  var isAsked: Bool { asked.load(ordering: .relaxed) }
}

/// The lines that an engine prints while it runs.
struct Reporter {
  private let every: Interval
  private var last = Instant.wallClock
  private var handled = 0

  init(every: Interval) { self.every = every }

  var isDue: Bool { every > .zero && Instant.wallClock - last >= every }

  mutating func line(_ tally: EngineTally, _ owned: [TaskName], _ lag: String?) -> String {
    let now = Instant.wallClock
    let elapsed = max(1, (now - last).milliseconds)
    let rate = Int64(tally.handled - handled) * 1000 / elapsed
    (last, handled) = (now, tally.handled)
    var parts = [
      "tasks \(owned.count)", "handled \(tally.handled)", "\(rate)/s", "entries \(tally.entries)",
      "transactions \(tally.transactions)", "RSS \(Residence.bytes >> 20) MB",
    ]
    if tally.setbacks > 0 { parts.append("setbacks \(tally.setbacks) (\(tally.lastSetback))") }
    if tally.restored > 0 { parts.append("restored \(tally.restored)") }
    if tally.resumed > 0 { parts.append("from \(tally.resumed) snapshots") }
    if let lag { parts.append(lag) }
    return parts.joined(separator: "  ")
  }
}

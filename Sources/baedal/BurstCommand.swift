import ArgumentParser
import Clockwork
import Delivery
import DeliveryRuntime
import EventSourcing
import Foundation

/// `baedal burst`: very many orders at one moment, and what becomes of them.
struct BurstCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "burst", abstract: "Place very many orders at once on a cluster, and watch them through.",
    discussion: """
      The orders are accepted into the log first; engines work them off at their own rate. At the end the logs are
      judged: no order lost, none twice, no rider with two deliveries.
        baedal burst --bootstrap-servers 127.0.0.1:9092 --orders 300000
      """)

  @OptionGroup var cluster: ClusterOptions
  @OptionGroup var newTopics: NewTopicOptions
  @Option(help: "How many orders.") var orders = 300_000
  @Option(help: "How many riders are awake.") var riders = 20_000
  @Option(help: "The first order's number; a second burst on the same topics takes others.") var first: UInt64 = 1
  @Option(help: "The same seed gives the same orders.") var seed: UInt64 = 1
  @Option(help: "Give up when nothing has moved for so long: 120s.") var patience = "120s"

  func validate() throws {
    guard (1...5_000_000).contains(orders), (1...1_000_000).contains(riders) else {
      throw ValidationError("Expected: 1 to 5000000 orders and 1 to 1000000 riders.")
    }
    guard Interval(parsing: patience) != nil else {
      throw ValidationError("--patience \(patience) is no time. Expected: 120s.")
    }
  }

  func run() throws {
    let settings = try cluster.prepared(newTopics)
    do {
      let plan = BurstPlan(orders: UInt64(orders), riders: riders, firstOrder: first, seed: seed)
      var watch = BurstWatch(orders: orders, at: .wallClock)
      let reader = try EngineLogReader(settings, partitions: cluster.partitions)
      try accept(plan, settings, &watch)
      try drain(reader, &watch)
      // The last order has ended; what its rider and its screens have still to say is waited for.
      guard try reader.catchUp({ watch.note($0, $1) }) else { throw JudgeCommand.unreadable }
      try verdict(plan, &watch)
    } catch let error as ClientError {
      throw ValidationError("The burst cannot go on: \(error)")
    }
  }

  private func accept(_ plan: BurstPlan, _ settings: ClientSettings, _ watch: inout BurstWatch) throws {
    let engine = EngineSettings(partitions: cluster.partitions)
    let producer = try RecordProducer(settings.with([.init("queue.buffering.max.messages", "200000")]))
    for rider in plan.riders { try producer.send(rider.record(engine)) }
    try producer.flush(.seconds(120))
    let awake = producer.tally.taken
    say("\(awake) riders are awake")
    let start = Instant.wallClock
    var last = start
    for index in 0..<UInt64(orders) {
      try producer.send(plan.order(index).record(engine), patience: .seconds(120))
      if index % 1000 == 0 {
        producer.poll()
        if Instant.wallClock - last >= .milliseconds(500) {
          last = .wallClock
          progress("accepting \(producer.tally.taken - awake) of \(orders)")
        }
      }
    }
    try producer.flush(.seconds(300))
    let tally = producer.tally
    watch.accepted = tally.taken - awake
    let elapsed = Instant.wallClock - start
    say(
      "accepted \(watch.accepted) of \(orders) orders into the log in \(elapsed) "
        + "(\(Int64(watch.accepted) * 1000 / max(1, elapsed.milliseconds))/s), lost \(tally.lost)")
    guard tally.lost == 0 else {
      throw ValidationError("\(tally.lost) records were not taken: \(tally.lastError.map { "\($0)" } ?? "")")
    }
  }

  private func drain(_ reader: borrowing EngineLogReader, _ watch: inout BurstWatch) throws {
    let patience = Interval(parsing: patience) ?? .seconds(120)
    var last = Instant.wallClock
    var moved = last
    var ended = -1
    while !watch.isOver {
      _ = try reader.poll(.milliseconds(200)) { watch.note($0, $1) }
      let now = Instant.wallClock
      guard now - last >= .seconds(1) else { continue }
      last = now
      watch.sample(at: now)
      if watch.judge.entries != ended { (ended, moved) = (watch.judge.entries, now) }
      progress(Self.backlog(watch))
      guard now - moved < patience else {
        say("nothing has moved for \(patience)")
        break
      }
    }
    watch.sample(at: .wallClock)
    progress(Self.backlog(watch))
    let elapsed = watch.elapsed(at: .wallClock)
    say(
      "\(watch.ended) of \(orders) came to an end within \(elapsed): "
        + "\(Int64(watch.ended) * 1000 / max(1, elapsed.milliseconds)) orders/s, peak RSS \(Residence.peakBytes >> 20) MB"
    )
    say("curve \(watch.sparkline(width: 70))")
  }

  private static func backlog(_ watch: BurstWatch) -> String {
    "backlog \(watch.accepted - watch.ended)  placed \(watch.placed)  ended \(watch.ended)  \(watch.rate)/s"
      + "  ETA \(watch.eta.map { "\($0)" } ?? "?")  RSS \(Residence.bytes >> 20) MB"
  }

  private func verdict(_ plan: BurstPlan, _ watch: inout BurstWatch) throws {
    var judge = watch.judge
    judge.finish(expecting: first...(first + UInt64(orders) - 1))
    try JudgeCommand.report(judge)
  }

  /// One line that the next goes over at a terminal; elsewhere a line each.
  private func progress(_ text: String) {
    if isatty(STDOUT_FILENO) == 1 {
      print("\r\u{1B}[K\(text)", terminator: "")
    } else {
      print(text)
    }
    fflush(nil)
  }

  private func say(_ text: String) {
    print(isatty(STDOUT_FILENO) == 1 ? "\r\u{1B}[K\(text)" : text)
    fflush(nil)
  }
}

/// `baedal judge`: reads the engine's logs, and says whether what was asked for has happened, once.
struct JudgeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "judge", abstract: "Judge an engine by its logs: nothing lost, nothing twice, no rider with two.",
    discussion: """
      Reads every log of the engine from the beginning to what is committed now:
        baedal judge --bootstrap-servers 127.0.0.1:9092 --orders 10000
      Exit 0: nothing is wrong. Exit 1: something is, and what.
      """)

  @OptionGroup var cluster: ClusterOptions
  @Option(help: "How many orders were placed.") var orders: UInt64
  @Option(help: "The first one's number.") var first: UInt64 = 1

  func run() throws {
    do {
      let reader = try EngineLogReader(cluster.settings, partitions: cluster.partitions)
      var judge = LogJudge()
      guard try reader.catchUp({ judge.note($0, $1) }) else { throw Self.unreadable }
      if orders > 0 { judge.finish(expecting: first...(first + orders - 1)) }
      try Self.report(judge)
    } catch let error as ClientError {
      throw ValidationError("The logs cannot be read: \(error)")
    }
  }

  static let unreadable = ValidationError(
    "The logs do not go on: a transaction in them is not over. Try again once the engines have come to rest.")

  static func report(_ judge: LogJudge) throws {
    print(
      "judged: \(judge.entries) entries, placed \(judge.placed), ended \(judge.ended), delivered \(judge.delivered), "
        + "rejected \(judge.rejected), second copies absorbed \(judge.absorbed), openings \(judge.openings)")
    for fault in judge.faults { print("fault: \(fault)") }
    print(judge.faultCount == 0 ? "verdict: nothing lost, nothing twice" : "verdict: \(judge.faultCount) faults")
    fflush(nil)
    guard judge.faultCount == 0 else { throw ExitCode(1) }
  }
}

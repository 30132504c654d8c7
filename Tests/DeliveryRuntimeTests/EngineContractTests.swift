import BrokerServer
import Clockwork
import Delivery
import DeliveryRuntime
import EventSourcing
import Foundation
import Testing

/// What an engine can stand on.
enum Ground: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case embedded = "an embedded log"
  case brokers = "our own broker"
  case mock = "librdkafka's mock brokers"

  var testDescription: String { rawValue }
}

/// One contract, whatever an engine stands on: what was asked for happens once, whoever dies.
@Suite("The contract of an engine's transport", .serialized)
struct EngineContractTests {
  private static let settings = EngineSettings(
    partitions: 2, autopilot: Autopilot(cooking: .milliseconds(200), riding: .milliseconds(100)))
  private static let orders: UInt64 = 12

  /// Twenty times the wall clock's pace: a board gathers for seconds.
  private static let clock: @Sendable () -> Instant = {
    let start = Instant.wallClock.nanoseconds
    return { Instant(nanoseconds: start + (Instant.wallClock.nanoseconds - start) * 20) }
  }()

  private static let plan = BurstPlan(orders: orders, riders: 40, restaurants: 20, seed: 3)

  /// Lets `body` have the ground: how to join it, how to send, and how to judge what is in its logs.
  private func on(
    _ ground: Ground, embedded: (EmbeddedLog) throws -> Void, kafka: (ClientSettings) throws -> Void
  ) async throws {
    switch ground {
    case .embedded:
      let path = NSTemporaryDirectory() + "baedal-embedded-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: path) }
      try embedded(try EmbeddedLog(opening: path, partitions: Self.settings.partitions))
    case .brokers:
      try await OwnBrokers.withCluster(nodes: 1) { _, settings in
        try KafkaTransport.createTopics(settings, partitions: Self.settings.partitions)
        try kafka(settings)
      }
    case .mock:
      let mock = try MockBrokers(topics: Topic.allCases.map(\.name), partitions: Self.settings.partitions)
      try kafka(mock.settings)
    }
  }

  private func join(
    _ log: EmbeddedLog, _ name: String, batchLimit: Int = 4000
  ) -> EngineInstance<EmbeddedTransport> {
    EngineInstance(EmbeddedTransport(log, clock: Self.clock), name: name, Self.settings, batchLimit: batchLimit)
  }

  private func join(_ settings: ClientSettings, _ name: String) throws -> EngineInstance<KafkaTransport> {
    EngineInstance(try KafkaTransport(settings, instance: name, clock: Self.clock), name: name, Self.settings)
  }

  private func send(_ envelopes: [Envelope], _ settings: ClientSettings) throws {
    let producer = try RecordProducer(settings)
    for envelope in envelopes { try producer.send(envelope.record(Self.settings)) }
    try producer.flush(.seconds(60))
    #expect(producer.tally.lost == 0)
  }

  private var everything: [Envelope] { Array(Self.plan.riders) + (0..<Self.orders).map(Self.plan.order) }

  private func ended<Transport: EngineTransport & ~Copyable>(_ instance: borrowing EngineInstance<Transport>) -> Int {
    (0..<Self.settings.partitions).reduce(0) { sum, partition in
      guard let memory = instance.memory(of: TaskName(.orderCommands, partition)) else { return sum }
      return sum
        + memory.orders.numbers.count { [.delivered, .cancelled, .rejected].contains(memory.orders[$0].state.phase) }
    }
  }

  private func judge(_ log: EmbeddedLog) throws -> LogJudge {
    var judge = LogJudge()
    for input in Topic.inputs {
      for partition in 0..<Self.settings.partitions {
        for record in try log.read(input.log, partition, from: 0, most: .max / 2) {
          judge.note(TaskName(input, partition), record.value)
        }
      }
    }
    judge.finish(expecting: 1...Self.orders)
    return judge
  }

  private func judge(_ settings: ClientSettings) throws -> LogJudge {
    var judge = LogJudge()
    let reader = try PartitionReader(settings)
    let tasks = Topic.inputs.flatMap { input in (0..<Self.settings.partitions).map { TaskName(input, $0) } }
    try reader.start(tasks.map { (TopicPartition($0.input.log.name, $0.partition), .beginning) })
    var quiet = 0
    while quiet < 10 {
      let records = try reader.poll(.milliseconds(100))
      quiet = records.isEmpty ? quiet + 1 : 0
      for record in records {
        guard
          let task = tasks.first(where: {
            $0.input.log.name == record.place.topic && $0.partition == record.place.partition
          })
        else { continue }
        judge.note(task, record.value ?? [])
      }
    }
    judge.finish(expecting: 1...Self.orders)
    return judge
  }

  private func expectGood(_ judge: LogJudge) {
    #expect(judge.faults.isEmpty)
    #expect(judge.delivered == Int(Self.orders))
  }

  /// Steps until all orders have ended, a bounded number of times.
  private func run<Transport: EngineTransport & ~Copyable>(
    _ instance: inout EngineInstance<Transport>, until count: Int = Int(orders), steps: Int = 3000
  ) throws {
    for _ in 0..<steps where ended(instance) < count { try instance.step(.milliseconds(20)) }
    #expect(ended(instance) >= count)
  }

  @Test("every order comes to its door, once", arguments: Ground.allCases)
  func through(ground: Ground) async throws {
    try await on(ground) { log in
      try log.send(everything)
      var engine = join(log, "a")
      try run(&engine)
      engine.stop()
      expectGood(try judge(log))
    } kafka: { settings in
      try send(everything, settings)
      var engine = try join(settings, "a")
      try run(&engine)
      engine.stop()
      expectGood(try judge(settings))
    }
  }

  @Test("what one transaction has no room for comes in the next", arguments: [1, 7, 40])
  func roundsOfSeveralTransactions(batchLimit: Int) async throws {
    try await on(.embedded) { log in
      try log.send(everything)
      var engine = join(log, "a", batchLimit: batchLimit)
      try run(&engine)
      engine.stop()
      expectGood(try judge(log))
    } kafka: { _ in
    }
  }

  @Test("a second copy of every command is absorbed", arguments: Ground.allCases)
  func copies(ground: Ground) async throws {
    try await on(ground) { log in
      try log.send(everything + everything)
      var engine = join(log, "a")
      try run(&engine)
      engine.stop()
      let judge = try judge(log)
      expectGood(judge)
      #expect(judge.absorbed >= everything.count)
    } kafka: { settings in
      try send(everything + everything, settings)
      var engine = try join(settings, "a")
      try run(&engine)
      engine.stop()
      let judge = try judge(settings)
      expectGood(judge)
      #expect(judge.absorbed >= everything.count)
    }
  }

  @Test("who comes after goes on from the log, where the one before stopped", arguments: Ground.allCases)
  func successor(ground: Ground) async throws {
    try await on(ground) { log in
      try log.send(everything)
      var first = join(log, "a")
      try run(&first, until: 3)
      first.stop()
      var second = join(log, "b")
      try run(&second)
      #expect(second.tally.restored > 0)
      second.stop()
      expectGood(try judge(log))
    } kafka: { settings in
      try send(everything, settings)
      var first = try join(settings, "a")
      try run(&first, until: 3)
      first.stop()
      var second = try join(settings, "b")
      try run(&second)
      #expect(second.tally.restored > 0)
      second.stop()
      expectGood(try judge(settings))
    }
  }

  @Test("an instance that was given up commits nothing any more")
  func zombie() async throws {
    try await on(.embedded) { log in
      try log.send(everything)
      var asleep = EmbeddedTransport(log, clock: Self.clock)
      let tasks = try asleep.poll(.zero).assigned
      #expect(tasks.count == Topic.inputs.count * Int(Self.settings.partitions))
      try asleep.open(
        tasks.map { (task: $0, entry: EngineTask.opening($0.input, owner: "asleep", term: 1, at: asleep.now)) })
      // The others do not wait: half of the tasks are another's now.
      var awake = join(log, "awake")
      try awake.step(.zero)
      let stolen = try #require(awake.owned.first)
      #expect(throws: TransportError.self) { try asleep.commit([], read: [(task: stolen, next: 5)]) }
      asleep.leave()
      try run(&awake)
      awake.stop()
      expectGood(try judge(log))
    } kafka: { _ in
    }
  }
}

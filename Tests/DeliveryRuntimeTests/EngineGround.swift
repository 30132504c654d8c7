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
  case simulated = "the simulated world"

  var testDescription: String { rawValue }

  /// Lets `body` have it, empty.
  func use(_ body: (any EngineStage) throws -> Void) async throws {
    switch self {
    case .embedded: try await EmbeddedGround.use { try body(EmbeddedGround.stage($0)) }
    case .brokers:
      try await OwnBrokers.withCluster(nodes: 1) { _, settings in
        try KafkaTransport.createTopics(settings, partitions: ContractLoad.settings.partitions)
        let stage = KafkaGround.stage(settings)
        defer { stage.stopAll() }
        try body(stage)
      }
    case .mock:
      let mock = try MockBrokers(
        topics: Topic.allCases.map(\.name), partitions: ContractLoad.settings.partitions)
      let stage = KafkaGround.stage(mock.settings)
      defer { stage.stopAll() }
      try body(stage)
    case .simulated: try body(SimulatedStage())
    }
  }
}

/// What the sentences of the contract do on any ground.
protocol EngineStage: AnyObject {
  func send(_ envelopes: [Envelope]) throws
  /// One instance more, which answers at most so many records in a transaction.
  func start(_ name: String, batchLimit: Int) throws
  /// An instance is gone: where time is simulated it crashes, elsewhere it says that it goes.
  func stop(_ name: String)
  /// Lets those there are work until so many orders have ended, for a bounded time.
  func run(until ended: Int) throws
  /// How many entries the instances there are have folded when they took their tasks over.
  var restored: Int { get }
  /// What the logs say.
  func judge() throws -> LogJudge
}

extension EngineStage {
  func start(_ name: String) throws { try start(name, batchLimit: 4000) }
  func run() throws { try run(until: Int(ContractLoad.orders)) }
}

/// What is asked of an engine on every ground.
enum ContractLoad {
  static let orders: UInt64 = 12
  static let settings = EngineSettings(
    partitions: 2, autopilot: Autopilot(cooking: .milliseconds(200), riding: .milliseconds(100)))

  /// Twenty times the wall clock's pace: a board gathers for seconds.
  static let clock: @Sendable () -> Instant = {
    let start = Instant.wallClock.nanoseconds
    return { Instant(nanoseconds: start + (Instant.wallClock.nanoseconds - start) * 20) }
  }()

  private static let plan = BurstPlan(orders: orders, riders: 40, restaurants: 20, seed: 3)

  /// Every rider and every order.
  static var everything: [Envelope] { Array(plan.riders) + (0..<orders).map(plan.order) }

  static func expectDelivered(_ judge: LogJudge) {
    #expect(judge.faults.isEmpty)
    #expect(judge.delivered == Int(orders))
  }

  static var tasks: [TaskName] {
    Topic.inputs.flatMap { input in (0..<settings.partitions).map { TaskName(input, $0) } }
  }

  static func haveEnded(_ memory: TaskMemory) -> Int {
    memory.orders.numbers.count { memory.orders[$0].state.phase.isOver }
  }
}

/// Instances in this process on one live log, stepped in turn.
final class LiveStage<Transport: EngineTransport & ~Copyable>: EngineStage {
  private final class Place {
    var instance: EngineInstance<Transport>?

    init(_ instance: consuming EngineInstance<Transport>) { self.instance = consume instance }

    func stop() {
      if let instance = instance.take() { instance.stop() }
    }
  }

  private var places: [(name: String, place: Place)] = []
  private let transport: (String) throws -> Transport
  private let sender: ([Envelope]) throws -> Void
  private let reader: (inout LogJudge) throws -> Void

  init(
    transport: @escaping (String) throws -> Transport, send: @escaping ([Envelope]) throws -> Void,
    read: @escaping (inout LogJudge) throws -> Void
  ) {
    self.transport = transport
    sender = send
    reader = read
  }

  func send(_ envelopes: [Envelope]) throws { try sender(envelopes) }

  func start(_ name: String, batchLimit: Int) throws { try start(name, batchLimit: batchLimit, snapshots: nil) }

  /// One that keeps snapshots, after so many entries each.
  func start(_ name: String, batchLimit: Int = 4000, snapshots: SnapshotFolder?, every: Int = 50_000) throws {
    let instance = EngineInstance(
      try transport(name), name: name, ContractLoad.settings, batchLimit: batchLimit, snapshots: snapshots,
      snapshotEvery: every)
    places.append((name, Place(instance)))
  }

  func stop(_ name: String) {
    for place in places where place.name == name { place.place.stop() }
    places.removeAll { $0.name == name }
  }

  func stopAll() {
    for place in places { place.place.stop() }
    places = []
  }

  func step() throws {
    for place in places { try place.place.instance?.step(.milliseconds(20)) }
  }

  func run(until count: Int) throws {
    for _ in 0..<3000 where ended < count { try step() }
    #expect(ended >= count)
  }

  func owned(_ name: String) -> [TaskName] {
    places.filter { $0.name == name }.flatMap { $0.place.instance?.owned ?? [] }
  }

  /// What whoever has the task knows of it.
  func memory(of task: TaskName) -> TaskMemory? {
    places.lazy.compactMap { $0.place.instance?.memory(of: task) }.first
  }

  func tally(_ name: String) -> EngineTally? { places.first { $0.name == name }?.place.instance?.tally }

  private var ended: Int {
    ContractLoad.tasks.filter { $0.input == .orderCommands }.reduce(0) { sum, task in
      sum + (memory(of: task).map(ContractLoad.haveEnded) ?? 0)
    }
  }

  var restored: Int { places.reduce(0) { $0 + ($1.place.instance?.tally.restored ?? 0) } }

  func judge() throws -> LogJudge {
    stopAll()
    var judge = LogJudge()
    try reader(&judge)
    judge.finish(expecting: 1...ContractLoad.orders)
    return judge
  }
}

enum EmbeddedGround {
  static func use(_ body: (EmbeddedLog) throws -> Void) async throws {
    let path = NSTemporaryDirectory() + "baedal-embedded-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(try EmbeddedLog(opening: path, partitions: ContractLoad.settings.partitions))
  }

  static func stage(_ log: EmbeddedLog) -> LiveStage<EmbeddedTransport> {
    LiveStage(
      transport: { _ in EmbeddedTransport(log, clock: ContractLoad.clock) }, send: { try log.send($0) },
      read: { judge in
        for task in ContractLoad.tasks {
          for record in try log.read(task.input.log, task.partition, from: 0, most: .max / 2) {
            judge.note(task, record.value)
          }
        }
      })
  }
}

enum KafkaGround {
  static func stage(_ settings: ClientSettings) -> LiveStage<KafkaTransport> {
    LiveStage(
      transport: { try KafkaTransport(settings, instance: $0, clock: ContractLoad.clock) },
      send: { envelopes in
        let producer = try RecordProducer(settings)
        for envelope in envelopes { try producer.send(envelope.record(ContractLoad.settings)) }
        try producer.flush(.seconds(60))
        #expect(producer.tally.lost == 0)
      },
      read: { judge in
        let reader = try EngineLogReader(settings, partitions: ContractLoad.settings.partitions)
        let isWhole = try reader.catchUp { judge.note($0, $1) }
        #expect(isWhole)
      })
  }
}

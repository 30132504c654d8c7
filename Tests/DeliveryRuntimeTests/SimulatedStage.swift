import Broker
import Clockwork
import Delivery
import DeliveryEngine
import DeliveryRuntime
import RecordLog
import Simulation
import Testing

/// Instances of the engine in a simulated world, on one broker of it: `EngineNode` where the live grounds have
/// `EngineInstance`.
final class SimulatedStage: EngineStage {
  private var world = ClusterWorld(seed: 1)
  private var engines: [String: NodeID] = [:]
  private var lastTicket: UInt32 = 0

  init() {
    for input in ClusterWorld.cluster(brokers: 1, clients: 1) { apply(input) }
    wait(.seconds(3))
    for topic in Topic.allCases {
      command { .administer($0, topic.creation(partitions: ContractLoad.settings.partitions, replication: 1)) }
    }
    finish()
  }

  func send(_ envelopes: [Envelope]) throws {
    for envelope in envelopes {
      command { .produce($0, envelope.order(partitions: ContractLoad.settings.partitions)) }
    }
    finish()
  }

  private func command(_ make: (Ticket) -> ClientCommand) {
    lastTicket += 1
    apply(.message(.command(make(Ticket(lastTicket))), to: .client(1)))
  }

  /// Until the client has heard what became of everything.
  private func finish() {
    for _ in 0..<100 where finished < Int(lastTicket) { wait(.milliseconds(200)) }
    #expect(finished == Int(lastTicket))
    let outcomes = world.withClient(.client(1)) { $0.outcomes(last: .max) } ?? []
    for (ticket, outcome) in outcomes {
      switch outcome {
      case .produced, .done: break
      default: Issue.record("ticket \(ticket): \(outcome)")
      }
    }
  }

  private var finished: Int { world.withClient(.client(1)) { $0.finishedCount } ?? 0 }

  private func apply(_ input: WorldInput<ClusterNode>) {
    let isAccepted = world.apply(input)
    #expect(isAccepted, "\(input)")
  }

  private func wait(_ time: Interval) { world.run(until: world.now + time) }

  // MARK: Instances

  func start(_ name: String, batchLimit: Int) throws {
    let id = NodeID.engine(Int32(engines.count + 1))
    var setup = EngineSetup.ofShortPatience(ContractLoad.settings, brokers: 1)
    setup.batch = min(setup.batch, batchLimit)
    apply(.boot(id, .engine(setup)))
    engines[name] = id
  }

  func stop(_ name: String) {
    if let id = engines[name] { apply(.fault(.crash(id))) }
  }

  func run(until count: Int) throws {
    for _ in 0..<200 where ended < count { wait(.milliseconds(500)) }
    #expect(ended >= count)
  }

  private var ended: Int {
    let logs = EngineLogs(world, partitions: ContractLoad.settings.partitions)
    return (0..<ContractLoad.settings.partitions).reduce(0) {
      $0 + ContractLoad.haveEnded(logs.memory(.orderCommands, $1))
    }
  }

  var restored: Int {
    engines.values.reduce(0) { sum, id in
      sum + (world.withEngine(id) { $0.seats.reduce(0) { $0 + $1.restoredFrom } } ?? 0)
    }
  }

  func judge() throws -> LogJudge {
    // The last transactions' markers.
    wait(.seconds(2))
    var judge = LogJudge()
    for task in ContractLoad.tasks {
      for record in world.committedRecords(of: task.input.log.name, task.partition) {
        judge.note(task, record.value ?? [])
      }
    }
    judge.finish(expecting: 1...ContractLoad.orders)
    return judge
  }

  // MARK: Sleeping

  /// The instance stands still between deciding and committing.
  func fallAsleepWriting(_ name: String) throws {
    let id = try #require(engines[name])
    for _ in 0..<10_000 where !isDeciding(id) { wait(.milliseconds(1)) }
    try #require(isDeciding(id))
    apply(.fault(.pause(id)))
  }

  private func isDeciding(_ id: NodeID) -> Bool {
    world.withEngine(id) { $0.seats.contains { $0.task != nil && $0.isWriting } } ?? false
  }

  func wake(_ name: String) {
    if let id = engines[name] { apply(.fault(.resume(id))) }
    wait(.seconds(5))
  }

  /// How many transactions of the instance did not commit.
  func discarded(_ name: String) -> Int {
    engines[name].flatMap { id in world.withEngine(id) { $0.discarded } } ?? 0
  }
}

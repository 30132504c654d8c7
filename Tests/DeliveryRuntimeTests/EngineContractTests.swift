import Clockwork
import Delivery
import DeliveryRuntime
import EventSourcing
import Testing

/// One contract, whatever an engine stands on: what was asked for happens once, whoever dies.
@Suite("The contract of an engine's ground", .serialized)
struct EngineContractTests {
  private static let plan = BurstPlan(orders: ContractLoad.orders, riders: 40, restaurants: 20, seed: 3)

  private var everything: [Envelope] {
    Array(Self.plan.riders) + (0..<ContractLoad.orders).map(Self.plan.order)
  }

  private func expectGood(_ judge: LogJudge) {
    #expect(judge.faults.isEmpty)
    #expect(judge.delivered == Int(ContractLoad.orders))
  }

  @Test("every order comes to its door, once", arguments: Ground.allCases)
  func through(ground: Ground) async throws {
    try await ground.use { stage in
      try stage.send(everything)
      try stage.start("a")
      try stage.run()
      expectGood(try stage.judge())
    }
  }

  @Test(
    "what one transaction has no room for comes in the next",
    arguments: [(Ground.embedded, 1), (.embedded, 7), (.embedded, 40), (.simulated, 7)])
  func roundsOfSeveralTransactions(ground: Ground, batchLimit: Int) async throws {
    try await ground.use { stage in
      try stage.send(everything)
      try stage.start("a", batchLimit: batchLimit)
      try stage.run()
      expectGood(try stage.judge())
    }
  }

  @Test("a second copy of every command is absorbed", arguments: Ground.allCases)
  func copies(ground: Ground) async throws {
    try await ground.use { stage in
      try stage.send(everything + everything)
      try stage.start("a")
      try stage.run()
      let judge = try stage.judge()
      expectGood(judge)
      #expect(judge.absorbed >= everything.count)
    }
  }

  @Test("who comes after goes on from the log, where the one before stopped", arguments: Ground.allCases)
  func successor(ground: Ground) async throws {
    try await ground.use { stage in
      try stage.send(everything)
      try stage.start("a")
      try stage.run(until: 3)
      stage.stop("a")
      try stage.start("b")
      try stage.run()
      #expect(stage.restored > 0)
      expectGood(try stage.judge())
    }
  }

  /// Two of them share the tasks. Where there are sockets, Tests/Interop/test_delivery.py kills processes.
  @Test("who stays takes over from who goes", arguments: [Ground.embedded, .simulated])
  func takeover(ground: Ground) async throws {
    try await ground.use { stage in
      try stage.send(everything)
      try stage.start("a")
      try stage.start("b")
      try stage.run(until: 3)
      stage.stop("a")
      try stage.run()
      expectGood(try stage.judge())
    }
  }

  @Test("an instance that was given up commits nothing any more: on a transport")
  func zombie() async throws {
    try await EmbeddedGround.use { log in
      try log.send(everything)
      var asleep = EmbeddedTransport(log, clock: ContractLoad.clock)
      let tasks = try asleep.poll(.zero).assigned
      #expect(tasks.count == Topic.inputs.count * Int(ContractLoad.settings.partitions))
      try asleep.open(
        tasks.map { (task: $0, entry: EngineTask.opening($0.input, owner: "asleep", term: 1, at: asleep.now)) })
      // The others do not wait: half of the tasks are another's now.
      let stage = EmbeddedGround.stage(log)
      try stage.start("awake")
      try stage.step()
      let stolen = try #require(stage.owned("awake").first)
      #expect(throws: TransportError.self) { try asleep.commit([], read: [(task: stolen, next: 5)]) }
      asleep.leave()
      try stage.run()
      expectGood(try stage.judge())
    }
  }

  @Test("an instance that was given up commits nothing any more: in the middle of a transaction")
  func sleeper() throws {
    let stage = SimulatedStage()
    try stage.send(everything)
    try stage.start("a")
    try stage.run(until: 3)
    try stage.fallAsleepWriting("a")
    try stage.start("b")
    try stage.run()
    let before = stage.discarded("a")
    stage.wake("a")
    #expect(stage.discarded("a") > before)
    expectGood(try stage.judge())
  }
}

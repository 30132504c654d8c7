import Clockwork
import Delivery
import DeliveryRuntime
import EventSourcing
import Testing

/// One contract, whatever an engine stands on: what was asked for happens once, whoever dies.
@Suite("The contract of an engine's ground", .serialized)
struct EngineContractTests {
  @Test("every order comes to its door, once", arguments: Ground.allCases)
  func through(ground: Ground) async throws {
    try await ground.use { stage in
      try stage.send(ContractLoad.everything)
      try stage.start("a")
      try stage.run()
      ContractLoad.expectDelivered(try stage.judge())
    }
  }

  @Test(
    "what one transaction has no room for comes in the next",
    arguments: [(Ground.embedded, 1), (.embedded, 7), (.embedded, 40), (.simulated, 7)])
  func roundsOfSeveralTransactions(ground: Ground, batchLimit: Int) async throws {
    try await ground.use { stage in
      try stage.send(ContractLoad.everything)
      try stage.start("a", batchLimit: batchLimit)
      try stage.run()
      ContractLoad.expectDelivered(try stage.judge())
    }
  }

  @Test("a second copy of every command is absorbed", arguments: Ground.allCases)
  func copies(ground: Ground) async throws {
    try await ground.use { stage in
      try stage.send(ContractLoad.everything + ContractLoad.everything)
      try stage.start("a")
      try stage.run()
      let judge = try stage.judge()
      ContractLoad.expectDelivered(judge)
      #expect(judge.absorbed >= ContractLoad.everything.count)
    }
  }

  @Test("who comes after goes on from the log, where the one before stopped", arguments: Ground.allCases)
  func successor(ground: Ground) async throws {
    try await ground.use { stage in
      try stage.send(ContractLoad.everything)
      try stage.start("a")
      try stage.run(until: 3)
      stage.stop("a")
      try stage.start("b")
      try stage.run()
      #expect(stage.restored > 0)
      ContractLoad.expectDelivered(try stage.judge())
    }
  }

  /// Two of them share the tasks. Where there are sockets, Tests/Interop/test_delivery.py kills processes.
  @Test("who stays takes over from who goes", arguments: [Ground.embedded, .simulated])
  func takeover(ground: Ground) async throws {
    try await ground.use { stage in
      try stage.send(ContractLoad.everything)
      try stage.start("a")
      try stage.start("b")
      try stage.run(until: 3)
      stage.stop("a")
      try stage.run()
      ContractLoad.expectDelivered(try stage.judge())
    }
  }

  @Test("an instance that was given up commits nothing any more: on a transport")
  func zombie() async throws {
    try await EmbeddedGround.use { log in
      try log.send(ContractLoad.everything)
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
      ContractLoad.expectDelivered(try stage.judge())
    }
  }

  @Test("an instance that was given up commits nothing any more: in the middle of a transaction")
  func sleeper() throws {
    let stage = SimulatedStage()
    try stage.send(ContractLoad.everything)
    try stage.start("a")
    try stage.run(until: 3)
    try stage.fallAsleepWriting("a")
    try stage.start("b")
    try stage.run()
    let before = stage.discarded("a")
    stage.wake("a")
    #expect(stage.discarded("a") > before)
    ContractLoad.expectDelivered(try stage.judge())
  }
}

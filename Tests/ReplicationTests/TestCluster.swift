import Broker
import Clockwork
import RecordLog
import Simulation

/// Three brokers and a client in a world of their own, watched by every invariant.
struct TestCluster {
  var world: ClusterWorld
  private var ticket: UInt32 = 0

  init(
    seed: UInt64, brokers: Int = 3, clients: Int = 1, rules: ReplicationRules = .kafka, watched: Bool = true,
    tune: (inout BrokerSetup) -> Void = { _ in }
  ) {
    world = ClusterWorld(seed: seed)
    if watched { world.invariants = ReplicationSweep.invariants }
    let boots = ClusterWorld.cluster(brokers: brokers, clients: clients) {
      $0.rules = rules
      tune(&$0)
    }
    for input in boots { world.apply(input) }
  }

  mutating func start() { run(.seconds(5)) }

  mutating func run(_ interval: Interval) {
    var nobody = NoObserver()
    world.run(until: world.now + interval, &nobody)
  }

  /// Runs until the condition holds, a minute at most.
  mutating func run(until condition: (TestCluster) -> Bool) {
    var nobody = NoObserver()
    let limit = world.now + .seconds(60)
    while world.now < limit, !condition(self), world.run(until: limit, events: 1, &nobody) != .idle {}
  }

  mutating func inflict(_ fault: Fault) { world.apply(.fault(fault)) }

  /// Runs until the client knows how the command ended.
  mutating func order(by client: Int32 = 1, _ command: (Ticket) -> ClientCommand) -> Outcome? {
    ticket += 1
    let ticket = Ticket(ticket)
    world.apply(.message(.command(command(ticket)), to: .client(client)))
    var nobody = NoObserver()
    let limit = world.now + .seconds(30)
    while world.now < limit, outcome(ticket, client) == nil, world.violation == nil {
      if world.run(until: limit, events: 1, &nobody) == .idle { break }
    }
    return outcome(ticket, client)
  }

  private func outcome(_ ticket: Ticket, _ client: Int32) -> Outcome? {
    world.withClient(.client(client)) { $0.outcome(of: ticket) } ?? nil
  }

  var controller: NodeID {
    world.brokers.first { world.withBroker($0) { $0.controller.isActive } == true } ?? .console
  }

  @discardableResult
  mutating func createTopic(_ name: String, config: [TopicSetting] = []) -> Outcome? {
    let outcome = order { .administer($0, .createTopic(name: name, partitions: 1, replication: 3, config: config)) }
    run(.seconds(1))
    return outcome
  }

  @discardableResult
  mutating func produce(
    _ topic: String, _ values: [String], by client: Int32 = 1, acks: Acks = .all, retries: Bool = true
  )
    -> Outcome?
  {
    let records = values.map { Record(key: nil, value: $0) }
    return order(by: client) {
      .produce($0, ProduceOrder(topic: topic, source: .records(records), acks: acks, retries: retries))
    }
  }

  mutating func consume(_ topic: String) -> [String] {
    guard case .consumed(let records, _, _, _, _) = order({ .consume($0, ConsumeOrder(topic: topic, partition: 0)) })
    else {
      return []
    }
    return records.map { String(decoding: $0.value ?? [], as: UTF8.self) }
  }

  /// What was acknowledged with acks=all and is not in the present leader's log.
  func lost() -> [String] {
    guard let leader else { return ["nobody leads"] }
    return AckedIsDurable.lost(in: world, PartitionID(TopicID(1), 0), leader: leader)
  }

  func inSync() -> [NodeID] { state?.inSync ?? [] }

  /// The latest state of the first topic's partition that any live broker knows.
  var state: PartitionState? {
    world.brokers.compactMap { world.withBroker($0) { $0.image.partition(PartitionID(TopicID(1), 0)) } ?? nil }
      .max { $0.partitionEpoch < $1.partitionEpoch }
  }

  var leader: NodeID? { state?.leader }
}

public import Broker
public import Clockwork
import RecordLog

/// Seeded runs of a replicated log under faults, watched by every invariant: three brokers, two producers with acks=all,
/// one nemesis. Faults stop, the cluster settles, and then everything acknowledged must be in the leader's log and all
/// replicas must agree.
public struct ReplicationSweep: Sendable {
  public var rules: ReplicationRules
  public var faults: FaultKinds
  /// How long the nemesis strikes.
  public var storm: Interval
  /// Producers are idempotent and send three records to an order, all in flight at once.
  public var idempotent: Bool

  public init(
    rules: ReplicationRules = .kafka, faults: FaultKinds = .all, storm: Interval = .seconds(10),
    idempotent: Bool = false
  ) {
    self.rules = rules
    self.faults = faults
    self.storm = storm
    self.idempotent = idempotent
  }

  /// Every invariant of replication, each in the state of a world that begins.
  public static var invariants: [any Invariant<ClusterNode>] {
    [
      SingleLeaderPerEpoch(), SingleControllerPerEpoch(), HighWatermarkNeverFalls(), CommittedLogsAgree(),
      AckedIsDurable(), IdempotentProducersDuplicateNothing(),
    ]
  }

  public var sweep: Sweep<ClusterNode> {
    Sweep(prepare: { trial($0) }, finish: { judgeEnd(&$0) })
  }

  /// The run of one seed, to be run, recorded or walked.
  public func trial(_ seed: UInt64) -> Trial<ClusterNode> {
    var world = ClusterWorld(seed: seed)
    world.invariants = Self.invariants
    var schedule = Schedule<ClusterNode>()
    for input in ClusterWorld.cluster(brokers: 3, clients: 2, tune) { schedule.add(input, at: .start) }
    let topic = ControllerRequest.createTopic(
      name: "orders", partitions: 1, replication: 3, config: [TopicSetting("min.insync.replicas", "2")])
    schedule.add(.message(.command(.administer(Ticket(1), topic)), to: .client(1)), at: .start + .seconds(3))
    let begin = Instant.start + .seconds(5)
    let end = begin + storm
    var dice = Dice(seed: seed ^ 0x0b5e_55ed)
    var time = begin
    var ticket: UInt32 = 2
    while time < end {
      let client = Int32(1 + dice.roll(2))
      let records = (0..<(idempotent ? 3 : 1)).map { _ in Record(key: nil, value: "order \(ticket)") }
      let order = ProduceOrder(
        topic: "orders", partition: 0, source: .records(records), acks: .all, inFlight: idempotent ? 5 : 1,
        idempotent: idempotent)
      schedule.add(.message(.command(.produce(Ticket(ticket), order)), to: .client(client)), at: time)
      ticket += 1
      time = time + .milliseconds(Int64(50 + dice.roll(400)))
    }
    let nemesis = Nemesis(nodes: (1...3).map { NodeID($0) }, kinds: faults, mostDisabled: 2, pace: .milliseconds(900))
    schedule.add(nemesis.plan(seed: dice.next(), from: begin, to: end))
    return Trial(world: world, schedule: schedule, end: end + .seconds(10))
  }

  private func tune(_ setup: inout BrokerSetup) {
    setup.rules = rules
    setup.shortenPatience()
  }

  /// Faults are over and there was time to settle: what had to happen has happened.
  private func judgeEnd(_ world: inout ClusterWorld) {
    let partition = PartitionID(TopicID(1), 0)
    let states = world.brokers.compactMap { id in world.withBroker(id) { $0.image.partition(partition) } ?? nil }
    guard let state = states.max(by: { $0.partitionEpoch < $1.partitionEpoch }), let leader = state.leader else {
      return world.accuse("Settles", "10 s after the last fault nobody leads orders/0")
    }
    let promises = !world.wasElectedUncleanly(partition)
    for lost in promises ? AckedIsDurable.lost(in: world, partition, leader: leader).prefix(1) : [] {
      world.accuse("AckedIsDurable", lost)
    }
    guard state.inSync.count == 3 else {
      return world.accuse("Settles", "10 s after the last fault only \(state.inSync.count) replicas are in sync")
    }
    let marks = world.brokers.compactMap { id in
      world.withBroker(id) { $0.replica(of: partition)?.highWatermark } ?? nil
    }
    if Set(marks).count != 1 {
      world.accuse("Settles", "10 s after the last fault the replicas' high watermarks differ")
    }
  }
}

public import Broker
public import Clockwork
import RecordLog

/// Seeded runs of transactions under faults: three brokers, two producers that write to two topics at once and commit a
/// group's offsets with it, sometimes under the same transactional id. Faults stop, the cluster settles, and then no
/// transaction is open, and what clients were told of the ends of theirs is what every partition says.
public struct TransactionSweep: Sendable {
  public var rules: ReplicationRules
  public var faults: FaultKinds
  /// How long the nemesis strikes.
  public var storm: Interval

  public init(rules: ReplicationRules = .kafka, faults: FaultKinds = .all, storm: Interval = .seconds(15)) {
    self.rules = rules
    self.faults = faults
    self.storm = storm
  }

  public static var invariants: [any Invariant<ClusterNode>] { ReplicationSweep.invariants + [TransactionsAreAtomic()] }

  public var sweep: Sweep<ClusterNode> { Sweep(prepare: { trial($0) }, finish: { judgeEnd(&$0) }) }

  private static let topics = ["orders", "stock"]
  private static let timeout = Interval.seconds(5)
  private static let firstTicket: UInt32 = 10

  /// The run of one seed, to be run, recorded or walked.
  public func trial(_ seed: UInt64) -> Trial<ClusterNode> {
    var world = ClusterWorld(seed: seed)
    world.invariants = Self.invariants
    var schedule = Schedule<ClusterNode>()
    for input in ClusterWorld.cluster(brokers: 3, clients: 2, { tune(&$0) }) { schedule.add(input, at: .start) }
    for (place, name) in Self.topics.enumerated() {
      let topic = ControllerRequest.createTopic(
        name: name, partitions: 1, replication: 3, config: [TopicSetting("min.insync.replicas", "2")])
      let command = ClientCommand.administer(Ticket(UInt32(place) + 1), topic)
      schedule.add(.message(.command(command), to: .client(1)), at: .start + .seconds(3))
    }
    let begin = Instant.start + .seconds(5)
    var dice = Dice(seed: seed ^ 0x7a5a_c710)
    var time = begin
    var ticket = Self.firstTicket
    while time < begin + storm {
      let client = Int32(1 + dice.roll(2))
      let order = Self.order(ticket, client, &dice)
      schedule.add(.message(.command(.transact(Ticket(ticket), order)), to: .client(client)), at: time)
      ticket += 1
      time = time + .milliseconds(Int64(200 + dice.roll(900)))
    }
    let nemesis = Nemesis(nodes: (1...3).map { NodeID($0) }, kinds: faults, mostDisabled: 2, pace: .milliseconds(1200))
    schedule.add(nemesis.plan(seed: dice.next(), from: begin, to: begin + storm))
    return Trial(world: world, schedule: schedule, end: begin + storm + Self.timeout + .seconds(30))
  }

  private static func order(_ ticket: UInt32, _ client: Int32, _ dice: inout Dice) -> TransactionOrder {
    let writes = topics.map { TransactionOrder.Write(topic: $0, records: [Record(key: nil, value: "t\(ticket)")]) }
    let takesOffsets = dice.roll(2) == 0
    return TransactionOrder(
      transactionalID: dice.roll(4) == 0 ? "shared" : "own \(client)", writes: writes,
      group: takesOffsets ? "kitchen" : nil,
      offsets: takesOffsets ? [GroupOffset(partition: TopicPartition("orders", 0), offset: Int64(ticket))] : [],
      commit: dice.roll(4) != 0, timeout: timeout)
  }

  private func tune(_ setup: inout BrokerSetup) {
    setup.rules = rules
    setup.shortenPatience()
  }

  /// Faults are over and every time-out has passed: whatever was begun has ended.
  private func judgeEnd(_ world: inout ClusterWorld) {
    guard !world.hasUncleanPartition else { return }
    if let open = world.openTransactions().first {
      return world.accuse("TransactionsAreAtomic", "long after the last fault \(open)")
    }
    for id in world.brokers {
      let listings = world.withBroker(id) { $0.transactions.listings ?? [] } ?? []
      for listing in listings where listing.state != .empty {
        guard listing.state != .completeCommit, listing.state != .completeAbort else { continue }
        return world.accuse(
          "TransactionsAreAtomic", "long after the last fault \(listing.transactionalID) is \(listing.state.name)")
      }
    }
    for broken in brokenPromises(in: world).prefix(1) { world.accuse("TransactionsAreAtomic", broken) }
  }

  /// What a client was told of a transaction and a leader's log does not bear out.
  private func brokenPromises(in world: borrowing ClusterWorld) -> [String] {
    var broken: [String] = []
    for client in world.clients {
      for ticket in Self.firstTicket..<(Self.firstTicket + 200) {
        guard case .transacted(let told)? = world.withClient(client, { $0.outcome(of: Ticket(ticket)) }) ?? nil,
          told.ending == .committed || told.ending == .aborted
        else { continue }
        for topic in Self.topics {
          let isVisible = world.committedValues(of: topic).contains("t\(ticket)")
          guard isVisible != (told.ending == .committed) else { continue }
          broken.append(
            "\(client) was told that t\(ticket) is \(told.ending), and committed readers of \(topic) "
              + (isVisible ? "see it" : "do not see it"))
        }
      }
    }
    return broken
  }
}

extension World where N == ClusterNode {
  /// Whether any partition ever got a leader that may lack committed records: nothing is promised then.
  public var hasUncleanPartition: Bool {
    let topics = brokers.lazy.compactMap { id in withBroker(id) { $0.image.topics } }.first ?? []
    return topics.contains { topic in
      topic.partitions.indices.contains { wasElectedUncleanly(PartitionID(topic.id, Int32($0))) }
    }
  }

  /// The values that a committed reader of the topic's first partition sees, by its present leader.
  public func committedValues(of topic: String) -> [String] {
    committedRecords(of: topic, 0).map { String(decoding: $0.value ?? [], as: UTF8.self) }
  }
}

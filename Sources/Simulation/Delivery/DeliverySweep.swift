public import Broker
public import Clockwork
public import Delivery
public import DeliveryEngine
import EventSourcing
import RecordLog

/// Seeded runs of the delivery engine under faults: three brokers, two instances of the engine, one client that places
/// orders and parties, says some of them twice and takes some back; kitchens and riders on autopilot. Faults strike all
/// of them, then stop; what was accepted must come to its end, once, and everybody must see the same.
public struct DeliverySweep: Sendable {
  public var faults: FaultKinds
  public var rules: EngineRules
  /// How long the nemesis strikes.
  public var storm: Interval

  public init(faults: FaultKinds = .all, rules: EngineRules = .sound, storm: Interval = .seconds(15)) {
    self.faults = faults
    self.rules = rules
    self.storm = storm
  }

  public var sweep: Sweep<ClusterNode> { Sweep(prepare: { trial($0) }, finish: { judgeEnd(&$0) }) }

  static let partitions: Int32 = 2
  private static let engines = [NodeID.engine(1), .engine(2)]
  static let seoul = Location(latitude: 37_498_000, longitude: 127_027_000)
  /// Tickets of placing order n are n and, said again, n + 1000; of taking it back n + 2000.
  private static let firstOrder: UInt32 = 100

  /// The run of one seed.
  public func trial(_ seed: UInt64) -> Trial<ClusterNode> {
    var world = ClusterWorld(seed: seed)
    world.invariants = TransactionSweep.invariants
    var schedule = Schedule<ClusterNode>()
    for input in ClusterWorld.cluster(brokers: 3, clients: 1, { $0.shortenPatience() }) {
      schedule.add(input, at: .start)
    }
    for (place, topic) in Topic.allCases.enumerated() {
      let request = topic.creation(partitions: Self.partitions, replication: 3)
      schedule.add(
        .message(.command(.administer(Ticket(UInt32(place) + 1), request)), to: .client(1)),
        at: .start + .seconds(3) + .milliseconds(Int64(place) * 20))
    }
    for engine in Self.engines { schedule.add(.boot(engine, .engine(setup)), at: .start + .seconds(4)) }
    var dice = Dice(seed: seed ^ 0xde11_7e44)
    for rider in 1...4 {
      let place = Self.seoul.moved(east: Int64(dice.roll(2500)), north: 0)
      order(.rider(.rider(UInt64(rider)), .goOnline(place)), UInt32(50 + rider), at: .start + .seconds(5), &schedule)
    }
    let begin = Instant.start + .seconds(7)
    placeOrders(from: begin, &dice, &schedule)
    var partyDice = Dice(seed: seed ^ 0x9a27_1e50)
    placeParties(from: begin, &partyDice) { order($0, $1, at: $2, &schedule) }
    let nodes = (1...3).map { NodeID($0) } + Self.engines
    let nemesis = Nemesis(nodes: nodes, kinds: faults, mostDisabled: 2, pace: .milliseconds(1500))
    schedule.add(nemesis.plan(seed: dice.next(), from: begin, to: begin + storm))
    return Trial(world: world, schedule: schedule, end: begin + storm + .seconds(100))
  }

  private func placeOrders(from begin: Instant, _ dice: inout Dice, _ schedule: inout Schedule<ClusterNode>) {
    var time = begin
    var number = Self.firstOrder
    while time < begin + storm {
      let card: Card = [.good, .good, .good, .good, .good, .good, .declined, .silent][Int(dice.roll(8))]
      let basket = Basket(
        customer: UInt64(1 + dice.roll(4)), restaurant: UInt64(1 + dice.roll(3)),
        pickup: Self.seoul.moved(east: Int64(dice.roll(800)), north: 0), dropoff: Self.seoul,
        lines: [OrderLine("bibimbap")], card: card)
      let place = Addressed.order(.order(UInt64(number)), .place(basket))
      order(place, number, at: time, &schedule)
      // The customer's phone heard nothing and says it again, under the same name.
      if dice.roll(3) == 0 {
        order(place, number + 1000, named: number, at: time + .milliseconds(Int64(dice.roll(3000))), &schedule)
      }
      if dice.roll(4) == 0 {
        let later = time + .milliseconds(Int64(dice.roll(9000)))
        order(.order(.order(UInt64(number)), .cancel), number + 2000, at: later, &schedule)
      }
      number += 1
      time = time + .milliseconds(Int64(300 + dice.roll(900)))
    }
  }

  private func order(
    _ addressed: Addressed, _ ticket: UInt32, named name: UInt32? = nil, at time: Instant,
    _ schedule: inout Schedule<ClusterNode>
  ) {
    let envelope = Envelope(addressed, id: CommandID(client: 1, number: UInt64(name ?? ticket)))
    schedule.add(
      .message(.command(.produce(Ticket(ticket), envelope.order(partitions: Self.partitions))), to: .client(1)),
      at: time)
  }

  private var setup: EngineSetup {
    var settings = EngineSettings(
      partitions: Self.partitions,
      autopilot: Autopilot(cooking: .seconds(3), riding: .seconds(2), refusalsPercent: 10))
    // So few that some have to wait for their turn.
    settings.mostInProgress = 4
    return EngineSetup.ofShortPatience(settings, rules)
  }

  // MARK: The end

  private func judgeEnd(_ world: inout ClusterWorld) {
    guard !world.hasUncleanPartition else { return }
    let logs = EngineLogs(world, partitions: Self.partitions)
    let judgement = EngineJudgement(logs)
    for (name, found) in judgement.always + judgement.settled {
      if let first = found.first { return world.accuse(name, first) }
    }
    for engine in Self.engines {
      for (name, found) in world.unfoldedMemories(of: engine, logs) { return world.accuse(name, found) }
    }
    if let lost = lostOrder(world, logs) { return world.accuse("NoOrderIsLost", lost) }
    if let lost = lostParty(world, logs) { world.accuse("NoPartyIsLost", lost) }
  }

  /// An order that brokers had accepted and that has not come to its end.
  private func lostOrder(_ world: borrowing ClusterWorld, _ logs: EngineLogs) -> String? {
    let memories = logs.memories
    for number in Self.firstOrder..<(Self.firstOrder + 200) {
      guard [number, number + 1000].contains(where: { isAccepted(Ticket($0), world) }) else { continue }
      let state = memories.order(UInt64(number)) ?? Order.initial
      if !state.phase.isOver {
        return "order \(number) was accepted, and long after the last fault it is \(state.statusText)"
      }
    }
    return nil
  }

  /// A party that brokers had accepted and that nobody has heard of. Whether it came to its end is judged by the logs: it
  /// may well have stayed open, when what was said of it came before its opening.
  private func lostParty(_ world: borrowing ClusterWorld, _ logs: EngineLogs) -> String? {
    let known = Set(logs.parties.map(\.number))
    let lost = Self.parties.first { isAccepted(Ticket(Self.opening($0)), world) && !known.contains($0) }
    return lost.map { "party \($0) was accepted, and the log has nothing of it" }
  }

  private func isAccepted(_ ticket: Ticket, _ world: borrowing ClusterWorld) -> Bool {
    let outcome = world.withClient(.client(1)) { $0.outcome(of: ticket) } ?? nil
    if case .produced? = outcome { return true }
    return false
  }
}

extension World where N == ClusterNode {
  /// Live tasks of the engine that know something else than their log says.
  public func unfoldedMemories(of engine: NodeID, _ logs: EngineLogs) -> [(name: String, found: String)] {
    withEngine(engine) { node in
      var found: [(name: String, found: String)] = []
      for seat in node.seats where seat.phase == .live {
        guard let memory = seat.task?.memory, !seat.isWriting else { continue }
        let folded = logs.memory(seat.topic, seat.partition)
        if memory.digest != folded.digest {
          found.append(("EveryMemoryIsAFold", "what \(engine) knows of \(seat.input) is not what its log says"))
        }
      }
      return found
    } ?? []
  }
}

extension Topic {
  /// The request that creates it.
  public func creation(partitions: Int32, replication: Int16) -> ControllerRequest {
    var config = [TopicSetting("min.insync.replicas", replication > 2 ? "2" : "1")]
    if cleanup != "delete" { config.append(TopicSetting("cleanup.policy", cleanup)) }
    config.append(TopicSetting("retention.ms", String(retention)))
    return .createTopic(name: name, partitions: partitions, replication: replication, config: config)
  }
}

extension Envelope {
  /// The order that brings it to the engine.
  public func order(partitions: Int32) -> ProduceOrder {
    ProduceOrder(
      topic: addressed.topic.name, partition: Topic.partition(of: key, count: partitions),
      source: .records([Record(key: key, value: encoded())]), idempotent: true)
  }
}

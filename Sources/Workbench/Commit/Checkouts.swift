import AtomicCommit
import Clockwork
import Simulation

/// Order, payment and kitchen with their databases, a coordinator, and the checkouts begun so far: a world of its own.
struct Checkouts: Sendable {
  typealias World = CommitWorld

  let roster: CommitRoster
  let names: NodeNames
  /// The names of everybody, coordinator first.
  let parties: [(name: String, id: NodeID)]
  /// Those that refuse everything.
  let refusing: [String]
  var timeline: Timeline<CommitNode<MemoryResources>>
  /// Customers, each with a row of that number at every service.
  private(set) var customers: [String] = []
  /// The latest checkout.
  private(set) var transaction = TransactionID(0)
  private(set) var customer = ""
  /// What was counted before it, and where it began.
  private var before = CommitTally()
  private(set) var began = 0
  /// Events in which the network was cut and mended only so that somebody dies in the middle of sending.
  private var stagecraft: [Int] = []

  static let standardServices = ["order", "payment", "kitchen"]

  init(_ rule: CommitProtocol, services: [String], refusing: [String], faults: Int, seed: UInt64) {
    let roster = CommitRoster.standard(rule, participants: services.count, faults: faults)
    var parties = [("coordinator", roster.coordinator)] + zip(services, roster.participants).map { ($0, $1) }
    for (place, id) in roster.acceptors.enumerated().dropFirst() { parties.append(("acceptor\(place + 1)", id)) }
    self.roster = roster
    self.parties = parties
    self.refusing = refusing
    names = NodeNames(parties.map { ($0.1, $0.0) })
    var world = World(seed: seed)
    world.stopsAtViolation = false
    world.watchCommitment()
    timeline = Timeline(world)
    var refusals = Members.none
    for (place, name) in services.enumerated() where refusing.contains(name) { refusals.insert(place) }
    for input in World.commit(roster, refusing: refusals) { timeline.apply(input) }
  }

  var world: World { timeline.world }
  var services: [(name: String, id: NodeID)] { parties.filter { roster.place(of: $0.id) != nil } }

  func id(of name: String) -> NodeID? { parties.first { $0.name == name }?.id }

  /// Asks the coordinator for another checkout.
  mutating func begin(for customer: String) {
    if !customers.contains(customer) { customers.append(customer) }
    let row = UInt32(customers.firstIndex(of: customer) ?? 0) + 1
    transaction = TransactionID(transaction.rawValue + 1)
    self.customer = customer
    before = world.commitTally()
    began = timeline.position.event
    timeline.apply(
      .message(.begin(transaction, roster.all, MemoryResources.Row(row)), to: roster.coordinator))
    // The coordinator hears it at once, and asks for votes.
    timeline.run(events: 1)
  }

  /// Sent and forced since the latest checkout began.
  var tally: CommitTally { world.commitTally() - before }
  var theory: CommitCost {
    .committing(roster.rule, participants: roster.participants.count, faults: roster.faults)
  }

  // MARK: Who stands where

  /// Of a service that is down: what its log says.
  func standing(_ id: NodeID, in transaction: TransactionID? = nil) -> Standing? {
    let transaction = transaction ?? self.transaction
    if world.status(id) == .down {
      let entry = world.withDisk(id) { disk in disk.entries.first { $0.transaction == transaction } } ?? nil
      guard let entry, roster.place(of: id) != nil else {
        return entry?.decision.map { Standing(vote: nil, decision: $0, isInDoubt: false, phase: nil) }
      }
      return Standing(
        vote: entry.isPrepared ? .yes : entry.settled == nil ? nil : .no, decision: entry.settled,
        isInDoubt: entry.isPrepared && entry.settled == nil, phase: nil)
    }
    return world.withNode(id) { $0.standing(in: transaction) } ?? nil
  }

  /// The rows that a service holds, for whom.
  func locks(_ id: NodeID) -> [MemoryResources.Lock] { world.withNode(id) { $0.manager?.locks ?? [] } ?? [] }

  func customer(_ row: MemoryResources.Row) -> String {
    let place = Int(row.number) - 1
    return customers.indices.contains(place) ? customers[place] : "row \(row.number)"
  }

  /// Everybody who is up and in doubt.
  var inDoubt: [String] {
    services.filter { world.status($0.id) == .up && standing($0.id)?.isInDoubt == true }.map(\.name)
  }

  /// Who would still be in doubt after half a minute in which nothing else fails and nothing is mended: tried on a copy.
  var blocked: [String] {
    guard !inDoubt.isEmpty else { return [] }
    var copy = self
    copy.timeline.run(until: world.now + .seconds(30), events: 20_000)
    return copy.inDoubt
  }

  // MARK: Time

  /// Runs until something can be seen: a message arrives or is lost, somebody votes, decides or stops waiting. False when
  /// nothing is left to happen.
  mutating func step() -> Bool {
    for _ in 0..<1000 {
      let start = timeline.position.event
      guard timeline.run(events: 1) != .idle, timeline.position.event > start else { return false }
      if events(since: start).contains(where: \.isVisible) { return true }
    }
    return false
  }

  func events(since event: Int) -> [TraceEvent] {
    guard timeline.position.event > event else { return [] }
    let events = timeline.trace((event + 1)...timeline.position.event).events
    guard stagecraft.contains(where: { $0 > event }) else { return events }
    return events.compactMap { event in
      guard stagecraft.contains(event.index) else { return event }
      switch event.kind {
      case .cut, .healed: return nil
      case .dropped(.cut):
        var event = event
        event.kind = .dropped(.died)
        return event
      default: return event
      }
    }
  }

  private mutating func stage(_ fault: Fault) {
    timeline.apply(.fault(fault))
    stagecraft.append(timeline.position.event)
  }

  /// Runs until the node has said, heard or noted such a thing; then the node dies in that very event. With `reaching`,
  /// what it sends in that event leaves for those only: it dies in the middle of sending. False when it never happens.
  mutating func crash(_ id: NodeID, after words: String, reaching: [NodeID]?) -> Bool {
    let limit = timeline.position.time + .seconds(10)
    for _ in 0..<20_000 {
      let start = timeline.position.event
      guard timeline.run(until: limit, events: 1) == .reached, timeline.position.event > start else { return false }
      let isIt = events(since: start).contains { event in
        event.node == id && !event.isMachinery && event.summary.contains(words)
      }
      guard isIt else { continue }
      if let reaching {
        timeline.goto(event: start)
        let others = roster.everyone.filter { $0 != id && !reaching.contains($0) }.map { Link(id, $0) }
        if !others.isEmpty { stage(.cut(others)) }
        timeline.run(events: 1)
        if !others.isEmpty { stagecraft.append(timeline.position.event) }
        timeline.apply(.fault(.crash(id)))
        if !others.isEmpty { stage(.heal(others)) }
      } else {
        timeline.apply(.fault(.crash(id)))
      }
      return true
    }
    return false
  }
}

extension TraceEvent {
  /// Worth a step of its own.
  fileprivate var isVisible: Bool {
    switch kind {
    case .delivered, .waiting, .dropped, .note, .booted, .violated: true
    case .sent, .held, .timer, .wrote, .synced, .reconfigured, .crashed, .powerLost, .paused, .resumed, .cut, .healed,
      .changed:
      false
    }
  }
}

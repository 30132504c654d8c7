public import Clockwork

/// A simulated world: nodes, their disks and clocks, the network between them, and what is about to happen.
///
/// A value: a snapshot is an assignment, and two worlds with the same seed and the same inputs at the same events are
/// the same, in every build and every process. Time is virtual and jumps from event to event.
public struct World<N: Node>: Sendable {
  /// The time of the last event, or later where `run(until:)` went on to a quiet moment.
  public internal(set) var now = Instant.start
  /// How many events there have been. An input (a boot, a fault, a command from the console) is an event too.
  public internal(set) var eventCount = 0
  /// A running hash over every event's time, kind, node, peer and message number: equal runs have equal hashes.
  public var traceHash: UInt64 { trace.finalize() }

  /// Checked after every event until one fails.
  public var invariants: [any Invariant<N>] = []
  /// The first invariant that failed.
  public internal(set) var violation: Violation?
  /// Whether `run` returns at the event that broke an invariant.
  public var stopsAtViolation = true

  /// `now` without the quiet time since.
  var lastEventTime = Instant.start
  // One entry per slot in each. Three arrays, so that reading a word of a host never copies the node beside it.
  var hosts: [Host] = []
  /// A dead node stays in its slot: its disk is what the next boot finds, the rest of it nobody sees any more.
  var members: [N] = []
  var belongings: [Belongings<N>] = []
  var roster = Roster()
  var network: Network
  var queue: EventQueue<N>
  var messageCount: UInt64 = 0
  var trace = StateHasher()

  // Each kind of chance has its own dice, so that one more throw of one does not change the others.
  var networkDice: Dice
  var diskDice: Dice
  var choices: Choices
  let initialFsync: LatencyDistribution
  /// What the disks of nodes that are still to come will need for a sync.
  var standardFsync: LatencyDistribution

  /// An empty world. Nodes come by `WorldInput.boot`.
  ///
  /// - Parameters:
  ///   - links: how every link is at first, and after `Fault.calm`.
  ///   - fsync: how long a sync takes, likewise.
  ///   - mostPending: how many events may wait at the same time; more is a violation, `BoundedQueues`.
  ///   - choices: decides what nodes and failing disks choose; from the seed when nil.
  public init(
    seed: UInt64, links: LinkQuality = .dataCentre,
    fsync: LatencyDistribution = .uniform(.microseconds(800), .microseconds(1200)), choices: Choices? = nil,
    mostPending: Int = 1 << 20
  ) {
    var dice = Dice(seed: seed)
    networkDice = dice.split()
    diskDice = dice.split()
    let chosen = dice.next()
    self.choices = choices ?? Choices(seed: chosen)
    network = Network(links)
    queue = EventQueue(limit: mostPending)
    initialFsync = fsync
    standardFsync = fsync
  }
}

// MARK: - Reading

extension World {
  /// Every node ever booted, in the order of their first boots.
  public var nodes: [NodeID] { hosts.map(\.id) }

  /// Nil for a node that never booted.
  public func status(_ id: NodeID) -> NodeStatus? { slot(of: id).map { hosts[$0].status } }

  /// How often the node has booted; 0 when never.
  public func boots(of id: NodeID) -> Int { slot(of: id).map { hosts[$0].boots } ?? 0 }

  /// Lends a node that is up or paused; nil for one that is down or unknown.
  public func withNode<Result>(_ id: NodeID, _ body: (borrowing N) -> Result) -> Result? {
    guard let slot = slot(of: id) else { return nil }
    // Through a span: an array would give a copy, and a broker counts dozens of references.
    return hosts[slot].status == .down ? nil : body(members.span[slot])
  }

  /// Lends the disk of a node, dead or alive; nil for one that is unknown.
  public func withDisk<Result>(_ id: NodeID, _ body: (borrowing N.Disk) -> Result) -> Result? {
    guard let slot = slot(of: id) else { return nil }
    return body(members[slot].disk)
  }

  public func setup(of id: NodeID) -> N.Setup? { slot(of: id).map { belongings[$0].setup } }

  /// What the node's clock shows now.
  public func clock(of id: NodeID) -> Instant? { slot(of: id).map { hosts[$0].clock.reads(at: now) } }

  /// Nil when one of the two never booted.
  public func isCut(_ link: Link) -> Bool? { ends(of: link).map { network.isCut($0.from, $0.to) } }
  public func quality(of link: Link) -> LinkQuality? { ends(of: link).map { network.quality($0.from, $0.to) } }

  /// When the next event is due; `never` when nothing is left.
  public var nextEventTime: Instant { queue.nextTime }

  /// How many events are waiting.
  public var pendingCount: Int { queue.count }

  /// Everything that decides the future, but for the contents of messages under way (their summaries count) and of the
  /// disks of dead nodes (their positions count).
  public func fingerprint() -> UInt64 {
    var hasher = StateHasher()
    hasher.combine(now.nanoseconds)
    hasher.combine(eventCount)
    hasher.combine(traceHash)
    hasher.combine(networkDice.state)
    hasher.combine(diskDice.state)
    for slot in hosts.indices { fingerprint(of: slot, into: &hasher) }
    network.fingerprint(into: &hasher)
    queue.inspect { time, pending in
      hasher.combine(time.nanoseconds)
      pending.fingerprint(into: &hasher)
    }
    return hasher.finalize()
  }

  func slot(of id: NodeID) -> Int? {
    let slot = roster.slot(of: id)
    return slot < 0 ? nil : slot
  }

  func ends(of link: Link) -> (from: Int, to: Int)? {
    let (from, to) = (roster.slot(of: link.from), roster.slot(of: link.to))
    return from < 0 || to < 0 ? nil : (from, to)
  }
}

extension World {
  private func fingerprint(of slot: Int, into hasher: inout StateHasher) {
    let host = hosts[slot]
    hasher.combine(host.id.rawValue)
    hasher.combine(host.status.rawValue)
    hasher.combine(host.boots)
    hasher.combine(host.clock.reads(at: now).nanoseconds)
    hasher.combine(host.lastSync.nanoseconds)
    hasher.combine(host.platter)
    hasher.combine(belongings[slot].held.count)
    for pending in belongings[slot].waiting { pending.fingerprint(into: &hasher) }
    if host.status != .down { members[slot].fingerprint(into: &hasher) }
    hasher.combine(members[slot].disk.position)
  }
}

extension Pending {
  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(to)
    switch body {
    case .vacant: break
    case .message(let message, let from, _, let number):
      hasher.combine(from.rawValue)
      hasher.combine(number)
      hasher.combine(message.summary)
    case .timer(_, let at): hasher.combine(at.nanoseconds)
    case .durable(let token): hasher.combine(token.position)
    }
  }
}

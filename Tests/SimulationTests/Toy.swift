import Clockwork
import Simulation

/// A node that uses everything a node can: messages, timers, syncs, held-back sends, choices, notes.
struct Toy: Node {
  enum Message: Hashable, Sendable, Narratable {
    /// From the console: say 1, 2, … n to a node.
    case sayTo(NodeID, Int)
    case word(Int)
    /// Write a number; `written` comes back to `replyTo` once it is on the platter.
    case write(Int, replyTo: NodeID)
    case written(Int)
    /// Write without asking for a sync.
    case scribble(Int)
    case remindAt(Instant)

    var summary: String { "\(self)" }
    var isRoutine: Bool { self == .word(0) }
  }

  enum Timer: Hashable, Sendable {
    case gossip
    case reminder
  }

  struct Setup: Sendable {
    /// Where to gossip, every so often.
    var peers: [NodeID] = []
    var every = Interval.milliseconds(10)
  }

  struct Disk: Durable {
    var entries: [Int] = []
    var synced = 0
    var isTorn = false

    init() {}
    var position: UInt64 { UInt64(entries.count) }
    mutating func synced(through position: UInt64) { synced = max(synced, Int(position)) }

    mutating func losePower(_ choices: inout Choices) {
      let kept = synced + choices.choose(entries.count - synced + 1)
      isTorn = kept < entries.count && choices.choose(2) == 1
      entries.removeSubrange(kept...)
      if isTorn { entries.append(-1) }
    }
  }

  struct Heard: Hashable, Sendable {
    var message: Message
    var from: NodeID
    var at: Instant
  }

  var disk: Disk
  var setup: Setup
  var heard: [Heard] = []
  var rings: [Instant] = []
  var durable: [UInt64] = []
  var foundTorn = false

  init(_ id: NodeID, _ setup: Setup, recovering disk: consuming Disk, _ fx: inout Effects<Self>) {
    foundTorn = disk.isTorn
    if disk.isTorn {
      disk.entries.removeLast()
      disk.isTorn = false
    }
    self.disk = disk
    self.setup = setup
    if !setup.peers.isEmpty { fx.set(.gossip, at: fx.now + setup.every) }
  }

  mutating func reconfigure(_ setup: Setup, _ fx: inout Effects<Self>) { self.setup = setup }

  mutating func on(_ event: consuming Event<Self>, _ fx: inout Effects<Self>) {
    switch event {
    case .message(let message, let from): hear(message, from, &fx)
    case .durable(let token): durable.append(token.position)
    case .timer(.reminder): rings.append(fx.now)
    case .timer(.gossip):
      let peer = setup.peers[fx.choose(setup.peers.count, "whom to tell")]
      fx.note("gossips with \(peer)")
      fx.send(.write(Int(fx.me.rawValue), replyTo: fx.me), to: peer)
      fx.set(.gossip, at: fx.now + setup.every)
    }
  }

  private mutating func hear(_ message: Message, _ from: NodeID, _ fx: inout Effects<Self>) {
    heard.append(Heard(message: message, from: from, at: fx.now))
    if heard.count > 64 { heard.removeFirst() }
    switch message {
    case .sayTo(let peer, let count): for word in 0..<count { fx.send(.word(word + 1), to: peer) }
    case .write(let number, let replyTo):
      disk.entries.append(number)
      fx.send(.written(number), to: replyTo, after: fx.sync(through: disk.position))
    case .scribble(let number): disk.entries.append(number)
    case .remindAt(let instant): fx.set(.reminder, at: instant)
    case .word, .written: break
    }
  }

  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(heard.count)
    for one in heard { hasher.combine(one.at.nanoseconds) }
    for entry in disk.entries { hasher.combine(entry) }
    hasher.combine(disk.synced)
  }

  var words: [Int] {
    heard.compactMap { if case .word(let word) = $0.message { word } else { nil } }
  }
}

let n1 = NodeID(1)
let n2 = NodeID(2)
let n3 = NodeID(3)

/// Quiet nodes n1, n2, n3: they do only what they are told.
func quietWorld(seed: UInt64 = 1, links: LinkQuality = .dataCentre) -> World<Toy> {
  var world = World<Toy>(seed: seed, links: links)
  for node in [n1, n2, n3] { world.apply(.boot(node, Toy.Setup())) }
  return world
}

/// n1, n2, n3 gossip with each other for ever.
func busyWorld(seed: UInt64) -> World<Toy> {
  var world = World<Toy>(seed: seed)
  for node in [n1, n2, n3] {
    world.apply(.boot(node, Toy.Setup(peers: [n1, n2, n3].filter { $0 != node })))
  }
  return world
}

extension World<Toy> {
  func toy(_ id: NodeID) -> Toy? { withNode(id) { copy $0 } }

  mutating func tell(_ id: NodeID, _ message: Toy.Message) { apply(.message(message, to: id)) }
  mutating func strike(_ fault: Fault) { apply(.fault(fault)) }
  mutating func run(for interval: Interval) { run(until: now + interval) }
}

extension Interval {
  var after: Instant { .start + self }
}

import Clockwork

/// Whether a node runs.
public enum NodeStatus: String, Hashable, Sendable {
  /// Can become paused or down.
  case up
  /// Stands still with its memory whole. Can become up or down.
  case paused
  /// Dead; its disk is kept. Can become up.
  case down
}

/// What a world knows of a node's machine. Small and without references: the hot path reads it on every event.
struct Host: Sendable {
  let id: NodeID
  var status = NodeStatus.down
  /// How often the node has booted: its incarnation.
  var boots = 0
  /// The setup changed while the node could not hear of it.
  var owesReconfigure = false
  var clock = SkewedClock()
  var fsync: LatencyDistribution
  /// When the last sync asked for will be done: the next is not done before it.
  var lastSync = Instant.start
  /// Up to where this incarnation has seen its writes made durable.
  var platter: UInt64 = 0

  init(_ id: NodeID, fsync: LatencyDistribution) {
    self.id = id
    self.fsync = fsync
  }
}

/// What a world keeps for a node and rarely looks at.
struct Belongings<N: Node>: Sendable {
  /// A message that must not leave before the disk has caught up.
  struct Held: Sendable {
    var after: UInt64
    var message: N.Message
    var to: NodeID
    var number: UInt64
  }

  var setup: N.Setup
  var held: [Held] = []
  /// What arrived while the node was paused.
  var waiting: [Pending<N>] = []

  init(_ setup: N.Setup) { self.setup = setup }
}

/// From a node's name to its slot, without hashing: brokers and clients both count from one.
struct Roster: Sendable {
  static let limit = 256
  private var brokers: [Int] = []
  private var clients: [Int] = []

  /// Names that a world can hold: `n1 ... n999` and `c1 ... c9999`.
  static func canName(_ id: NodeID) -> Bool {
    (1...999).contains(id.rawValue) || (1001...10_999).contains(id.rawValue)
  }

  /// The slot, or -1.
  func slot(of id: NodeID) -> Int {
    let raw = Int(id.rawValue)
    if raw < 1000 { return raw > 0 && raw <= brokers.count ? brokers[raw - 1] : -1 }
    let number = raw - 1001
    return number >= 0 && number < clients.count ? clients[number] : -1
  }

  mutating func add(_ id: NodeID, at slot: Int) {
    let raw = Int(id.rawValue)
    if raw < 1000 {
      Roster.place(slot, at: raw - 1, in: &brokers)
    } else {
      Roster.place(slot, at: raw - 1001, in: &clients)
    }
  }

  private static func place(_ slot: Int, at index: Int, in slots: inout [Int]) {
    while slots.count <= index { slots.append(-1) }
    slots[index] = slot
  }
}

import Clockwork

/// A node with all that is its own: what it waits for, what it holds back, whether it lives.
struct Machine<N: Node>: Sendable {
  struct Held: Sendable {
    var after: UInt64
    var letter: UInt32
  }

  var node: N
  var isUp = true
  /// See `ExploredSystem.label`.
  var label: UInt64 = 0
  /// Numbers of timers, sorted, each once: a timer that is set twice rings twice, but what it would do the second time
  /// it can do the first.
  var timers: [UInt32] = []
  /// Asked for and not done, oldest first.
  var syncs: [SyncToken] = []
  var held: [Held] = []
  /// Up to where this process has seen its writes made durable.
  var platter: UInt64 = 0

  init(_ node: N) { self.node = node }
}

/// Everything by which two states of a node are told apart.
struct MachineKey: Hashable, Sendable {
  var slot: Int
  /// Of the node; of a dead one, of what it would be if it were restarted.
  var print: UInt64
  var isUp: Bool
  var label: UInt64
  var timers: [UInt32]
  /// Positions on the disk, where syncs take steps; otherwise empty.
  var positions: [UInt64]
  var held: [UInt32]
}

/// A message under way.
struct Letter<N: Node>: Hashable, Sendable {
  var from: NodeID
  var to: NodeID
  var message: N.Message
}

/// A timer that was set. How long for is part of it: its handler will see that much time gone.
struct ArmedTimer<N: Node>: Hashable, Sendable {
  var timer: N.Timer
  var after: Interval
}

/// What a node did with an event.
struct Act<N: Node>: Sendable {
  var machine: Machine<N>
  /// In the order in which they leave.
  var sent: [UInt32]
  var notes: [String]
  var script: [UInt32]
  var nextScript: [UInt32]?
}

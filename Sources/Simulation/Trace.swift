public import Clockwork

/// One line of what happened in a world.
///
/// Traces are never stored: a run is determined by its seed and its inputs, so that any part of its trace comes back
/// when that part is run again with somebody watching.
public struct TraceEvent: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// `node` sent to `peer`.
    case sent
    /// `node` wants to send to `peer` once its disk has caught up; `sent` follows, with the same number.
    case held
    /// `node` heard from `peer`.
    case delivered
    /// What was for `node`, from `peer`, reached it while it was paused, and waits.
    case waiting
    /// What was for `node`, from `peer`, will never be heard.
    case dropped(DropReason)
    /// `node` heard its timer.
    case timer
    /// `node` wrote to its disk, up to this position.
    case wrote(through: UInt64)
    /// What `node` wrote up to this position is on the platter.
    case synced(through: UInt64)
    case booted
    case reconfigured
    case crashed
    /// `lost` says by how much the disk's position fell back.
    case powerLost(lost: UInt64)
    case paused
    case resumed
    /// Of the link from `node` to `peer`; of every link when `node` is the console.
    case cut
    case healed
    /// Any other change of network, disks or clocks; the summary says which.
    case changed
    /// `node` says what it did.
    case note
    /// An invariant no longer holds.
    case violated
  }

  public enum DropReason: String, Hashable, Sendable {
    case cut, lost, down
    case unknownNode = "no such node"
    /// Held back for the disk, or waiting for a paused node, when the node died.
    case died
  }

  /// The event that it belongs to, counted from 1: `Timeline.goto(event: index)` stops right behind it.
  public var index: Int
  public var time: Instant
  public var kind: Kind
  public var node: NodeID
  public var peer: NodeID?
  /// The same for a message's sending, holding, delivery and drop.
  public var number: UInt64?
  public var summary: String
  /// Hidden unless asked for: heartbeats, empty fetches, timers.
  public var isRoutine: Bool
}

/// Watches a world run. Watching changes nothing of what happens.
public protocol TraceObserver {
  /// When false nothing is told, and the text for it is not built.
  var isListening: Bool { get }
  mutating func saw(_ event: TraceEvent)
}

/// Nobody watches; costs nothing.
public struct NoObserver: TraceObserver {
  public init() {}
  public var isListening: Bool { false }
  public mutating func saw(_ event: TraceEvent) {}
}

/// Keeps what it sees, up to a limit.
public struct TraceCollector: TraceObserver, Sendable {
  public private(set) var events: [TraceEvent] = []
  /// How many more there were than the limit allows.
  public private(set) var omitted = 0
  private let limit: Int

  public init(limit: Int = 100_000) { self.limit = limit }

  public var isListening: Bool { true }

  public mutating func saw(_ event: TraceEvent) {
    if events.count < limit { events.append(event) } else { omitted += 1 }
  }
}

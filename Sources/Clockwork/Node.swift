/// A deterministic node: a value that hears one event at a time and answers with effects.
///
/// A node owns no clock, no dice, no socket and no file handle of its own: everything it knows arrives as an event or
/// is on its `disk`, everything it wants goes through `Effects`. So a snapshot of a node is an assignment, and the same
/// code runs in the simulated world, live, and under exhaustive search.
///
/// Rules: `on` is total (bad input is an event, not a trap); never iterate a `Set` or `Dictionary` where the order can
/// reach an effect; no `Date()`, no `.random`.
public protocol Node: Sendable {
  /// What nodes say to each other, and what the console says to them.
  associatedtype Message: Hashable & Sendable & Narratable
  /// What a node asks to be reminded of.
  associatedtype Timer: Hashable & Sendable
  /// What survives a crash.
  associatedtype Disk: Durable
  /// What the operator configured: given at every boot, changed by the operator only.
  associatedtype Setup: Sendable

  /// Boots, or reboots after a crash, from what is on disk. A first boot gets an empty disk.
  init(_ id: NodeID, _ setup: Setup, recovering disk: consuming Disk, _ fx: inout Effects<Self>)

  /// The operator changed the setup while the node runs.
  mutating func reconfigure(_ setup: Setup, _ fx: inout Effects<Self>)

  /// Hears one event. Total: never traps on input.
  mutating func on(_ event: consuming Event<Self>, _ fx: inout Effects<Self>)

  /// What the node has written, synced or not. The world reaches through it to complete syncs and to lose power.
  var disk: Disk { get set }

  /// Feeds everything that decides the node's future into the hasher, in an order that is the same in every process.
  func fingerprint(into hasher: inout StateHasher)
}

/// What a node hears.
public enum Event<N: Node>: Sendable {
  case message(N.Message, from: NodeID)
  /// A timer that was set has come due. Timers are never cancelled: a node ignores one it no longer wants.
  case timer(N.Timer)
  /// Everything written up to the token's position is on the platter.
  case durable(SyncToken)
}

/// Proof that a sync was asked for; comes back in `Event.durable` when it is done.
public struct SyncToken: Hashable, Sendable {
  /// The disk position (see `Durable.position`) that the sync covers.
  public var position: UInt64

  @inlinable public init(position: UInt64) { self.position = position }
}

/// Storage that knows how much of it has reached the platter.
public protocol Durable: Sendable {
  init()

  /// Grows with every write; names a point that a sync can cover.
  var position: UInt64 { get }

  /// Everything written up to `position` can no longer be lost. Called in the order the syncs were asked for.
  mutating func synced(through position: UInt64)

  /// Power failed: any suffix of what was not synced may be gone, and the last surviving write may be torn. `choices`
  /// decides. What is left is what the next `Node.init(recovering:)` sees. Not called when only the process dies.
  mutating func losePower(_ choices: inout Choices)
}

/// What can be told about a message in a trace or a diagram.
public protocol Narratable {
  /// A few words, without sender and receiver: `Fetch orders/0 from 17`.
  var summary: String { get }

  /// True for what flows all the time and means nothing by itself (heartbeats, empty fetches): hidden unless asked for.
  var isRoutine: Bool { get }
}

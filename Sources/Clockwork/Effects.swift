/// What a node may do in answer to an event.
public typealias Effects<N: Node> = Outbox<N.Message, N.Timer>

/// Collects what a node wants done, for its world to carry out. Lent for one call, never stored.
///
/// Generic over what is sent and set, not over the node: the parts of a node, and nodes that speak the same messages,
/// share one.
public struct Outbox<Message: Sendable, Timer: Sendable>: ~Copyable {
  /// A message on its way out; `after` holds it back until that sync is done (write before send).
  public struct Outgoing: Sendable {
    public var message: Message
    public var to: NodeID
    public var after: SyncToken?

    @inlinable init(message: consuming Message, to: NodeID, after: SyncToken?) {
      self.message = message
      self.to = to
      self.after = after
    }
  }

  /// Who is acting.
  public var me: NodeID
  /// The acting node's clock: virtual or monotonic, skewed if the world skews it.
  public var now: Instant
  /// Whether notes are kept. When false, `note` does not even build its text.
  public var narrating: Bool

  public var choices: Choices
  /// Collected for the world to carry out, in order.
  public var outgoing: [Outgoing] = []
  public var timers: [(timer: Timer, at: Instant)] = []
  public var syncs: [SyncToken] = []
  public var notes: [String] = []

  @inlinable public init(me: NodeID, now: Instant, choices: Choices, narrating: Bool = false) {
    self.me = me
    self.now = now
    self.choices = choices
    self.narrating = narrating
  }

  /// Sends a message. With `after`, it leaves only once that sync is done, and never if the node crashes first.
  @inlinable public mutating func send(_ message: consuming Message, to: NodeID, after: SyncToken? = nil) {
    outgoing.append(Outgoing(message: message, to: to, after: after))
  }

  /// Asks to hear `timer` at `instant` on this node's clock (at once if it has passed). Setting one twice rings twice.
  @inlinable public mutating func set(_ timer: Timer, at instant: Instant) {
    timers.append((timer, instant))
  }

  /// Asks for everything written up to `position` to be made durable; `Event.durable` tells when.
  @inlinable public mutating func sync(through position: UInt64) -> SyncToken {
    let token = SyncToken(position: position)
    syncs.append(token)
    return token
  }

  /// The only nondeterminism a node has: a number in `0 ..< bound`. `why` names the choice for whoever reads a schedule.
  @inlinable public mutating func choose(_ bound: Int, _ why: StaticString) -> Int {
    choices.choose(bound)
  }

  /// Tells the trace what just happened inside: `leads orders/0 in epoch 3`. Decides nothing.
  @inlinable public mutating func note(_ text: @autoclosure () -> String) {
    if narrating { notes.append(text()) }
  }
}

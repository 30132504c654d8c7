import Clockwork

/// One request that is sent until it is answered: which copy is out, when to give up on it, when to try again, and
/// whether an unanswered copy may have had its effect.
struct Attempt: Hashable, Sendable {
  enum Step { case wait, send, expired, overdue }

  /// The copy that is out; nil while waiting to send.
  private(set) var out: CorrelationID?
  private(set) var target = NodeID.console
  /// When the copy that is out counts as lost, or when to send the next.
  private(set) var next: Instant
  /// When the whole thing is given up.
  let giveUp: Instant
  private(set) var sent = 0
  /// A copy was sent and never clearly refused: its effect may have happened.
  var isDoubtful = false
  var lastError: BrokerError?

  init(now: Instant, giveUp: Instant) {
    next = now
    self.giveUp = giveUp
  }

  /// What is due at `now`.
  func step(_ now: Instant) -> Step {
    if out != nil { return next <= now ? .overdue : .wait }
    if giveUp <= now { return .expired }
    return next <= now ? .send : .wait
  }

  mutating func send(_ id: CorrelationID, to target: NodeID, lostAt: Instant) {
    out = id
    self.target = target
    next = lostAt
    sent += 1
  }

  /// The copy that is out is answered or lost; the next goes at `retryAt`.
  mutating func settle(retryAt: Instant) {
    out = nil
    next = min(retryAt, giveUp)
  }
}

public import Clockwork

/// What brokers, their parts and their clients write their effects to.
public typealias BrokerEffects = Outbox<BrokerMessage, BrokerTimer>

/// A timer that is armed at most once: many deadlines, one entry in the world's queue.
///
/// Timers are never cancelled, so a timer for each held request would leave a trail of dead ones. An alarm rings for
/// the earliest deadline asked for; whoever hears it looks at the real deadlines and arms it again for the next.
public struct Alarm: Hashable, Sendable {
  private var armedFor = Instant.never

  public init() {}

  /// Makes sure that `timer` rings at `deadline` or earlier.
  public mutating func ring(_ timer: BrokerTimer, by deadline: Instant, _ fx: inout BrokerEffects) {
    guard deadline < armedFor else { return }
    armedFor = deadline
    fx.set(timer, at: deadline)
  }

  /// True when this is the ring that was waited for, not the echo of one that was armed for later and overtaken.
  public mutating func rang(_ now: Instant) -> Bool {
    guard armedFor <= now else { return false }
    armedFor = .never
    return true
  }
}

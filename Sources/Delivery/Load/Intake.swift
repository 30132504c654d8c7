public import Clockwork

/// What the door says to an order while more come than are handled.
///
/// The log takes what comes: a backlog makes everything later, not lost. So the door goes on saying yes with a later
/// time, and refuses only when the log itself has no room, with a time after which to try again.
public struct Intake: Hashable, Sendable {
  /// How many orders wait in the log.
  public private(set) var backlog: Int64 = 0
  /// Orders in a second that are being handled, in thousandths, smoothed over about ten seconds.
  public private(set) var ratePerMille: Int64
  /// From cooking to the door, when nobody waits.
  public var usual: Interval
  /// How many orders the log has room for.
  public var room: Int64

  public init(expecting ordersPerSecond: Int64, usual: Interval = .seconds(35 * 60), room: Int64) {
    ratePerMille = max(1, ordersPerSecond) * 1_000
    self.usual = usual
    self.room = max(1, room)
  }

  public enum Answer: Hashable, Sendable {
    /// Written; delivered in about this time.
    case accepted(eta: Interval)
    /// Not written: surely nothing has happened.
    case overloaded(retryAfter: Interval)
  }

  public mutating func arrives() -> Answer {
    guard backlog < room else { return .overloaded(retryAfter: retryAfter) }
    backlog += 1
    return .accepted(eta: eta)
  }

  /// So many were handled in so long.
  public mutating func handled(_ count: Int64, in time: Interval) {
    backlog = max(0, backlog - max(0, count))
    guard time > .zero, count > 0 else { return }
    let now = count * 1_000_000 / max(1, time.milliseconds)
    let weight = min(1_000, time.milliseconds / 10)
    ratePerMille = max(1, (ratePerMille * (1_000 - weight) + now * weight) / 1_000)
  }

  /// How long an order that comes now waits before it is handled.
  public var wait: Interval { .milliseconds(backlog * 1_000_000 / ratePerMille) }

  public var eta: Interval { wait + usual }

  /// When a tenth of the room will be free again; never less than a second.
  private var retryAfter: Interval { max(.seconds(1), .milliseconds(room / 10 * 1_000_000 / ratePerMille)) }
}

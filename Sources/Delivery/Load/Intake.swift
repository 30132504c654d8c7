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

  /// When the logs were looked at last, and how many orders were through then.
  private var seen: Look?

  private struct Look: Hashable {
    var through: Int64
    var at: Instant
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

  /// What the logs say: so many orders have been accepted in all, and so many of them are through.
  ///
  /// Any door can say this: of a producer that counts what it was told, and of whoever reads the log of orders. Said
  /// about once a second; the rate is told of the time between, however much that is.
  public mutating func look(accepted: Int64, through: Int64, at now: Instant) {
    if let seen, now > seen.at { handled(through - seen.through, in: now - seen.at) }
    if seen.map({ now > $0.at }) ?? true { seen = Look(through: through, at: now) }
    backlog = max(0, accepted - through)
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

import Clockwork

/// Lets a few warnings through in each span of time, and counts the others: clients that misbehave must not fill the log.
struct WarningBudget {
  private static let most = 10
  private static let span = Interval.seconds(10)

  private var began = Instant.start
  private var said = 0
  private var kept = 0

  /// Whether to say it, and how many were kept back before it.
  mutating func admit(at now: Instant) -> (isAdmitted: Bool, keptBack: Int) {
    if now - began >= Self.span {
      began = now
      said = 0
    }
    guard said < Self.most else {
      kept += 1
      return (false, 0)
    }
    said += 1
    defer { kept = 0 }
    return (true, kept)
  }
}

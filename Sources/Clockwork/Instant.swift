/// A point in time as a node sees it: nanoseconds since its world began.
///
/// Below the console nothing reads a wall clock. The simulated world hands out virtual instants, the live world
/// hands out monotonic ones, and a node cannot tell which.
public struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Nanoseconds since the world began.
  public var nanoseconds: Int64

  @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// When the world began.
  public static let start = Instant(nanoseconds: 0)

  /// Later than any instant a world reaches: "no deadline".
  public static let never = Instant(nanoseconds: .max)

  @inlinable public static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

  /// Saturates at `never`, so that "no deadline plus a bit" is still no deadline.
  @inlinable public static func + (instant: Instant, interval: Interval) -> Instant {
    let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(interval.nanoseconds)
    return overflow ? .never : Instant(nanoseconds: sum)
  }

  @inlinable public static func - (later: Instant, earlier: Instant) -> Interval {
    Interval(nanoseconds: later.nanoseconds - earlier.nanoseconds)
  }

  /// The instant as seconds and milliseconds, e.g. `2.034s`.
  public var description: String {
    self == .never ? "never" : Interval(nanoseconds: nanoseconds).clock
  }
}

public import Clockwork
import Glibc

/// The clock of a live node: nanoseconds since 1970 when it was made, and monotonic from then on, so that no step of the
/// wall clock ever moves a deadline.
public struct LiveClock: Sendable {
  private let origin: Int64

  public init() { origin = Self.read(CLOCK_REALTIME) - Self.read(CLOCK_MONOTONIC) }

  public var now: Instant { Instant(nanoseconds: origin &+ Self.read(CLOCK_MONOTONIC)) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

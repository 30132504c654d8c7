import Clockwork
import Glibc

/// How long commands take, on the machine's own clock.
enum Stopwatch {
  /// Since some moment that stays the same while the process runs.
  @Sendable static func elapsed() -> Interval {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return .nanoseconds(Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
  }
}

import Clockwork
import Workbench

/// A limit of wall clock for one command, on top of whatever else may stop it.
struct Deadline {
  let limit: Interval
  private let end: ContinuousClock.Instant

  init(_ limit: Interval) {
    self.limit = limit
    end = .now + .nanoseconds(limit.nanoseconds)
  }

  var isOver: Bool { ContinuousClock.now >= end }

  func bounding(_ errand: Errand) -> Errand {
    Errand(
      isCancelled: { [end] in errand.isCancelled() || ContinuousClock.now >= end }, progress: errand.progress,
      elapsed: errand.elapsed)
  }
}

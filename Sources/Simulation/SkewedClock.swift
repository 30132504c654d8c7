import Clockwork

/// A node's clock: the world's time, plus an offset, plus a drift that grows from the moment it was set.
struct SkewedClock: Hashable, Sendable {
  private var offset: Int64 = 0
  private var driftPPM: Int64 = 0
  private var anchor: Int64 = 0

  init() {}

  /// Offsets are taken into ±30 years, drifts into ±500,000 parts per million: a clock always goes forward.
  init(offset: Interval, driftPPM: Int, from now: Instant) {
    self.offset = max(-1_000_000_000_000_000_000, min(offset.nanoseconds, 1_000_000_000_000_000_000))
    self.driftPPM = Int64(max(-500_000, min(driftPPM, 500_000)))
    anchor = now.nanoseconds
  }

  private var isTrue: Bool { offset == 0 && driftPPM == 0 }

  /// What the clock shows at a moment of the world.
  func reads(at moment: Instant) -> Instant {
    if isTrue { return moment }
    return Instant(nanoseconds: Int64(clamping: shown(Int128(moment.nanoseconds))))
  }

  /// The first moment of the world at which the clock shows `reading` or more.
  func moment(of reading: Instant) -> Instant {
    if isTrue || reading == .never { return reading }
    let wanted = Int128(reading.nanoseconds)
    let rate = Int128(1_000_000 + driftPPM)
    var moment = Int128(anchor) + (wanted - Int128(offset) - Int128(anchor)) * 1_000_000 / rate - 2
    while shown(moment) < wanted { moment += 1 }
    return Instant(nanoseconds: Int64(clamping: moment))
  }

  private func shown(_ moment: Int128) -> Int128 {
    moment + Int128(offset) + (moment - Int128(anchor)) * Int128(driftPPM) / 1_000_000
  }
}

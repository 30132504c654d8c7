public import Clockwork

/// How long something takes: a message on its way, a sync on its disk.
///
/// All integer arithmetic, so that a draw is the same in every build and on every machine. Intervals are taken into
/// `0 ... 1h` when drawn.
public enum LatencyDistribution: Hashable, Sendable {
  /// Always the same. Uses up no throw of the dice.
  case constant(Interval)
  /// Every length between the two is as likely.
  case uniform(Interval, Interval)
  /// At least `from`; beyond that most are short and a few are long (exponential, with that mean). At most 45 means.
  case tail(from: Interval, mean: Interval)

  /// Draws one length.
  public func draw(_ dice: inout Dice) -> Interval {
    switch self {
    case .constant(let length):
      return bounded(length)
    case .uniform(let one, let other):
      let (low, high) = (bounded(min(one, other)), bounded(max(one, other)))
      return low + .nanoseconds(Int64(dice.roll(UInt64((high - low).nanoseconds) + 1)))
    case .tail(let from, let mean):
      // 3.6e12 ns times 45 in 16 fractional bits fits in 64 bits.
      let scaled = UInt64(bounded(mean).nanoseconds) * exponential(dice.next())
      return bounded(from) + .nanoseconds(Int64(scaled >> 16))
    }
  }
}

/// Lengths that a world can draw: never negative, never so long that arithmetic on them overflows.
private func bounded(_ length: Interval) -> Interval { max(.zero, min(length, .seconds(3600))) }

/// `-ln(u)` with 16 fractional bits, for `u` a uniform 64-bit fraction: with `u = 2^-(k+1) (1 + f)` it is
/// `(k + 1) ln 2 - ln(1 + f)`, where `ln(1 + f)` comes from a table of sixteenths.
private func exponential(_ u: UInt64) -> UInt64 {
  let zeros = min(u.leadingZeroBitCount, 63)
  let fraction = Int(((u << UInt64(zeros)) << 1) >> 48)
  let (step, rest) = (fraction >> 12, fraction & 0xFFF)
  let logarithm = logarithms[step] + ((logarithms[step + 1] - logarithms[step]) * rest) >> 12
  return UInt64((zeros + 1) * 45_426 - logarithm)
}

/// `ln(1 + i/16)` with 16 fractional bits.
private let logarithms = [
  0, 3973, 7719, 11262, 14624, 17821, 20870, 23783, 26573, 29248, 31818, 34292, 36675, 38975, 41196, 43345, 45426,
]

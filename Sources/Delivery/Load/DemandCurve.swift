public import Clockwork

/// How many orders an hour there are at each time of the day.
public struct DemandCurve: Hashable, Sendable {
  /// At each full hour 0 … 23, in per mille of the usual day's peak; straight lines between.
  public var hours: [Int64]
  /// Orders an hour that 1,000 stands for.
  public var peak: Int64
  /// What is special about the day.
  public var event: Event?

  /// A time with a demand of its own.
  public struct Event: Hashable, Sendable {
    public var from: Instant
    public var to: Instant
    /// How many times the usual demand, in per mille.
    public var factorPerMille: Int64
    /// Of a hundred orders how many want chicken then.
    public var chickenPercent: Int
  }

  /// A day with a lunch and a higher dinner. Baemin's peak in 2018 was 140,000 orders an hour in all of Korea; a fifth of
  /// Koreans live in Seoul.
  public static func ordinaryDay(peak: Int64 = 28_000) -> DemandCurve {
    DemandCurve(
      hours: [
        180, 110, 70, 45, 30, 30, 50, 100, 180, 260, 420, 760, 880, 520, 300, 270, 360, 640, 950, 1_000, 820, 600, 420,
        280,
      ], peak: peak, event: nil)
  }

  /// The evening of 24 November 2022: Uruguay against Korea at 22:00, and chicken before it.
  public static func worldCupEvening(peak: Int64 = 28_000) -> DemandCurve {
    var curve = ordinaryDay(peak: peak)
    curve.event = Event(
      from: .start + .seconds(19 * 3_600), to: .start + .seconds(22 * 3_600 + 1_800), factorPerMille: 3_000,
      chickenPercent: 70)
    return curve
  }

  /// Orders an hour at a time of the day; a later day is like the first, without its event.
  public func rate(at moment: Instant) -> Int64 {
    guard hours.count == 24 else { return 0 }
    let second = max(0, moment.nanoseconds / 1_000_000_000)
    let (hour, rest) = (Int(second / 3_600 % 24), second % 3_600)
    let usual = hours[hour] + (hours[(hour + 1) % 24] - hours[hour]) * rest / 3_600
    return usual * peak / 1_000 * factor(at: moment) / 1_000
  }

  /// Whether the day's event is on.
  public func isSpecial(at moment: Instant) -> Bool { event.map { $0.from <= moment && moment < $0.to } ?? false }

  private func factor(at moment: Instant) -> Int64 { isSpecial(at: moment) ? event?.factorPerMille ?? 1_000 : 1_000 }
}

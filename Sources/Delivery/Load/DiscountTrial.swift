public import Clockwork

/// Whether a discount brought orders, told while it runs: orders in the zones that have it against zones that do not.
///
/// More orders than before proves nothing on an evening when everybody orders more. So the change in the treated zones
/// is divided by the change in the control zones over the same windows. Counts come from windows of a stream and may be
/// corrected by late records: the newest count of a zone and window is the one that counts.
public struct DiscountTrial: Hashable, Sendable {
  public let treated: [Zone]
  public let control: [Zone]
  public let startedAt: Instant
  /// By zone and start of the window.
  private var counts: [Cell: Int64] = [:]
  /// How often a count that had been told was told anew.
  public private(set) var corrections = 0

  private struct Cell: Hashable {
    var zone: Zone
    var start: Instant
  }

  /// A zone named on both sides is treated.
  public init(treated: [Zone], control: [Zone], startedAt: Instant) {
    self.treated = Array(Set(treated)).sorted()
    self.control = Array(Set(control).subtracting(treated)).sorted()
    self.startedAt = startedAt
  }

  /// A window's count, or its correction.
  public mutating func note(_ zone: Zone, windowFrom start: Instant, orders: Int64) {
    if let old = counts[Cell(zone: zone, start: start)], old != orders { corrections += 1 }
    counts[Cell(zone: zone, start: start)] = max(0, orders)
  }

  public struct Uplift: Hashable, Sendable {
    public var treatedBefore: Int64
    public var treatedDuring: Int64
    public var controlBefore: Int64
    public var controlDuring: Int64
    /// Windows before and during, of which all counts are taken.
    public var windowsBefore: Int
    public var windowsDuring: Int

    /// By how much the treated zones grew beyond the control zones, in per mille; nil while a side has no orders to
    /// compare with.
    public var perMille: Int64? {
      guard treatedBefore > 0, controlBefore > 0, controlDuring > 0 else { return nil }
      let (up, over) = (treatedDuring.multipliedReportingOverflow(by: controlBefore), controlDuring * treatedBefore)
      guard !up.overflow, up.partialValue <= .max / 1_000, over > 0 else { return nil }
      return up.partialValue * 1_000 / over - 1_000
    }

    /// What comparing with before alone would have claimed.
    public var naivePerMille: Int64? {
      guard treatedBefore > 0, windowsBefore > 0, windowsDuring > 0 else { return nil }
      return treatedDuring * Int64(windowsBefore) * 1_000 / (treatedBefore * Int64(windowsDuring)) - 1_000
    }
  }

  /// As the counts stand. A window that began before the discount counts as before.
  public var uplift: Uplift {
    var uplift = Uplift(
      treatedBefore: 0, treatedDuring: 0, controlBefore: 0, controlDuring: 0, windowsBefore: 0, windowsDuring: 0)
    let starts = Set(counts.keys.map(\.start))
    uplift.windowsBefore = starts.count { $0 < startedAt }
    uplift.windowsDuring = starts.count - uplift.windowsBefore
    for start in starts.sorted() {
      let inTreated = treated.reduce(0) { $0 + (counts[Cell(zone: $1, start: start)] ?? 0) }
      let inControl = control.reduce(0) { $0 + (counts[Cell(zone: $1, start: start)] ?? 0) }
      if start < startedAt {
        (uplift.treatedBefore, uplift.controlBefore) =
          (uplift.treatedBefore + inTreated, uplift.controlBefore + inControl)
      } else {
        (uplift.treatedDuring, uplift.controlDuring) =
          (uplift.treatedDuring + inTreated, uplift.controlDuring + inControl)
      }
    }
    return uplift
  }
}

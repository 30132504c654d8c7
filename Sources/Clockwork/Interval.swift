/// A length of time in nanoseconds.
///
/// Not Swift's `Duration`: that is 128 bits wide, and a node compares and adds intervals on every event.
public struct Interval: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var nanoseconds: Int64

  @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static let zero = Interval(nanoseconds: 0)

  @inlinable public static func nanoseconds(_ n: Int64) -> Interval { Interval(nanoseconds: n) }
  @inlinable public static func microseconds(_ n: Int64) -> Interval { Interval(nanoseconds: n * 1_000) }
  @inlinable public static func milliseconds(_ n: Int64) -> Interval { Interval(nanoseconds: n * 1_000_000) }
  @inlinable public static func seconds(_ n: Int64) -> Interval { Interval(nanoseconds: n * 1_000_000_000) }

  @inlinable public static func < (a: Interval, b: Interval) -> Bool { a.nanoseconds < b.nanoseconds }
  @inlinable public static func + (a: Interval, b: Interval) -> Interval {
    Interval(nanoseconds: a.nanoseconds + b.nanoseconds)
  }
  @inlinable public static func - (a: Interval, b: Interval) -> Interval {
    Interval(nanoseconds: a.nanoseconds - b.nanoseconds)
  }
  @inlinable public static func * (a: Interval, factor: Int64) -> Interval {
    Interval(nanoseconds: a.nanoseconds * factor)
  }
  @inlinable public static func / (a: Interval, divisor: Int64) -> Interval {
    Interval(nanoseconds: a.nanoseconds / divisor)
  }

  /// Whole milliseconds, rounded down.
  @inlinable public var milliseconds: Int64 { nanoseconds / 1_000_000 }

  /// Seconds and milliseconds, e.g. `2.034s`: the form in which instants are printed.
  var clock: String {
    let size = nanoseconds.magnitude / 1_000_000
    let fraction = String(1000 + size % 1000).dropFirst()
    return "\(nanoseconds < 0 ? "-" : "")\(size / 1000).\(fraction)s"
  }

  /// The interval in its natural unit with one decimal at most: `850µs`, `3.2ms`, `2s`.
  public var description: String {
    func scaled(_ unit: Int64, _ name: String) -> String {
      let tenths = (nanoseconds + unit / 20) / (unit / 10)
      return tenths % 10 == 0 ? "\(tenths / 10)\(name)" : "\(tenths / 10).\(abs(tenths % 10))\(name)"
    }
    let size = nanoseconds.magnitude
    if size < 1_000 { return "\(nanoseconds)ns" }
    if size < 1_000_000 { return scaled(1_000, "µs") }
    if size < 1_000_000_000 { return scaled(1_000_000, "ms") }
    return scaled(1_000_000_000, "s")
  }
}

extension Interval {
  /// Reads `250ms`, `2s`, `1.5s`, `10us`, `3m`. Nil when the text is not a non-negative number with one of those
  /// units, or is longer than a century.
  public init?(parsing text: String) {
    let units: [(String, Double)] = [
      ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
    ]
    for (suffix, scale) in units where text.hasSuffix(suffix) {
      guard let number = Double(text.dropLast(suffix.count)), number >= 0, number * scale < 3.2e18 else { continue }
      self.init(nanoseconds: Int64((number * scale).rounded()))
      return
    }
    return nil
  }
}

public import Clockwork

/// How time is cut into pieces, and how long a piece stays open for what comes late.
public struct StreamWindow: Hashable, Sendable {
  /// How long a window is.
  public let size: Interval
  /// From one window's start to the next one's: the size for windows that tumble, less for windows that overlap.
  public let advance: Interval
  /// How long after its end a window still takes records.
  public let grace: Interval

  /// Windows side by side: every moment lies in one.
  public static func tumbling(_ size: Interval, grace: Interval = .zero) -> StreamWindow {
    StreamWindow(size: size, advance: size, grace: grace)
  }

  /// Windows that overlap: every moment lies in `size / advance` of them, at most 1,000.
  public static func hopping(_ size: Interval, advance: Interval, grace: Interval = .zero) -> StreamWindow {
    StreamWindow(size: size, advance: advance, grace: grace)
  }

  private init(size: Interval, advance: Interval, grace: Interval) {
    self.size = max(.nanoseconds(1), size)
    let least = max(1, self.size.nanoseconds / 1_000)
    self.advance = .nanoseconds(max(least, min(advance.nanoseconds, self.size.nanoseconds)))
    self.grace = max(.zero, grace)
  }

  /// When the last window begins in which the moment lies.
  @inlinable public func lastStart(at moment: Instant) -> Instant {
    let time = moment.nanoseconds
    let rest = time % advance.nanoseconds
    return Instant(nanoseconds: time - (rest < 0 ? rest + advance.nanoseconds : rest))
  }

  /// Whether the window that begins at `start` takes no more records once the stream has come to `streamTime`.
  @inlinable public func isClosed(start: Instant, at streamTime: Instant) -> Bool {
    start + size + grace <= streamTime
  }

  /// Whether the window has ended, though it may still take what comes late.
  @inlinable public func isOver(start: Instant, at streamTime: Instant) -> Bool { start + size <= streamTime }
}

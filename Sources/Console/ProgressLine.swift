import Synchronization
import Workbench

/// One row that says how far a long command is, redrawn in place and gone when it ends. Nothing on a pipe.
public final class ProgressLine: Sendable {
  private struct State {
    var begun = ContinuousClock.now
    var drawn: ContinuousClock.Instant?
    var isShown = false
  }

  /// A command that ends sooner shows nothing.
  private static let patience = Duration.milliseconds(300)
  private static let pause = Duration.milliseconds(100)

  private let isEnabled: Bool
  private let state = Mutex(State())

  public init(isEnabled: Bool) { self.isEnabled = isEnabled }

  public func begin() { state.withLock { $0 = State() } }

  /// Draws at most ten times a second.
  public func update(_ what: String, _ fraction: Double?) {
    guard isEnabled else { return }
    state.withLock { state in
      let now = ContinuousClock.now
      if now - state.begun < ProgressLine.patience { return }
      if let drawn = state.drawn, now - drawn < ProgressLine.pause { return }
      state.drawn = now
      state.isShown = true
      Screen.write("\r" + ProgressLine.text(what, fraction, width: Screen.size().columns - 1) + "\u{1B}[K")
    }
  }

  /// Takes the row away.
  public func end() {
    state.withLock { state in
      if state.isShown { Screen.write("\r\u{1B}[K") }
      state.isShown = false
    }
  }

  /// `[█████·····]  50% running to 2 s`, cut at the width.
  static func text(_ what: String, _ fraction: Double?, width: Int) -> String {
    var text = what
    if let fraction, fraction.isFinite {
      let part = min(max(fraction, 0), 1)
      let full = Int(part * 20)
      let percent = String(Int(part * 100))
      let bar = String(repeating: "█", count: full) + String(repeating: "·", count: 20 - full)
      text = "[" + bar + "] " + String(repeating: " ", count: 3 - percent.count) + percent + "% " + what
    }
    return DisplayWidth.of(text) > width ? Painter.cut(.init(text), width).plain : text
  }
}

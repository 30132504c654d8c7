public import Clockwork

/// What a long command needs from whoever asked for it: a way to be stopped and a way to tell how far it is.
public struct Errand: Sendable {
  /// Asked every few thousand events; true ends the command with `.interrupted`, the world as far as it got.
  public var isCancelled: @Sendable () -> Bool
  /// Told at most a few times a second; `fraction` is nil when the end is not known.
  public var progress: @Sendable (_ what: String, _ fraction: Double?) -> Void

  /// How long it is since some fixed moment: for commands that tell how fast they were. Nil where an answer has to be
  /// the same every time.
  public var elapsed: (@Sendable () -> Interval)?

  public init(
    isCancelled: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (_ what: String, _ fraction: Double?) -> Void = { _, _ in },
    elapsed: (@Sendable () -> Interval)? = nil
  ) {
    self.isCancelled = isCancelled
    self.progress = progress
    self.elapsed = elapsed
  }

  /// Cannot be stopped and tells nobody: for scripts and tests.
  public static let quiet = Errand()
}

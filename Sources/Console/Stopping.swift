import Glibc
import Synchronization
public import Workbench

/// Ctrl-C while a command given from the shell runs: the first asks it to end with what it has, the second ends the
/// process as ever. (In a conversation `Interrupts` does this.)
public enum Stopping {
  private static let asked = Atomic<Bool>(false)

  public static func errand(
    progress: @escaping @Sendable (_ what: String, _ fraction: Double?) -> Void = { _, _ in }
  ) -> Errand {
    asked.store(false, ordering: .relaxed)
    signal(SIGINT) { _ in
      Stopping.asked.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
    }
    return Errand(
      isCancelled: { asked.load(ordering: .relaxed) }, progress: progress, elapsed: Stopwatch.elapsed)
  }
}

import CLineEditor
import Glibc
import Synchronization
public import Workbench

/// What reaches the program from outside while it runs: Ctrl-C, Ctrl-Z, a resized window, the order to end.
///
/// The signals are blocked and taken one by one by a thread of their own, so no work is done in a signal handler.
/// At the prompt they go to the line editor; while a command runs, Ctrl-C cancels its errand and not the program.
public final class Interrupts: Sendable {
  enum Event: UInt8, CaseIterable {
    case end = 1
    case interrupt = 2
    case suspend = 4
    case resized = 8
  }

  /// What the terminal must be given back when the process stops or is made to leave.
  struct Surroundings: Sendable {
    var beforeStop: @Sendable () -> Void = {}
    var afterStop: @Sendable () -> Void = {}
  }

  /// How long an ordered end may take before the process leaves anyway.
  private static let grace = 5

  private let surroundings: Surroundings
  private let cancelled = Atomic<Bool>(false)
  private let ordered = Atomic<Int32>(0)
  private let isPrompting = Atomic<Bool>(false)
  private let pending = Atomic<UInt8>(0)
  /// Readable when `takeEvent` has something.
  let wake: Int32

  /// Takes over the signals of the process. Call it once, on the main thread, before another thread starts: threads
  /// inherit what is blocked.
  init(_ surroundings: Surroundings) {
    self.surroundings = surroundings
    wake = line_editor_wake_descriptor()
    var signals = Interrupts.signals
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    signal(SIGPIPE, SIG_IGN)
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self).toOpaque()
    let started = pthread_create(&thread, nil, Interrupts.watch, context)
    if started == 0 { pthread_detach(thread) } else { pthread_sigmask(SIG_UNBLOCK, &signals, nil) }
  }

  /// The signal that ordered the program to end (SIGTERM, SIGHUP, SIGQUIT), if one did.
  public var orderToEnd: Int32? {
    let signal = ordered.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  /// The errand of one command: from now on Ctrl-C cancels it.
  public func errand(
    progress: @escaping @Sendable (_ what: String, _ fraction: Double?) -> Void = { _, _ in }
  ) -> Errand {
    cancelled.store(ordered.load(ordering: .relaxed) != 0, ordering: .relaxed)
    return Errand(
      isCancelled: { self.cancelled.load(ordering: .relaxed) }, progress: progress, elapsed: Stopwatch.elapsed)
  }

  /// Whether Ctrl-C reached the command that just ran.
  var wasCancelled: Bool { cancelled.load(ordering: .relaxed) }

  // MARK: At the prompt

  /// What came before the prompt is not meant for it, except an order to end.
  func beginPrompt() {
    pending.bitwiseAnd(Event.end.rawValue, ordering: .sequentiallyConsistent)
    isPrompting.store(true, ordering: .sequentiallyConsistent)
  }

  func endPrompt() { isPrompting.store(false, ordering: .sequentiallyConsistent) }

  func takeEvent() -> Event? {
    var count: UInt64 = 0
    _ = read(wake, &count, MemoryLayout<UInt64>.size)
    let bits = pending.exchange(0, ordering: .sequentiallyConsistent)
    guard let event = Event.allCases.first(where: { bits & $0.rawValue != 0 }) else { return nil }
    let others = bits & ~event.rawValue
    if others != 0 { note(bits: others) }
    return event
  }

  /// Stops the process as Ctrl-Z does, and returns when it goes on. The kernel ignores it where nobody could resume.
  func stop() {
    surroundings.beforeStop()
    var stop = sigset_t()
    sigemptyset(&stop)
    sigaddset(&stop, SIGTSTP)
    raise(SIGTSTP)
    pthread_sigmask(SIG_UNBLOCK, &stop, nil)
    pthread_sigmask(SIG_BLOCK, &stop, nil)
    surroundings.afterStop()
  }

  // MARK: The watching thread

  private static var signals: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP] { sigaddset(&set, signal) }
    return set
  }

  private static let watch: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
    if let context { Unmanaged<Interrupts>.fromOpaque(context).takeUnretainedValue().watch() }
    return nil
  }

  private func watch() {
    var signals = Interrupts.signals
    var firstInterrupt: timespec?
    while true {
      var limit = timespec(tv_sec: Interrupts.grace, tv_nsec: 0)
      let order = ordered.load(ordering: .relaxed)
      let signal = sigtimedwait(&signals, nil, &limit)
      switch signal {
      case SIGINT: interrupt(&firstInterrupt)
      case SIGWINCH: if isPrompting.load(ordering: .sequentiallyConsistent) { note(bits: Event.resized.rawValue) }
      case SIGTSTP:
        if isPrompting.load(ordering: .sequentiallyConsistent) { note(bits: Event.suspend.rawValue) } else { stop() }
      case SIGTERM, SIGHUP, SIGQUIT:
        if order != 0 { leave(order) }
        ordered.store(signal, ordering: .relaxed)
        cancelled.store(true, ordering: .relaxed)
        note(bits: Event.end.rawValue)
      default: if order != 0, errno == EAGAIN { leave(order) }
      }
    }
  }

  private func interrupt(_ first: inout timespec?) {
    if isPrompting.load(ordering: .sequentiallyConsistent) {
      note(bits: Event.interrupt.rawValue)
      return
    }
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    if !cancelled.exchange(true, ordering: .relaxed) {
      first = now
    } else if let begun = first, now.tv_sec - begun.tv_sec >= 2 {
      tell("\r\nThe command stops at its next check. To leave at once: Ctrl-\\ twice.\r\n")
    }
  }

  private func note(bits: UInt8) {
    pending.bitwiseOr(bits, ordering: .sequentiallyConsistent)
    var one: UInt64 = 1
    _ = write(wake, &one, MemoryLayout<UInt64>.size)
  }

  private func leave(_ signal: Int32) -> Never {
    surroundings.beforeStop()
    _exit(128 + signal)
  }

  private func tell(_ text: StaticString) { _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount) }
}

import Glibc
import Workbench

/// The user's terminal for as long as the program talks on it. One a process, made on the main thread before any
/// other thread.
public final class Terminal {
  public let palette: Palette
  public let interrupts: Interrupts
  private let editor: LineEditor
  private let progress: ProgressLine
  private let echo: Echo

  /// Nil when there is no terminal to talk on, or it cannot be set up.
  public init?() {
    guard Screen.isTerminal, let echo = Echo() else { return nil }
    self.echo = echo
    let edits = Terminal.environment("TERM").map { $0 != "dumb" && !$0.isEmpty } ?? false
    palette = Palette.choose(isTerminal: true, environment: Terminal.environment)
    interrupts = Interrupts(.init(beforeStop: { echo.restore() }, afterStop: { echo.hush() }))
    progress = ProgressLine(isEnabled: edits)
    let options = LineEditor.Options(
      palette: palette, historyPath: HistoryFile.standardPath(environment: Terminal.environment),
      editrcPath: Terminal.environment("EDITRC") ?? Terminal.environment("HOME").map { $0 + "/.editrc" }, edits: edits)
    guard let editor = LineEditor(options, interrupts) else { return nil }
    self.editor = editor
  }

  deinit { echo.restore() }

  /// Talks until the conversation is over, the user ends it with Ctrl-D, or the program is ordered to end (then
  /// `interrupts.orderToEnd` says by what).
  public func converse(with conversation: inout some Conversation) {
    if let warning = editor.loadHistory() { show([Line(warning, .doubtful)]) }
    show(conversation.begin())
    var isOver = false
    while !isOver, interrupts.orderToEnd == nil {
      echo.restore()
      let input = editor.readLine(conversation.prompt) { conversation.complete($0, cursor: $1) }
      echo.hush()
      switch input {
      case .line(let line): isOver = enter(line, &conversation)
      case .interrupted: break
      case .end:
        // Ctrl-D leaves the cursor on the prompt's row.
        Screen.write("\n")
        isOver = true
      }
    }
    show(conversation.end())
    echo.restore()
  }

  private func enter(_ line: String, _ conversation: inout some Conversation) -> Bool {
    progress.begin()
    let reply = conversation.enter(line, errand: interrupts.errand { [progress] in progress.update($0, $1) })
    progress.end()
    if interrupts.wasCancelled { editor.dropPaste() }
    if reply.clearsScreen { Screen.clear(palette) }
    show(reply.lines)
    return reply.isOver
  }

  private func show(_ lines: [Line]) {
    Screen.write(Painter(palette: palette, width: Screen.size().columns).paint(lines))
  }

  private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

/// The terminal's echo: off while a command runs, so that what is typed ahead does not tear its output; the prompt
/// then shows it.
private struct Echo: @unchecked Sendable {
  private let original: termios

  init?() {
    var now = termios()
    guard tcgetattr(STDIN_FILENO, &now) == 0 else { return nil }
    original = now
  }

  func restore() { set(original) }

  func hush() {
    var quiet = original
    quiet.c_lflag &= ~tcflag_t(ECHO)
    set(quiet)
  }

  private func set(_ mode: termios) {
    var mode = mode
    tcsetattr(STDIN_FILENO, TCSADRAIN, &mode)
  }
}

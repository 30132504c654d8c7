import CLineEditor
import Glibc
public import Workbench

/// Reads lines from a terminal with libedit: history, search, completion, paste, emacs and vi keys.
///
/// Of the main thread only.
public final class LineEditor {
  public enum Input: Hashable, Sendable {
    /// What was entered, without its newline. Empty for a bare Enter.
    case line(String)
    /// Ctrl-C: the line was given up.
    case interrupted
    /// Ctrl-D on an empty line, a closed terminal, or an order to end.
    case end
  }

  public struct Options: Sendable {
    public var palette: Palette
    /// Where the history is kept; nil keeps it for this run only.
    public var historyPath: String?
    public var historyLimit = 1000
    /// The user's libedit commands, such as `bind -v`.
    public var editrcPath: String?
    /// False reads plain lines: a terminal that cannot move its cursor.
    public var edits: Bool

    public init(palette: Palette, historyPath: String?, editrcPath: String?, edits: Bool) {
      self.palette = palette
      self.historyPath = historyPath
      self.editrcPath = editrcPath
      self.edits = edits
    }
  }

  private let painter: Painter
  private let options: Options
  private let interrupts: Interrupts
  private let file: HistoryFile?
  private var history: HistoryLines?
  private var editor: OpaquePointer?
  private var completion: ((String, Int) -> [Completion])?
  /// The line and cursor of an ambiguous Tab: a second Tab there lists.
  private var ambiguous: (line: String, cursor: Int)?
  private var pasted = PastedLines()

  /// Nil when the terminal cannot be set up.
  init?(_ options: Options, _ interrupts: Interrupts) {
    self.options = options
    self.interrupts = interrupts
    painter = Painter(palette: options.palette, width: nil)
    file = options.historyPath.map(HistoryFile.init(path:))
    guard line_editor_use_utf8() else { return nil }
    editor = line_editor_open(
      "baedal", options.edits, Int32(options.historyLimit), interrupts.wake, LineEditor.owner(self))
    guard editor != nil else { return nil }
    if let path = options.editrcPath { line_editor_source(editor, path) }
  }

  deinit { line_editor_close(editor) }

  /// Loads the history, if that was not done; a sentence for the user when it could not be used as it was.
  public func loadHistory() -> String? {
    guard history == nil else { return nil }
    let (lines, warning) = file?.load(limit: options.historyLimit) ?? (HistoryLines(limit: options.historyLimit), nil)
    history = lines
    for line in lines.lines { line_editor_history_add(editor, line) }
    return warning
  }

  /// Shows the prompt and reads one line. `completion` is asked at Tab for the line and the cursor in characters.
  public func readLine(
    _ prompt: Line, completion: (_ line: String, _ cursor: Int) -> [Completion] = { _, _ in [] }
  ) -> Input {
    _ = loadHistory()
    if let line = pasted.takeLine() {
      Screen.write(painter.colour(prompt) + line + "\n")
      return entered(line)
    }
    interrupts.beginPrompt()
    defer { interrupts.endPrompt() }
    return withoutActuallyEscaping(completion) { completion in
      self.completion = completion
      ambiguous = nil
      defer { self.completion = nil }
      return read(prompt)
    }
  }

  /// Forgets pasted lines that were not entered yet: an earlier one was interrupted.
  public func dropPaste() { pasted = PastedLines() }

  private func read(_ prompt: Line) -> Input {
    let shown = PromptText(prompt, options.palette)
    var line: UnsafePointer<CChar>?
    let width = Int32(DisplayWidth.of(prompt.plain))
    switch line_editor_read(editor, shown.text, width, pasted.takeRest(), &line) {
    case LINE_EDITOR_INTERRUPTED:
      dropPaste()
      return .interrupted
    case LINE_EDITOR_LINE:
      guard let line else { return .end }
      var text = String(cString: line)
      if text.last == "\n" { text.removeLast() }
      return entered(text)
    default: return .end
    }
  }

  private func entered(_ line: String) -> Input {
    switch history?.enter(line) ?? .none {
    case .none: break
    case .appended:
      line_editor_history_add(editor, line)
      file?.append(line)
    case .reordered:
      line_editor_history_clear(editor)
      for line in history?.lines ?? [] { line_editor_history_add(editor, line) }
      file?.append(line)
    }
    return .line(line)
  }

  // MARK: What libedit asks

  private static func owner(_ editor: LineEditor) -> line_editor_owner {
    func of(_ context: UnsafeMutableRawPointer?) -> LineEditor? {
      context.map { Unmanaged<LineEditor>.fromOpaque($0).takeUnretainedValue() }
    }
    return line_editor_owner(
      context: Unmanaged.passUnretained(editor).toOpaque(),
      signal: { of($0)?.signal() ?? LINE_EDITOR_NOTHING },
      suspend: { of($0)?.interrupts.stop() },
      complete: { of($0)?.complete() },
      paste: { of($0)?.paste(UnsafeRawBufferPointer(start: $1, count: $2)) ?? false },
      compose: { _, before, mark in
        guard let before = Unicode.Scalar(before), let mark = Unicode.Scalar(mark) else { return 0 }
        return Composition.compose(before, mark)?.value ?? 0
      })
  }

  private func signal() -> line_editor_signal {
    switch interrupts.takeEvent() {
    case nil: LINE_EDITOR_NOTHING
    case .end: LINE_EDITOR_END
    case .interrupt: LINE_EDITOR_INTERRUPT
    case .suspend: LINE_EDITOR_SUSPEND
    case .resized: LINE_EDITOR_RESIZED
    }
  }

  private func text() -> (before: String, after: String) {
    var cursor = 0
    var count = 0
    guard let start = line_editor_text(editor, &cursor, &count) else { return ("", "") }
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    return (String(decoding: bytes[..<cursor], as: UTF8.self), String(decoding: bytes[cursor...], as: UTF8.self))
  }

  private func paste(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let (before, after) = text()
    pasted = PastedLines(String(decoding: bytes, as: UTF8.self), before: before, after: after)
    guard let first = pasted.takeLine() else {
      line_editor_edit(editor, 0, 0, pasted.takeInsertion())
      return false
    }
    let scalars = (before + after).unicodeScalars.count
    line_editor_edit(editor, Int32(after.unicodeScalars.count), Int32(scalars), first)
    return true
  }

  private func complete() {
    let (before, after) = text()
    let line = before + after
    let cursor = before.count
    let candidates = completion?(line, cursor) ?? []
    let isSecond = ambiguous.map { $0.line == line && $0.cursor == cursor } ?? false
    ambiguous = (line, cursor)
    switch TabAnswer.decide(line, cursor, candidates, isSecond: isSecond) {
    case .nothing: line_editor_beep(editor)
    case .replace(let range, let text): replace(range, with: text, in: line, cursor: cursor)
    case .list(let candidates):
      let size = Screen.size()
      let lines = Columns.lines(candidates, width: size.columns, height: size.rows - 2)
      line_editor_show(editor, painter.paint(lines, .fixed))
    }
  }

  /// libedit counts characters as Unicode scalars, Swift as what a user sees.
  private func replace(_ range: Range<Int>, with text: String, in line: String, cursor: Int) {
    func scalars(_ characters: Int) -> Int { line.prefix(characters).unicodeScalars.count }
    let move = scalars(range.upperBound) - scalars(cursor)
    let count = scalars(range.upperBound) - scalars(range.lowerBound)
    line_editor_edit(editor, Int32(move), Int32(count), Composition.settle(text))
  }
}

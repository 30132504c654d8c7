public import Workbench

/// What a walk says to one line of the learner.
public struct Turn: Hashable, Sendable {
  public var lines: [Line] = []
  /// What to write into the journal, in order.
  public var events: [ProgressEvent] = []
  /// Where the learner goes when the walk is over; nil while it lasts.
  public var leaving: Leaving?

  public enum Leaving: Hashable, Sendable {
    case menu
    case goodbye
  }

  public var isOver: Bool { leaving != nil }

  mutating func say(_ text: String, _ tone: Tone = .plain) {
    lines += text.textLines.map { Line($0, tone) }
  }

  /// What an author wrote into a field of a cell.
  mutating func tell(_ text: String, _ tone: Tone = .plain) { lines += Prose(ofField: text, tone).lines }

  /// A blank line, unless there is nothing above or a blank one already.
  mutating func gap() {
    if let last = lines.last, !last.plain.isEmpty { lines.append(Line()) }
  }

  /// A piece that stands by itself.
  mutating func show(_ piece: [Line]) {
    guard !piece.isEmpty else { return }
    gap()
    lines += piece
  }
}

/// What a walk waits for.
public enum Awaited: Hashable, Sendable {
  /// Enter runs the cell's commands from `next` on. Can become anything that comes after the cell.
  case run(next: Int)
  /// A choice of the prediction. Can become `confidence`.
  case choice
  /// How sure the learner is of `choice`, 1 to 3. Can become anything that comes after the prediction.
  case confidence(choice: Int)
  /// The claims of a task. Can become anything that comes after the task.
  case task
  /// An answer to the review's question of that index. Can become the next one.
  case review(question: Int)
  /// Enter goes to the next step.
  case nextStep
  /// Enter goes back to the menu.
  case end
}

public import Workbench

/// The lessons with what the learner has done of each: for `baedal list` and for the menu.
public enum Menu {
  /// - Parameters:
  ///   - entries: What the journal holds.
  ///   - now: Seconds since 1970, which decides what is due for review.
  public static func lines(_ library: LessonLibrary, _ entries: [Journal.Entry], now: Int64) -> [Line] {
    let width = library.entries.map(\.front.title.columns).max() ?? 0
    var lines: [Line] = []
    for entry in library.entries {
      let progress = Progress(of: entry.front.id, in: entries)
      let padding = String(repeating: " ", count: width - entry.front.title.columns + 2)
      let title = Line("  \(entry.front.id)  ", .code) + Line(entry.front.title + padding)
      // Of one that was begun, how far it is, where the others say how long they take: both would not fit a terminal.
      lines.append(title + (state(progress) ?? Line("\(entry.front.minutes) min", .faint)))
    }
    lines += library.faults.map { Line("  \($0.description)", .bad) }
    if library.entries.isEmpty { lines.append(Line("No lessons in \(library.folder). Try: --lessons DIR")) }
    let due = Progress.due(among: library.entries.map(\.front.id), in: entries, at: now)
    if !due.isEmpty { lines.append(Line("Due for review: \(due.joined(separator: ", "))", .strong)) }
    return lines
  }

  private static func state(_ progress: Progress) -> Line? {
    if progress.isFinished { return Line("done", .good) }
    return progress.resumesAt.map { Line("at step \($0)", .strong) }
  }
}

/// The words that guide a walk, each alone on its line, `()` after it or not; the single letters are rustlings',
/// most of the words swirl's.
enum Word: String, CaseIterable {
  case next, hint, list, check, reset, back, restart, skip, play, nxt, info, main, bye, help

  init?(_ line: String) {
    let name = line.hasSuffix("()") ? String(line.dropLast(2)) : line
    switch name {
    case "", "n": self = .next
    case "h": self = .hint
    case "l": self = .list
    case "c": self = .check
    case "x": self = .reset
    case "q", "quit", "exit": self = .bye
    default: self.init(rawValue: name)
    }
  }

  static let legend: [(String, String)] = [
    ("Enter, n", "goes on: runs the commands shown, or opens the next step"),
    ("check, c", "judges the task"),
    ("hint, h", "the next hint of the task"),
    ("back", "undoes your last command; with none in this step, the previous step"),
    ("reset, x", "this step from its beginning"),
    ("restart", "the lesson from its beginning"),
    ("skip", "the step after this one, with this one solved"),
    ("play, nxt", "leaves for free play in this world; returns, the world as it was"),
    ("list, l", "the steps"),
    ("info", "the lesson, its components, its seed"),
    ("main", "the menu"),
    ("bye, q", "leaves; your progress is kept"),
  ]
}

import Workbench

extension Walkthrough {
  mutating func obey(_ word: Word, _ turn: inout Turn, _ errand: Errand) {
    if let paused, word != .nxt, word != .bye, word != .main, word != .info {
      obeyWhilePlaying(word, &turn, errand, paused)
      return
    }
    switch word {
    case .next: goOn(&turn, errand)
    case .hint: hint(&turn)
    case .list: list(&turn)
    case .check: check(&turn, errand)
    case .reset: reopen(step, "Step \(step + 1) from its beginning.", &turn, errand)
    case .restart: reopen(0, "The lesson from its beginning.", &turn, errand)
    case .back: back(&turn, errand)
    case .skip: skip(&turn, errand)
    case .play:
      paused = space
      turn.say("Free play in this world: any command. `nxt` returns to the lesson, the world as it was.")
    case .nxt: comeBack(&turn)
    case .info: info(&turn)
    case .main: turn.leaving = .menu
    case .bye: turn.leaving = .goodbye
    case .help: help(&turn, errand)
    }
  }

  private mutating func obeyWhilePlaying(_ word: Word, _ turn: inout Turn, _ errand: Errand, _ paused: Space) {
    switch word {
    case .next: turn.say("You are playing freely. `nxt` returns to the lesson.")
    case .reset:
      space = paused
      turn.say("The world as it was when you began to play.")
    case .back: turn.lines += space.run("back", errand).lines
    case .help: turn.lines += space.run("help", errand).lines
    default: turn.say("`\(word.rawValue)` belongs to the lesson. `nxt` returns to it.")
    }
  }

  private mutating func comeBack(_ turn: inout Turn) {
    guard let world = paused else {
      turn.say("You are in the lesson. `play` leaves it for free play.")
      return
    }
    space = world
    paused = nil
    turn.say("Back in the lesson, the world as it was.")
    repeatAwaited(&turn)
  }

  /// Shows the step with index `index` as it began.
  private mutating func reopen(_ index: Int, _ announcement: String, _ turn: inout Turn, _ errand: Errand) {
    guard beginnings.indices.contains(index) else { return }
    space = beginnings[index]
    beginnings.removeLast(beginnings.count - index)
    step = index
    turn.say(announcement, .faint)
    openStep(&turn, errand)
  }

  private mutating func back(_ turn: inout Turn, _ errand: Errand) {
    if space.undoable > undoableBefore {
      turn.lines += space.run("back", errand).lines
    } else if step > 0 {
      reopen(step - 1, "Back to step \(step).", &turn, errand)
    } else {
      turn.say("This is the first step, and nothing has been done in it.")
    }
  }

  /// Lands in the state after the step, as if it had been solved from its beginning.
  private mutating func skip(_ turn: inout Turn, _ errand: Errand) {
    guard awaited != .end, beginnings.indices.contains(step) else {
      turn.say("The lesson is over. Enter leaves it.")
      return
    }
    let before = space
    space = beginnings[step]
    solve(lesson.steps[step], errand)
    guard !errand.isCancelled() else {
      space = before
      turn.say("Interrupted; nothing was skipped.")
      return
    }
    if case .task = awaited, let task = presentTask {
      turn.say("One way to do it:")
      turn.lines += task.solution.map { Line("  > \($0.text)", .code) }
    }
    turn.say("Skipped; the world is as it is after step \(step + 1).", .faint)
    leaveStep(&turn, errand)
  }

  private func list(_ turn: inout Turn) {
    for (index, entry) in lesson.steps.enumerated() {
      let mark = index < step ? "done " : index == step ? "here " : "     "
      turn.lines.append(
        Line("  \(mark)", .faint) + Line("\(index + 1). \(entry.title)", index == step ? .strong : .plain))
    }
  }

  private func info(_ turn: inout Turn) {
    turn.lines.append(Line("\(lesson.front.id) \(lesson.front.title)", .heading))
    turn.say("Step \(step + 1) of \(lesson.steps.count): \(lesson.steps[step].title)")
    turn.say("\(lesson.front.minutes) minutes, on \(lesson.front.components.joined(separator: ", ")). Seed \(seed).")
    turn.say("Again as it is: baedal learn \(lesson.front.id) --seed \(seed)", .faint)
  }

  private mutating func help(_ turn: inout Turn, _ errand: Errand) {
    var copy = space
    turn.lines += copy.run("help", errand).lines
    turn.gap()
    turn.say("In a lesson:", .strong)
    for (word, meaning) in Word.legend {
      turn.lines.append(Line("  " + word + String(repeating: " ", count: 12 - word.count), .code) + Line(meaning))
    }
  }

  private mutating func hint(_ turn: inout Turn) {
    guard case .task = awaited, let task = presentTask else {
      turn.say("No hints here.")
      repeatAwaited(&turn)
      return
    }
    let shown = min(hintsShown, task.hints.count - 1)
    turn.lines += Prose(ofField: task.hints[shown]).labelled(
      Line("Hint \(shown + 1) of \(task.hints.count): "))
    hintsShown = shown + 1
    if hintsShown == task.hints.count { turn.say("That was the last one. `skip` shows what follows.", .faint) }
  }
}

import Workbench

extension Walkthrough {
  /// Runs a cell's commands from `next` on. False when interrupted: the cell then waits for the rest.
  mutating func run(_ cell: CommandCell, from next: Int, _ turn: inout Turn, _ errand: Errand) -> Bool {
    defer { undoableBefore = space.undoable }
    let isHidden = cell.isHidden
    let terminal = OtherTerminal()
    if let needs = cell.needs, !terminal.has(needs) {
      turn.say("Skipped: there is no \(needs) here. Install it, or read on.", .doubtful)
      resolvePredictions(&turn)
      return true
    }
    if isHidden { turn.say("(setup: \(cell.commands.map(\.line).joined(separator: "; ")))", .faint) }
    for (index, command) in cell.commands.enumerated().dropFirst(next) {
      let shown = command.shown(address: space.liveAddress)
      let answer =
        command.isShell
        ? terminal.run(command.line, bootstrap: space.liveAddress, errand).answer : space.run(command.line, errand)
      if !isHidden {
        turn.lines.append(Line(shown, .code))
        turn.lines += answer.lines
      }
      if answer.outcome == .interrupted {
        if isHidden { turn.lines += answer.lines }
        awaited = .run(next: index)
        turn.say("Interrupted. Enter runs it again; `reset` starts the step anew.")
        return false
      }
      let mayFail = cell.allowsErrors || (cell.fails && index == cell.commands.count - 1)
      if answer.outcome.isFailure && !mayFail {
        if isHidden { turn.lines += answer.lines }
        doubt("work", &turn)
      }
    }
    resolvePredictions(&turn)
    return true
  }

  private func doubt(_ verb: String, _ turn: inout Turn) {
    turn.say("The lesson expects this to \(verb); your own commands may have changed the world.", .doubtful)
    turn.say("`reset` starts the step anew.", .doubtful)
  }

  /// A command that the learner typed.
  mutating func command(_ line: String, _ turn: inout Turn, _ errand: Errand) {
    let answer = space.run(line, errand)
    turn.lines += answer.lines
    switch awaited {
    case .run(let next): follow(line, next, answer, &turn, errand)
    case .task:
      guard let task = presentTask, task.claims.allSatisfy({ space.judge($0.text).value == .holds }) else { return }
      turn.gap()
      pass(task, &turn, errand)
    case .choice, .confidence, .review, .nextStep, .end: break
    }
  }

  /// Typing the command that Enter would run counts as running it.
  private mutating func follow(_ line: String, _ next: Int, _ answer: Answer, _ turn: inout Turn, _ errand: Errand) {
    guard case .commands(let cell) = lesson.steps[step].blocks[block], answer.outcome != .interrupted,
      line.split(separator: " ") == cell.commands[next].line.split(separator: " ")
    else { return }
    undoableBefore = space.undoable
    guard next + 1 == cell.commands.count else {
      awaited = .run(next: next + 1)
      return
    }
    resolvePredictions(&turn)
    block += 1
    proceed(&turn, errand)
  }

  func present(_ task: TaskCell, _ turn: inout Turn) {
    turn.show(Prose(ofField: task.goal, .strong).lines)
    turn.say("You are done when:")
    for claim in task.claims { turn.lines.append(Line("  - ") + Line(claim.text, .code)) }
    turn.say("Any command; `check` judges, `hint` helps.", .faint)
  }

  mutating func check(_ turn: inout Turn, _ errand: Errand) {
    guard case .task = awaited, let task = presentTask else {
      turn.say("Nothing to check here.")
      repeatAwaited(&turn)
      return
    }
    let verdicts = task.claims.map { space.judge($0.text) }
    if verdicts.allSatisfy({ $0.value == .holds }) {
      pass(task, &turn, errand)
      return
    }
    let feedback = task.feedback(space.judge)
    // The author's explanation belongs to the whole attempt: it is said once, at the first claim that fails.
    let first = verdicts.firstIndex { $0.value == .fails }
    for (index, verdict) in verdicts.enumerated() {
      turn.lines += verdict.lines(why: index == first ? feedback : nil)
    }
    if first == nil { turn.say("It could not be decided. Do more, then `check` again.", .doubtful) }
  }

  private mutating func pass(_ task: TaskCell, _ turn: inout Turn, _ errand: Errand) {
    undoableBefore = space.undoable
    turn.say("Done.", .good)
    for claim in task.claims { turn.lines += space.judge(claim.text).lines() }
    turn.show(Prose(ofField: task.debrief).lines)
    turn.events.append(.passed(lesson: lesson.front.id, step: step + 1))
    block += 1
    proceed(&turn, errand)
  }

  func judge(_ cell: ExpectCell, _ turn: inout Turn) {
    let verdicts = cell.claims.map { space.judge($0.text) }
    for verdict in verdicts { turn.lines += verdict.lines() }
    if verdicts.contains(where: { $0.value != .holds }) {
      doubt("hold", &turn)
    }
  }
}

extension TaskCell {
  /// The feedback for the state that an attempt has led to; nil when the author foresaw none like it.
  func feedback(_ judge: (String) -> Verdict) -> String? {
    wrong.first { judge($0.when.text).value == .holds }?.feedback
  }
}

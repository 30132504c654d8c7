import Workbench

extension Walkthrough {
  var presentTask: TaskCell? {
    guard lesson.steps.indices.contains(step), lesson.steps[step].blocks.indices.contains(block),
      case .task(let cell) = lesson.steps[step].blocks[block]
    else { return nil }
    return cell
  }

  /// Begins the present step: its snapshot, its title, and all up to what waits.
  mutating func openStep(_ turn: inout Turn, _ errand: Errand) {
    if beginnings.count == step { beginnings.append(space) }
    (block, hintsShown, open, paused, undoableBefore) = (0, 0, [], nil, space.undoable)
    if !lesson.isReview { turn.events.append(.reached(lesson: lesson.front.id, step: step + 1)) }
    turn.show([Line("\(step + 1)/\(lesson.steps.count) \(lesson.steps[step].title)", .heading)])
    proceed(&turn, errand)
  }

  mutating func leaveStep(_ turn: inout Turn, _ errand: Errand) {
    if step + 1 < lesson.steps.count {
      step += 1
      openStep(&turn, errand)
    } else {
      finish(&turn)
    }
  }

  /// Shows blocks until one waits for the learner.
  mutating func proceed(_ turn: inout Turn, _ errand: Errand) {
    let blocks = lesson.steps[step].blocks
    while block < blocks.count {
      switch blocks[block] {
      case .prose(let prose): turn.show(prose.lines)
      case .commands(let cell):
        awaited = .run(next: 0)
        // The learner who has just predicted is waiting for the run already.
        guard cell.isHidden || !open.isEmpty else {
          turn.show(cell.commands.map { Line($0.shown(address: nil), .code) })
          return
        }
        turn.gap()
        guard run(cell, from: 0, &turn, errand) else { return }
      case .prediction(let cell):
        awaited = .choice
        ask(cell.question, cell.choices.map(\.text), &turn)
        return
      case .task(let cell):
        awaited = .task
        present(cell, &turn)
        return
      case .expectation(let cell):
        turn.gap()
        judge(cell, &turn)
      case .review(let cell):
        awaited = .review(question: 0)
        ask(cell.questions[0].text, cell.questions[0].choices, &turn)
        return
      }
      block += 1
    }
    if step + 1 < lesson.steps.count { awaited = .nextStep } else { finish(&turn) }
  }

  /// Brings the world from a step's beginning to its end, telling nobody.
  mutating func solve(_ step: Lesson.Step, _ errand: Errand) {
    for block in step.blocks {
      switch block {
      case .commands(let cell) where cell.isTerminal: break
      case .commands(let cell): for command in cell.commands { _ = space.run(command.line, errand) }
      case .task(let cell): for command in cell.solution { _ = space.run(command.text, errand) }
      case .prose, .prediction, .expectation, .review: break
      }
    }
  }

  /// Says again what is waited for, and how to answer.
  func repeatAwaited(_ turn: inout Turn) {
    switch awaited {
    case .run(let next):
      guard case .commands(let cell) = lesson.steps[step].blocks[block] else { return }
      turn.say("Enter runs:")
      turn.lines += cell.commands[next...].map { Line($0.shown(address: nil), .code) }
    case .choice, .review: turn.say("Answer with the letter of your choice.")
    case .confidence: turn.say("Say how sure you are: 1 a guess, 2 rather sure, 3 certain.")
    case .task:
      guard let task = presentTask else { return }
      turn.lines.append(Line("The task is open: ") + Prose.inLine(task.goal))
      turn.say("Any command; `check` judges, `hint` helps, `skip` passes on.", .faint)
    case .nextStep: turn.say("Enter goes on to the next step.")
    case .end: turn.say("The lesson is over. Enter leaves it.")
    }
  }

  private mutating func finish(_ turn: inout Turn) {
    awaited = .end
    turn.events.append(.finished(lesson: lesson.front.id))
    turn.show([Line("The end of \(lesson.front.title).", .heading)])
    turn.lines += Calibration(predictions).lines
  }
}

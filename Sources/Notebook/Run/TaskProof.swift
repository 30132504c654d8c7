import Clockwork
import Workbench

extension LessonRunner {
  /// The untouched start must not pass, and each wrong turn must fail and be told its own feedback.
  mutating func prove(_ cell: TaskCell) {
    attempt("untouched start fails", cell.place, isProof: true) { runner in
      let passes = cell.claims.allSatisfy { runner.space.judge($0.text).value == .holds }
      return passes ? (.failed, ["the task is done before the learner has done anything"]) : (.passed, [])
    }
    let start = space
    for (index, turn) in cell.wrong.enumerated() {
      attempt("wrong turn \(index + 1) fails with its feedback", turn.place, isProof: true) { $0.take(turn, of: cell) }
      space = start
    }
  }

  private mutating func take(_ turn: TaskCell.WrongTurn, of cell: TaskCell) -> (LessonRun.Status, [String]) {
    for command in turn.commands {
      // A wrong turn may well run into a refusal by the system, but not into a command that does not exist.
      let (answer, isLate) = run(command.text, limit: nil)
      if isLate {
        return (.failed, ["\(command.place): `\(command.text)` took longer than \(options.timeout.description)"])
      }
      if answer.outcome == .refused {
        return (.failed, ["\(command.place): `\(command.text)` is no command:"] + answer.lines.map { "  \($0.plain)" })
      }
    }
    guard cell.claims.contains(where: { space.judge($0.text).value == .fails }) else {
      return (.failed, ["no claim of the task fails after it"])
    }
    guard let feedback = cell.feedback(space.judge) else {
      let verdict = space.judge(turn.when.text)
      return (.failed, ["\(turn.when.place): `when:` does not hold after it: \(turn.when.text)"] + verdict.evidence)
    }
    guard feedback == turn.feedback else {
      return (.failed, ["it is told the feedback of another wrong turn: \(feedback.textLines[0])"])
    }
    return (.passed, [])
  }
}

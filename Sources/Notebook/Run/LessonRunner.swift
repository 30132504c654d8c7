public import Clockwork
public import Workbench

/// Runs a lesson without a learner: cells run and are compared, claims are judged, predictions answer themselves, tasks
/// take their solution. Asks nothing, ever.
public struct LessonRunner<Space: Workspace> {
  public struct Options: Sendable {
    /// Wall clock for each command, unless its cell says otherwise.
    public var timeout: Interval
    /// Goes on after a failure; without it, what follows a failure is skipped.
    public var allowsErrors: Bool
    /// Proves each task as well: that the untouched start fails, and each wrong turn with its feedback.
    public var provesTasks: Bool
    /// Runs the cells of another terminal and nothing else.
    public var onlyTerminals = false
    /// Where those cells run.
    public var terminal = OtherTerminal()

    public init(timeout: Interval = .seconds(30), allowsErrors: Bool = false, provesTasks: Bool = false) {
      self.timeout = timeout
      self.allowsErrors = allowsErrors
      self.provesTasks = provesTasks
    }
  }

  private let lesson: Lesson
  private let seed: UInt64
  let options: Options
  private let errand: Errand

  var space: Space
  private var checks: [LessonRun.Check] = []
  private var open: [PredictionCell] = []
  private var recording: Recording

  /// - Parameter seed: The lesson's own unless given.
  public static func run(
    _ lesson: Lesson, seed: UInt64? = nil, _ options: Options = Options(), _ errand: Errand = .quiet
  ) -> LessonRun {
    var runner = LessonRunner(lesson, seed, options, errand)
    return runner.run()
  }

  /// Runs the lesson in its own world and gives its text with the expected outputs rewritten, beside the run itself.
  ///
  /// Patterns that still match are kept. `text` is what the lesson was read from.
  public static func record(
    _ lesson: Lesson, text: String, _ options: Options = Options(), _ errand: Errand = .quiet
  ) -> (text: String, run: LessonRun) {
    var runner = LessonRunner(lesson, nil, options, errand)
    runner.recording.isOn = true
    let run = runner.run()
    return (runner.recording.rewritten(text), run)
  }

  private init(_ lesson: Lesson, _ seed: UInt64?, _ options: Options, _ errand: Errand) {
    self.lesson = lesson
    self.seed = seed ?? lesson.front.seed
    self.options = options
    self.errand = errand
    space = Space(seed: self.seed)
    recording = Recording()
  }

  private mutating func run() -> LessonRun {
    for step in lesson.steps {
      for block in step.blocks { visit(block) }
    }
    return LessonRun(
      file: lesson.file, id: lesson.front.id, title: lesson.front.title, seed: seed, checks: checks)
  }

  private mutating func visit(_ block: Lesson.Block) {
    let first = checks.count
    let start = ContinuousClock.now
    switch block {
    case .commands(let cell) where cell.isTerminal:
      attempt("terminal", cell.place) { $0.runTerminal(cell) }
    case _ where options.onlyTerminals: break
    case .prose, .review: break
    case .prediction(let cell): open.append(cell)
    case .commands(let cell):
      attempt("cell", cell.place) { runner in runner.run(cell) }
      for prediction in open {
        attempt("prediction: \(prediction.question)", prediction.place) { runner in runner.answer(prediction) }
      }
      open = []
    case .expectation(let cell):
      for claim in cell.claims { attempt("expect \(claim.text)", claim.place) { $0.judge(claim) } }
    case .task(let cell):
      if options.provesTasks { prove(cell) }
      attempt("task: \(cell.goal)", cell.place) { $0.solve(cell) }
    }
    if first < checks.count { checks[first].seconds = (ContinuousClock.now - start).seconds }
  }

  /// Makes one check, or skips it when something before it has failed.
  mutating func attempt(
    _ name: String, _ place: SourcePlace, isProof: Bool = false,
    _ check: (inout LessonRunner) -> (LessonRun.Status, [String])
  ) {
    let name = name.textLines[0]
    if let reason = lesson.front.skip {
      checks.append(.init(name, place, .skipped, [reason]))
    } else if errand.isCancelled() {
      checks.append(.init(name, place, .skipped, ["interrupted"]))
    } else if !options.allowsErrors, checks.contains(where: { $0.status == .failed && !$0.isProof }) {
      checks.append(.init(name, place, .skipped, ["something before it failed"]))
    } else {
      let (status, detail) = check(&self)
      checks.append(.init(name, place, status, detail, isProof: isProof))
    }
  }

  // MARK: - Cells

  /// The cell of two terminals, where it can run.
  private mutating func runTerminal(_ cell: CommandCell) -> (LessonRun.Status, [String]) {
    guard seed == lesson.front.seed else { return (.skipped, ["real time does not depend on the seed"]) }
    if let needs = cell.needs, !options.terminal.has(needs) { return (.skipped, ["there is no \(needs) here"]) }
    return run(cell)
  }

  private mutating func run(_ cell: CommandCell) -> (LessonRun.Status, [String]) {
    var detail: [String] = []
    var isUnknown = false
    for (index, command) in cell.commands.enumerated() {
      let (answer, isLate, status) = run(command, limit: cell.timeout)
      if status == OtherTerminal.skipped { return (.skipped, answer.lines.map(\.plain)) }
      recording.note(command, answer)
      let mustFail = cell.fails && index == cell.commands.count - 1
      if answer.outcome == .interrupted {
        let reason = isLate ? "took longer than \((cell.timeout ?? options.timeout).description)" : "was interrupted"
        return (.failed, detail + ["\(command.place): `\(command.line)` \(reason)"])
      }
      if case .judged(let verdict) = answer.outcome, verdict.value == .unknown {
        isUnknown = true
        detail += ["\(command.place): unknown"] + answer.lines.map { "  \($0.plain)" }
      } else if answer.outcome.isFailure, !mustFail, !cell.allowsErrors {
        return (
          .failed, detail + ["\(command.place): `\(command.line)` failed:"] + answer.lines.map { "  \($0.plain)" }
        )
      } else if !answer.outcome.isFailure, mustFail {
        return (
          .failed,
          detail + ["\(command.place): `\(command.line)` must fail, and did not:"]
            + answer.lines.map { "  \($0.plain)" }
        )
      }
      detail += recording.isOn ? [] : difference(command, cell, answer)
    }
    let hasDifference = !detail.isEmpty && !isUnknown
    return (hasDifference ? .failed : isUnknown ? .unknown : .passed, detail)
  }

  /// Empty when the output is as expected, or need not be in this world.
  private func difference(_ command: CommandCell.Command, _ cell: CommandCell, _ answer: Answer) -> [String] {
    let output = answer.plain.textLines
    guard seed == lesson.front.seed || cell.isForEachSeed, let expected = command.expected, !expected.matches(output)
    else { return [] }
    return ["\(command.place): `\(command.line)` printed something else:"]
      + expected.difference(from: output).map { "  \($0.plain)" }
  }

  private mutating func answer(_ cell: PredictionCell) -> (LessonRun.Status, [String]) {
    switch cell.answered(space.judge) {
    case .right: (.passed, [])
    case .wrong(let reason): (.failed, [reason])
    case .unknown(let reason): (.unknown, [reason])
    }
  }

  private func judge(_ claim: Claim) -> (LessonRun.Status, [String]) {
    let verdict = space.judge(claim.text)
    let detail = verdict.evidence + (verdict.next.map { ["try: \($0)"] } ?? [])
    return switch verdict.value {
    case .holds: (.passed, [])
    case .fails: (.failed, detail)
    case .unknown: (.unknown, detail)
    }
  }

  private mutating func solve(_ cell: TaskCell) -> (LessonRun.Status, [String]) {
    if let failure = follow(cell.solution) { return (.failed, ["the solution does not work"] + failure) }
    var worst = LessonRun.Status.passed
    var detail: [String] = []
    for claim in cell.claims {
      let (status, facts) = judge(claim)
      guard status != .passed else { continue }
      worst = worst == .failed ? .failed : status
      detail +=
        ["after the solution, \(status == .unknown ? "unknown" : "not so"): \(claim.text)"] + facts.map { "  \($0)" }
    }
    return (worst, detail)
  }

  /// Runs commands that have to work; what went wrong, or nil.
  private mutating func follow(_ commands: [SourceLine]) -> [String]? {
    for command in commands {
      let (answer, isLate) = run(command.text, limit: nil)
      if isLate { return ["\(command.place): `\(command.text)` took longer than \(options.timeout.description)"] }
      guard answer.outcome.isFailure else { continue }
      return ["\(command.place): `\(command.text)` failed:"] + answer.lines.map { "  \($0.plain)" }
    }
    return nil
  }

  private mutating func run(
    _ command: CommandCell.Command, limit: Interval?
  ) -> (Answer, isLate: Bool, status: Int32) {
    guard command.isShell else {
      let (answer, isLate) = run(command.line, limit: limit)
      return (answer, isLate, 0)
    }
    let deadline = Deadline(limit ?? options.timeout)
    let (answer, status) = options.terminal.run(
      command.line, bootstrap: space.liveAddress, deadline.bounding(errand))
    return (answer, answer.outcome == .interrupted && deadline.isOver, status)
  }

  mutating func run(_ line: String, limit: Interval?) -> (Answer, isLate: Bool) {
    let deadline = Deadline(limit ?? options.timeout)
    let answer = space.run(line, deadline.bounding(errand))
    return (answer, answer.outcome == .interrupted && deadline.isOver)
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

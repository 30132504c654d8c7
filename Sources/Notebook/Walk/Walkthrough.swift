public import Workbench

/// A learner's way through a lesson: a line in, a turn out. Knows no terminal, no file and no clock.
///
/// The world is a value, so each step keeps a snapshot of how it began, and going back is an assignment. What happened
/// is told in `Turn.events`; whoever holds the journal writes it down.
public struct Walkthrough<Space: Workspace>: Sendable {
  public let lesson: Lesson
  public let seed: UInt64
  /// The world as it is now: what completion and diagrams look at.
  public var space: Space
  public internal(set) var awaited: Awaited = .nextStep

  /// How each step began, up to the present one.
  var beginnings: [Space] = []
  /// The index of the present step, and of the block in it that is next or waits.
  var step = 0
  var block = 0
  /// How many commands could be undone when the lesson last acted by itself: the learner's own are those beyond.
  var undoableBefore = 0
  var hintsShown = 0
  /// Predictions that wait for their run.
  var open: [OpenPrediction] = []
  /// Predictions of this walk with what became of them, for the summary.
  var predictions: [ProgressEvent.Prediction] = []
  /// The world to come back to with `nxt`; nil when not playing.
  var paused: Space?

  struct OpenPrediction: Sendable {
    var cell: PredictionCell
    var choice: Int
    var confidence: Int
  }

  /// Begins at `step`, counted from 1; earlier steps are taken as solved. A step beyond the last is taken for the last.
  ///
  /// - Parameters:
  ///   - seed: The lesson's own unless given.
  ///   - predictions: Those made before the walk was left, for the summary at its end.
  public init(
    _ lesson: Lesson, seed: UInt64? = nil, at step: Int = 1, predictions: [ProgressEvent.Prediction] = [],
    _ errand: Errand = .quiet
  ) {
    self.predictions = predictions
    self.lesson = lesson
    self.seed = seed ?? lesson.front.seed
    space = Space(seed: self.seed)
    let target = min(max(step, 1), max(lesson.steps.count, 1)) - 1
    for index in 0..<target {
      beginnings.append(space)
      solve(lesson.steps[index], errand)
    }
    self.step = target
  }

  /// The first turn: the title, and the step up to what waits.
  public mutating func begin(_ errand: Errand = .quiet) -> Turn {
    var turn = Turn()
    turn.lines = [Line("\(lesson.front.id) \(lesson.front.title)", .heading)]
    turn.say("\(lesson.front.minutes) minutes. Seed \(seed). `help` lists the words that guide a lesson.", .faint)
    if step == 0 && !lesson.isReview { turn.events.append(.started(lesson: lesson.front.id)) }
    openStep(&turn, errand)
    return turn
  }

  /// One line of the learner.
  public mutating func enter(_ line: String, _ errand: Errand = .quiet) -> Turn {
    var turn = Turn()
    let line = line.trimmed
    if let word = Word(line), !isAnswer(line) {
      obey(word, &turn, errand)
    } else {
      answer(line, &turn, errand)
    }
    return turn
  }

  /// Lesson, step and what is waited for.
  public var prompt: Line {
    let place = Line("\(lesson.front.id) ", .strong) + Line("\(step + 1)/\(max(lesson.steps.count, 1)) ")
    let live = space.liveAddress == nil ? Line() : Line("live ", .strong)
    return place + live + Line(waiting, .faint) + Line(" > ")
  }

  /// The words that mean something now beside the workspace's commands, for completion.
  public var words: [String] {
    if paused != nil { return [Word.nxt, .info, .main, .bye].map(\.rawValue) }
    return Word.allCases.map(\.rawValue)
  }

  /// What is waited for, in a few words.
  private var waiting: String {
    if paused != nil { return "free play, nxt returns" }
    return switch awaited {
    case .run: "Enter runs it"
    case .choice: "your prediction"
    case .confidence: "how sure? 1-3"
    case .task: "task"
    case .review: "your answer"
    case .nextStep: "Enter goes on"
    case .end: "Enter leaves"
    }
  }
}

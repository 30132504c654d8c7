/// How far a learner is in one lesson, told from the journal.
public struct Progress: Hashable, Sendable {
  /// The step last reached in the latest walk, from 1; 0 when never begun.
  public private(set) var step = 0
  public private(set) var isFinished = false
  public private(set) var predictions: [ProgressEvent.Prediction] = []
  /// When the lesson was last gone through or reviewed, in seconds since 1970.
  public private(set) var lastSeen: Int64?
  /// On how many days running its review questions were answered all right.
  public private(set) var recalls = 0

  private var missed = false

  public init(of lesson: String, in entries: [Journal.Entry]) {
    for entry in entries where entry.event.lesson == lesson { add(entry) }
  }

  /// The step at which to resume; nil when the lesson was never begun or is finished.
  public var resumesAt: Int? { step > 0 && !isFinished ? step : nil }

  /// When the review questions should be asked again: after 1, 3, 7, 21, then 60 days, and after one day again when an
  /// answer was wrong. Spaced retrieval lasts (Hopkins et al. 2016); these gaps are the customary ones.
  public var reviewDue: Int64? {
    guard let lastSeen else { return nil }
    let days: [Int64] = [1, 3, 7, 21, 60]
    return lastSeen + days[min(recalls, days.count - 1)] * 86_400
  }

  private mutating func add(_ entry: Journal.Entry) {
    switch entry.event {
    case .started: (step, isFinished, predictions) = (1, false, [])
    case .reached(_, let step): self.step = step
    case .predicted(_, _, let made): predictions.append(made)
    case .passed: break
    case .reviewed(_, let question, let right):
      if question == 1 { missed = false }
      missed = missed || !right
    case .finished:
      isFinished = true
      recalls = lastSeen == nil || missed ? 0 : recalls + 1
      lastSeen = entry.time
    }
  }
}

extension Progress {
  /// The lesson last worked on, when it is not finished.
  public static func unfinished(in entries: [Journal.Entry]) -> String? {
    guard let last = entries.last?.event.lesson else { return nil }
    return Progress(of: last, in: entries).resumesAt == nil ? nil : last
  }

  /// Those of `lessons` whose review is due at `now`, the longest overdue first.
  public static func due(among lessons: [String], in entries: [Journal.Entry], at now: Int64) -> [String] {
    lessons.compactMap { lesson in Progress(of: lesson, in: entries).reviewDue.map { (lesson, $0) } }
      .filter { $0.1 <= now }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
  }
}

extension Lesson {
  /// The lesson's review questions alone, to be walked again when they are due; nil when it has none.
  public var review: Lesson? {
    let reviews = steps.flatMap { step in
      step.blocks.filter { block in
        if case .review = block { true } else { false }
      }
    }
    guard !reviews.isEmpty else { return nil }
    var lesson = self
    lesson.isReview = true
    lesson.steps = [Step(title: "Review", place: SourcePlace(file, 1), blocks: reviews)]
    return lesson
  }
}

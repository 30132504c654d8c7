/// Something worth remembering that happened to a learner. Steps count from 1, as the prompt shows them.
public enum ProgressEvent: Hashable, Sendable {
  case started(lesson: String)
  case reached(lesson: String, step: Int)
  case predicted(lesson: String, step: Int, Prediction)
  case passed(lesson: String, step: Int)
  /// A review question, counted from 1.
  case reviewed(lesson: String, question: Int, right: Bool)
  case finished(lesson: String)

  /// A prediction with what became of it.
  public struct Prediction: Hashable, Sendable {
    public var choice: String
    /// 1 a guess, 2 rather sure, 3 certain.
    public var confidence: Int
    public var right: Bool
    /// The belief behind a wrong choice.
    public var belief: String?

    public init(choice: String, confidence: Int, right: Bool, belief: String? = nil) {
      self.choice = choice
      self.confidence = confidence
      self.right = right
      self.belief = belief
    }
  }

  public var lesson: String {
    switch self {
    case .started(let lesson), .reached(let lesson, _), .predicted(let lesson, _, _), .passed(let lesson, _),
      .reviewed(let lesson, _, _), .finished(let lesson):
      lesson
    }
  }
}

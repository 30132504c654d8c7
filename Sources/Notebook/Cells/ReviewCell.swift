/// Questions that bring back what the lesson taught, in YAML; three in each lesson:
///
///     ```review
///     - question: A record has been appended by the leader only. Who may read it?
///       choices:
///         - right: nobody yet
///         - wrong: everybody
///       because: Consumers read up to the high watermark.
///     ```
public struct ReviewCell: Hashable, Sendable {
  public struct Question: Hashable, Sendable {
    public var text: String
    public var choices: [String]
    /// The index of the right choice.
    public var right: Int
    public var because: String
    public var place: SourcePlace
  }

  public var place: SourcePlace
  public var questions: [Question]

  init(_ fence: Fence) throws(LessonError) {
    try fence.refuseFlags()
    place = fence.place
    questions = []
    let keys = ["question", "choices", "because"]
    for group in try fence.groups("a review question", keys) { questions.append(try Question(group)) }
  }
}

extension ReviewCell.Question {
  init(_ fields: Fields) throws(LessonError) {
    place = fields.place
    text = try fields.text("question")
    because = try fields.text("because")
    let groups = try fields.groups("choices", what: "a choice", keys: ["right", "wrong"])
    choices = []
    var rights: [Int] = []
    for (index, group) in groups.enumerated() {
      if group.has("right") { rights.append(index) }
      choices.append(try group.text(group.has("right") ? "right" : "wrong"))
    }
    guard rights.count == 1, let only = rights.first, (2...9).contains(choices.count) else {
      throw LessonError(
        fields.place("choices"), expected: "two to nine choices, one of them `right:`",
        found: "\(choices.count) with \(rights.count) right")
    }
    right = only
  }
}

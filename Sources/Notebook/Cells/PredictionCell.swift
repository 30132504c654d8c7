/// A question before a run, in YAML. The next `baedal` cell of the step is the run that answers it.
///
///     ```predict
///     question: n1 is cut off from n2 and n3. Which write is acknowledged?
///     choices:
///       - right: the one sent to n2
///         when: leader orders/0 is n2
///       - wrong: both, and they are merged later
///         belief: the network sorts it out
///         why: Nothing merges two logs. The minority has no leader that may commit.
///     because: |
///       Two of three replicas elect a leader.
///       n1 cannot reach a majority, so it refuses.
///     ```
///
/// A choice is written `right:` or `wrong:`; when the seed can change which one is right, it is written `choice:`
/// with the claim that makes it right after `when:`. With `right:`, `when:` must hold after the run, and with `wrong:`
/// it must not, so that the linter proves the answer. Choices are lettered a, b, c in the order written.
public struct PredictionCell: Hashable, Sendable {
  public struct Choice: Hashable, Sendable {
    public enum Rule: Hashable, Sendable {
      case right
      case wrong
      /// Right when the claim holds after the run.
      case judged
    }

    public var text: String
    public var rule: Rule
    public var when: Claim?
    /// What somebody believes who chooses this; always there unless the choice is `right`.
    public var belief: String?
    /// Why it is wrong, for those who chose it.
    public var why: String?
    public var place: SourcePlace
  }

  public var place: SourcePlace
  public var question: String
  public var choices: [Choice]
  /// Why it came out as it did: two lines at most.
  public var because: [String]

  init(_ fence: Fence) throws(LessonError) {
    try fence.refuseFlags()
    let fields = try fence.fields("a prediction", ["question", "choices", "because"])
    place = fence.place
    question = try fields.text("question")
    because = try fields.text("because").textLines
    if because.count > 2 {
      throw LessonError(fields.place("because"), expected: "at most two lines", found: "\(because.count) lines")
    }
    choices = []
    let keys = ["right", "wrong", "choice", "when", "belief", "why"]
    for group in try fields.groups("choices", what: "a choice", keys: keys) { choices.append(try Choice(group)) }
    try refuseUnanswerable(fields.place("choices"))
  }

  private func refuseUnanswerable(_ place: SourcePlace) throws(LessonError) {
    guard (2...9).contains(choices.count) else {
      throw LessonError(place, expected: "two to nine choices", found: "\(choices.count)")
    }
    let right = choices.count { $0.rule == .right }
    let judged = choices.count { $0.rule == .judged }
    guard right == 1 || (right == 0 && judged > 0) else {
      throw LessonError(
        place, expected: "one choice written `right:`, or some written `choice:` with `when:`",
        found: "\(right) right ones")
    }
  }
}

extension PredictionCell.Choice {
  init(_ fields: Fields) throws(LessonError) {
    place = fields.place
    let given = ["right", "wrong", "choice"].filter(fields.has)
    guard let key = given.first, given.count == 1 else {
      throw LessonError(
        place, expected: "one of `right:`, `wrong:`, `choice:` in a choice",
        found: given.isEmpty ? "none of them" : given.map { "`\($0):`" }.joined(separator: " and "))
    }
    text = try fields.text(key)
    rule = key == "right" ? .right : key == "wrong" ? .wrong : .judged
    when = rule == .judged || fields.has("when") ? Claim(try fields.lines("when")[0]) : nil
    belief = rule != .right || fields.has("belief") ? try fields.text("belief") : nil
    why = fields.has("why") ? try fields.text("why") : nil
  }
}

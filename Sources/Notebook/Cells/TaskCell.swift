/// Something the learner brings about in any way they like, in YAML:
///
///     ```task
///     goal: Make the record survive the crash of n1.
///     expect:
///       - record 0 of orders/0 is durable on n2
///     hints:
///       - Which replicas have it? Ask `log show`.
///       - A link is cut.
///     solution: |
///       net heal
///       run 1s
///     wrong:
///       - commands: |
///           crash n2
///         when: leader orders/0 is none
///         feedback: A crashed replica holds nothing for anybody.
///     debrief: |
///       What is on one disk is gone with that disk.
///     ```
///
/// The resulting state is judged, never the text typed: the task is done when every claim under `expect:` holds. A
/// wrong attempt is known by the state it leads to as well: the first entry of `wrong:` whose `when:` holds gives the
/// feedback. The linter runs them all.
public struct TaskCell: Hashable, Sendable {
  public struct WrongTurn: Hashable, Sendable {
    public var commands: [SourceLine]
    public var when: Claim
    public var feedback: String
    public var place: SourcePlace
  }

  public var place: SourcePlace
  public var goal: String
  public var claims: [Claim]
  public var hints: [String]
  public var solution: [SourceLine]
  public var wrong: [WrongTurn]
  public var debrief: String
}

extension TaskCell {
  init(_ fence: Fence) throws(LessonError) {
    try fence.refuseFlags()
    let keys = ["goal", "expect", "hints", "solution", "wrong", "debrief"]
    let fields = try fence.fields("a task", keys)
    place = fence.place
    goal = try fields.text("goal")
    claims = try fields.lines("expect").map { Claim($0) }
    hints = try fields.texts("hints")
    solution = try fields.lines("solution")
    wrong = []
    if fields.has("wrong") {
      for group in try fields.groups("wrong", what: "a wrong turn", keys: ["commands", "when", "feedback"]) {
        wrong.append(try WrongTurn(group))
      }
    }
    debrief = try fields.text("debrief")
  }
}

extension TaskCell.WrongTurn {
  init(_ fields: Fields) throws(LessonError) {
    place = fields.place
    commands = try fields.lines("commands")
    when = Claim(try fields.lines("when")[0])
    feedback = try fields.text("feedback")
  }
}

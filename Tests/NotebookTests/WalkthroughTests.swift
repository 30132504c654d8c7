import Glibc
import Notebook
import Testing
import Workbench

/// Walks as a learner sees them, kept as readable files in `Tests/Transcripts`. `RECORD=1 swift test` writes them anew;
/// then read the difference.
@Suite struct WalkthroughTests {
  struct Walk: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var file: String
    var lines: [String]
  }

  static let walks = [
    Walk(
      testDescription: "a learner goes to the end, wrong and certain, then put right", file: "to-the-end",
      lines: ["", "", "b 3", "", "check", "set soup 1", "c", "h", "h", "h", "set soup 2", "", "a", "a", "b", ""]),
    Walk(
      testDescription: "back undoes, then leaves the step; reset, restart and skip land where they say", file: "moving",
      lines: [
        "set tea 9", "all", "back", "all", "back", "", "set tea 9", "back", "", "back", "skip", "a", "2", "",
        "set soup 1", "x", "all", "skip",
        "restart", "all", "bye()",
      ]),
    Walk(
      testDescription: "free play leaves no trace in the lesson", file: "playing",
      lines: ["", "play", "set kimchi 99", "check", "", "all", "nxt()", "all", "info", "list", "main"]),
    Walk(
      testDescription: "what cannot be understood is said to be so, and what is awaited is said again",
      file: "confused",
      lines: [
        "dance", "check", "hint", "nxt", "set kimchi 1", "show kimchi", "", "maybe", "c", "a", "9", "2", "help", "", "",
        "set kimchi 2", "check",
      ]),
  ]

  @Test("a walk reads as its transcript does", arguments: walks)
  func transcript(_ walk: Walk) throws {
    var walkthrough = Walkthrough<Shelf>(try Lesson(Texts.whole, file: "Lessons/10.md"))
    var text: [String] = []
    func show(_ turn: Turn) {
      text += turn.lines.map(\.plain)
      text += turn.events.map { "        [journal] \($0)" }
      if let leaving = turn.leaving { text.append("        [leaves for \(leaving)]") }
    }
    show(walkthrough.begin())
    for line in walk.lines {
      text.append(walkthrough.prompt.plain + line)
      show(walkthrough.enter(line))
    }
    try compare(text.map { $0.trimmingEnd }.joined(separator: "\n") + "\n", with: walk.file)
  }

  @Test("a walk resumes in the state after the steps before")
  func resumes() throws {
    let lesson = try Lesson(Texts.whole, file: "Lessons/10.md")
    var walk = Walkthrough<Shelf>(lesson, at: 3)
    let turn = walk.begin()
    #expect(turn.events == [.reached(lesson: "10", step: 3)])
    #expect(walk.awaited == .task)
    #expect(walk.space.judge("kimchi is gone").value == .holds)
    // And the steps before it can be gone back to.
    _ = walk.enter("back")
    #expect(walk.space.judge("kimchi is 1").value == .holds)
  }

  /// Words, answers and commands in any order, drawn by a small generator of our own.
  @Test("whatever is typed, the walk goes on, and the lesson can still be gone through", arguments: 0..<40)
  func anything(_ seed: Int) throws {
    let words = [
      "", "n", "h", "l", "c", "x", "a", "b", "1", "3", "b 2", "back", "reset", "restart", "skip", "play", "nxt", "info",
      "help", "set soup 1", "set soup 2", "set kimchi 1", "show kimchi", "dance", "9", "()", "set kimchi gone",
    ]
    var state = UInt64(seed) &+ 1
    var walk = Walkthrough<Shelf>(try Lesson(Texts.whole, file: "Lessons/10.md"))
    _ = walk.begin()
    for _ in 0..<200 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      _ = walk.enter(words[Int(state >> 33) % words.count])
      #expect(walk.prompt.plain.hasPrefix("10 "))
    }
    if walk.words == ["nxt", "info", "main", "bye"] { _ = walk.enter("nxt") }
    _ = walk.enter("restart")
    for line in ["", "", "a 1", "", "set soup 2", "", "a", "b", "b"] { _ = walk.enter(line) }
    #expect(walk.awaited == .end)
  }

  @Test("an interrupted cell waits for the rest of its commands")
  func interrupted() throws {
    let lesson = try Texts.lesson("```baedal\n> set a 1\n> spin\n> set b 2\n```\n\n```expect\nb is 2\n```")
    var walk = Walkthrough<Shelf>(lesson)
    _ = walk.begin()
    let turn = walk.enter("", Errand(isCancelled: { true }))
    #expect(turn.lines.contains { $0.plain.hasPrefix("Interrupted.") })
    #expect(walk.awaited == .run(next: 1))
    #expect(walk.space.judge("a is 1").value == .holds)
    #expect(walk.space.judge("b is 2").value == .fails)
  }

  @Test("setup runs unasked and is shown in one line")
  func hidden() throws {
    let lesson = try Texts.lesson("```baedal hidden\n> set a 1\n> set b 2\n```\n\n```baedal\n> all\n```")
    var walk = Walkthrough<Shelf>(lesson)
    let lines = walk.begin().lines.map(\.plain)
    #expect(lines.contains("(setup: set a 1; set b 2)"))
    #expect(lines.contains("a = 1") == false)
    #expect(walk.awaited == .run(next: 0))
  }

  @Test("a task that cannot be decided says so")
  func undecided() throws {
    let lesson = try Texts.lesson(
      "```task\ngoal: g\nexpect: who knows\nhints: h\nsolution: set a 1\ndebrief: d\n```")
    var walk = Walkthrough<Shelf>(lesson)
    _ = walk.begin()
    let lines = walk.enter("check").lines.map(\.plain)
    #expect(lines.contains { $0.contains("unknown  who knows") })
    #expect(lines.contains { $0.contains("no such claim") })
    #expect(walk.awaited == .task)
  }

  @Test("which choice is right may depend on the seed", arguments: [(UInt64(2), "a"), (3, "b")])
  func judged(_ seed: UInt64, _ right: String) throws {
    let lesson = try Texts.lesson(Self.rolled)
    var walk = Walkthrough<Shelf>(lesson, seed: seed)
    _ = walk.begin()
    let turn = walk.enter("\(right) 1")
    #expect(turn.events.first == .predicted(lesson: "10", step: 1, .init(choice: right, confidence: 1, right: true)))
  }

  static let rolled = """
    ```predict
    question: What does it roll?
    choices:
      - {choice: zero, when: x is 0, belief: dice like zero}
      - {choice: one, when: x is 1, belief: dice like one}
    because: The seed decides.
    ```

    ```baedal
    > roll x
    ```
    """

  private func compare(_ text: String, with file: String) throws {
    let path = #filePath.components(before: "/NotebookTests/") + "/Transcripts/\(file).txt"
    if getenv("RECORD") != nil {
      try LessonLibrary.write(text, to: path)
    }
    let expected = (try? LessonLibrary.text(of: path)) ?? ""
    let difference = ExpectedOutput(
      lines: expected.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    )
    .difference(from: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    #expect(text == expected, "\(difference.map(\.plain).joined(separator: "\n"))")
  }
}

extension String {
  fileprivate var trimmingEnd: String { String(reversed().drop { $0 == " " }.reversed()) }

  fileprivate func components(before marker: String) -> String {
    guard let range = firstRange(of: marker) else { return self }
    return String(self[..<range.lowerBound])
  }
}

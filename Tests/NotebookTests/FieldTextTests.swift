import Testing
import Workbench

@testable import Notebook

/// What authors write into the fields of cells, as a learner reads it.
@Suite struct FieldTextTests {
  @Test("where the author ended a line means nothing; a blank line makes a paragraph")
  func folds() {
    let text = "An order is lost\nwhen nobody\nhas it.\n\nA floor of 2\nhelps."
    #expect(
      Prose(ofField: text).lines.map(\.plain) == ["An order is lost when nobody has it.", "", "A floor of 2 helps."])
  }

  @Test("emphasis loses its stars and keeps its weight, code keeps its backticks and its colour")
  func inline() {
    let line = Prose(ofField: "The *whole* set, **all** of `acks=all`.").lines[0]
    #expect(line.plain == "The whole set, all of `acks=all`.")
    #expect(line.spans.filter { $0.tone == .strong }.map(\.text) == ["whole", "all"])
    #expect(line.spans.filter { $0.tone == .code }.map(\.text) == ["`acks=all`"])
    #expect(Prose.inLine("one\n*choice*", .bad).plain == "one choice")
  }

  @Test("feedback stands in a block of its own under the claim that fails")
  func feedback() {
    let verdict = Verdict(.fails, claim: "soup is 2", evidence: ["observed: 1"], next: "show soup")
    #expect(
      verdict.lines(why: "One *bowl*\nis not enough.\n\nTwo are.").map(\.plain) == [
        "  not yet  soup is 2", "           observed: 1", "           why: One bowl is not enough.", "",
        "           Two are.", "           try: show soup",
      ])
  }

  @Test("a walk shows no field with its author's line ends or marks")
  func walk() throws {
    let lesson = try Lesson(
      Texts.whole.replacing(
        "feedback: One bowl is not enough for two.", with: "feedback: \"*One* bowl\\nis not enough.\""
      )
      .replacing("debrief: |\n  Two bowls, two guests.", with: "debrief: |\n  Two *bowls*,\n  two guests."),
      file: "Lessons/10.md")
    var walk = Walkthrough<Shelf>(lesson, at: 3)
    _ = walk.begin()
    _ = walk.enter("set soup 1")
    let checked = walk.enter("check").lines.map(\.plain)
    #expect(checked.contains("           why: One bowl is not enough."), "\(checked)")
    let passed = walk.enter("set soup 2").lines.map(\.plain)
    #expect(passed.contains("Two bowls, two guests."), "\(passed)")
  }
}

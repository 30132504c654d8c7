import Clockwork
import Notebook
import Testing
import Workbench

@Suite struct LessonParserTests {
  @Test("headings divide a lesson into steps, and fenced blocks are its cells")
  func steps() throws {
    let lesson = try Lesson(Texts.whole, file: "Lessons/10.md")
    #expect(lesson.front.id == "10")
    #expect(lesson.front.components == ["Shelf"])
    #expect(lesson.steps.map(\.title) == ["The shelf", "What she takes", "Your turn", "Review"])
    #expect(lesson.steps.map(\.blocks.count) == [3, 4, 1, 1])
  }

  @Test("a cell's flags are read")
  func flags() throws {
    let lesson = try Texts.lesson("```baedal fails hidden each-seed allow-errors timeout=5s\n> fail\n```")
    guard case .commands(let cell) = lesson.steps[0].blocks[0] else {
      Issue.record("expected a cell of commands")
      return
    }
    #expect(cell.fails && cell.isHidden && cell.isForEachSeed && cell.allowsErrors)
    #expect(cell.timeout == .seconds(5))
  }

  @Test("claims and commands know the line of the file they stand on, in lists and in blocks")
  func places() throws {
    let lesson = try Lesson(Texts.whole, file: "Lessons/10.md")
    guard case .task(let task) = lesson.steps[2].blocks[0] else {
      Issue.record("expected a task")
      return
    }
    let lines = Texts.whole.split(separator: "\n", omittingEmptySubsequences: false)
    func line(_ text: String) -> Int { (lines.firstIndex { $0.contains(text) } ?? -1) + 1 }
    #expect(task.claims[0].place == SourcePlace("Lessons/10.md", line("- soup is 2"), 5))
    #expect(task.solution[0].place == SourcePlace("Lessons/10.md", line("set soup 2"), 3))
    #expect(task.wrong[1].commands[0].place.line == line("- set kimchi 2"))
    #expect(task.wrong[0].place.line == line("- commands: |"))
  }

  @Test("a file saved with carriage returns reads the same")
  func carriageReturns() throws {
    let text = Texts.whole.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
    #expect(try Lesson(text, file: "a") == Lesson(Texts.whole, file: "a"))
  }

  @Test("code in another language is prose, indented and marked as code")
  func otherCode() throws {
    let lesson = try Texts.lesson("```sql\nselect 1\n```")
    guard case .prose(let prose) = lesson.steps[0].blocks[0] else {
      Issue.record("expected prose")
      return
    }
    #expect(prose.lines.map(\.plain) == ["    select 1"])
  }

  struct Broken: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var body: String
    /// Counted from the first line below the front matter, which is line 1 here.
    var line: Int
    var column: Int
    var says: [String]

    init(_ name: String, _ body: String, _ line: Int, _ column: Int, _ says: String...) {
      (testDescription, self.body, self.line, self.column, self.says) = (name, body, line, column, says)
    }
  }

  static let broken = [
    Broken(
      "a cell's name mistyped", "story\n\n```predcit\nquestion: a\n```", 3, 4, "`predcit`", "Did you mean `predict`?"),
    Broken("an unknown flag", "```baedal fales\n> a\n```", 1, 11, "`fales`", "Did you mean `fails`?"),
    Broken("a timeout without a unit", "```baedal timeout=5\n> a\n```", 1, 11, "`timeout=5s`"),
    Broken("flags where none belong", "```expect hidden\na is b\n```", 1, 11, "nothing after `expect`"),
    Broken("output before any command", "```baedal\n\n  out\n> a\n```", 3, 3, "a command", "`out`"),
    Broken("an empty command", "```baedal\n> a\n>\n```", 3, 1, "a command after `>`"),
    Broken("an empty cell", "```baedal\n```", 1, 1, "at least one command"),
    Broken("no claim", "```expect\n# none\n```", 1, 1, "at least one claim"),
    Broken("a cell never closed", "```baedal\n> a\nout", 3, 1, "closes the cell of line 8", "the end of the file"),
    Broken("a cell in a list", "- item\n\n  ```baedal\n  > a\n  ```", 3, 3, "at the margin"),
    Broken("an unknown key", "```task\ngoal: a\nhint: b\n```", 3, 1, "`hint:`", "Did you mean `hints:`?"),
    Broken("a missing key", "```task\ngoal: a\nexpect: b\nhints: c\n```", 2, 1, "`solution:`"),
    Broken("a key twice", "```task\ngoal: a\ngoal: b\n```", 2, 1, "each key once", "`goal:` twice"),
    Broken("a colon that YAML takes for a key", "```task\ngoal: a\nexpect: it is: so\n```", 3, 14, "Quote text"),
    Broken(
      "a mapping for a text", "```predict\nquestion: {a: b}\n```", 2, 11, "text for `question:`", "a group of keys"),
    Broken("an empty text", "```predict\nquestion:\nchoices: a\n```", 2, 10, "text for `question:`", "nothing"),
    Broken("YAML that is no mapping", "```task\njust words\n```", 2, 1, "`key: value`", "`just words`"),
    Broken("an empty task", "```task\n```", 2, 1, "a task with `goal:`"),
    Broken(
      "a choice with no belief", "```predict\nquestion: a\nchoices:\n  - right: b\n  - wrong: c\nbecause: d\n```", 5, 5,
      "`belief:`"),
    Broken(
      "a choice that is both",
      "```predict\nquestion: a\nchoices:\n  - {right: b, wrong: c}\n  - wrong: d\nbecause: d\n```",
      4, 5, "`right:` and `wrong:`"),
    Broken(
      "no right choice",
      "```predict\nquestion: a\nchoices:\n  - {wrong: b, belief: x}\n  - {wrong: c, belief: y}\nbecause: d\n```", 4, 3,
      "0 right ones"),
    Broken(
      "three lines of why",
      "```predict\nquestion: a\nchoices:\n  - right: b\n  - {wrong: c, belief: y}\nbecause: |\n  1\n  2\n  3\n```", 6,
      10,
      "at most two lines"),
    Broken(
      "a prediction with no run",
      "```predict\nquestion: a\nchoices:\n  - right: b\n  - {wrong: c, belief: y}\nbecause: d\n```", 1, 1,
      "a `baedal` cell after the prediction"),
    Broken("a review that is no list", "```review\nquestion: a\n```", 2, 1, "a list of groups"),
    Broken(
      "a review question with two right answers",
      "```review\n- question: a\n  choices:\n    - right: b\n    - right: c\n  because: d\n```", 4, 5, "2 with 2 right"),
    Broken("no story", "", 1, 1, "a story"),
  ]

  @Test("a mistake is placed at its line and column, with what was expected and found", arguments: broken)
  func mistakes(_ mistake: Broken) {
    let error = #expect(throws: LessonError.self) { try Texts.lesson(mistake.body) }
    let line = Texts.firstLine - 1 + mistake.line
    #expect(error?.place == SourcePlace("Lessons/10.md", line, mistake.column))
    let text = error?.description ?? ""
    #expect(text.hasPrefix("Lessons/10.md:\(line):\(mistake.column): expected "))
    for words in mistake.says { #expect(text.contains(words)) }
  }

  @Test(
    "a mistake in the front matter is placed too",
    arguments: [
      ("# Title\n", 1, 1, "`---`"),
      ("---\nid: a\n", 3, 1, "closes the front matter"),
      ("---\nid: a\ntitel: b\n---\n", 3, 1, "Did you mean `title:`?"),
      ("---\nid: a\ntitle: b\nminutes: soon\n---\n", 4, 10, "a whole number from 1 to 600"),
      ("---\nid: a\ntitle: b\nminutes: 5\n---\n", 2, 1, "`components:`"),
      ("---\n---\n", 2, 1, "the front matter with `id:`"),
    ])
  func frontMatter(_ text: String, _ line: Int, _ column: Int, _ says: String) {
    let error = #expect(throws: LessonError.self) { try Lesson(text, file: "a.md") }
    #expect(error?.place == SourcePlace("a.md", line, column))
    #expect(error?.description.contains(says) == true)
  }

  @Test("no text cut short anywhere brings the parser down")
  func cutAnywhere() {
    var read = 0
    for length in 0...Texts.whole.count where length % 7 == 0 {
      if (try? Lesson(String(Texts.whole.prefix(length)), file: "a")) != nil { read += 1 }
    }
    #expect(read > 0)
  }
}

@Suite struct ProseTests {
  private func lines(_ body: String) throws -> [String] {
    guard case .prose(let prose) = try Texts.lesson(body).steps[0].blocks[0] else { return [] }
    return prose.lines.map(\.plain)
  }

  @Test("a paragraph is one line, for the console to wrap")
  func paragraph() throws {
    #expect(try lines("one *two*\nthree `four`\n\nfive  \nsix") == ["one two three `four`", "", "five", "six"])
  }

  @Test("lists, quotes and code keep their shape")
  func shapes() throws {
    let body = "1. one\n2. two\n   - three\n\n> said\n> so\n\n```text\na  b\n```"
    #expect(try lines(body) == ["1. one", "2. two", "   - three", "", "| said so", "", "    a  b"])
  }

  @Test("columns of a table are aligned by the width they have in a terminal")
  func table() throws {
    let body = "| who | what |\n|---|---|\n| 배달 | an order |\n| n1 | a node |"
    #expect(try lines(body) == ["who   what", "----  --------", "배달  an order", "n1    a node"])
  }

  @Test("a link shows where it leads")
  func link() throws {
    #expect(
      try lines("see [KIP-966](https://a.b/c) and <https://a.b>") == ["see KIP-966 (https://a.b/c) and https://a.b"])
  }
}

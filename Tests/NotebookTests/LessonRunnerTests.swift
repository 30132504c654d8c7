import Clockwork
import Notebook
import Testing
import Workbench

@Suite struct LessonRunnerTests {
  private typealias Runner = LessonRunner<Shelf>

  private func run(_ body: String, seed: UInt64? = nil, _ options: LessonRunner<Shelf>.Options = .init()) throws
    -> LessonRun
  {
    Runner.run(try Texts.lesson(body), seed: seed, options)
  }

  @Test("a sound lesson passes")
  func passes() throws {
    let run = Runner.run(try Lesson(Texts.whole, file: "Lessons/10.md"))
    #expect(run.status == .passed)
    #expect(
      run.checks.map(\.name) == [
        "cell", "cell", "prediction: Mina takes the box away. What does `show` say?", "expect kimchi is gone",
        "task: Put soup on the shelf.",
      ])
    #expect(LessonRun.exitCode([run]) == 0)
  }

  @Test(
    "each kind of cell can fail, pass or be undecided",
    arguments: [
      ("```baedal\n> set a 1\na = 2\n```", "failed", "- a = 2"),
      ("```baedal\n> set a 1\na = [N]\n```", "passed", ""),
      ("```baedal\n> fail\n```", "failed", "`fail` failed:"),
      ("```baedal fails\n> show a\nNo a.\n```", "passed", ""),
      ("```baedal fails\n> set a 1\n```", "failed", "must fail, and did not"),
      ("```baedal fails\n> show a\n> show a\n```", "failed", "`show a` failed:"),
      ("```baedal allow-errors\n> show a\n> set a 1\n```", "passed", ""),
      ("```baedal\n> expect a is 1\n```", "failed", "false: a is 1"),
      ("```baedal\n> expect dunno\n```", "unknown", "unknown: dunno"),
      ("```baedal timeout=20ms\n> spin\n```", "failed", "took longer than 20ms"),
      ("```expect\na is 1\n```", "failed", "observed: no a"),
      ("```expect\na is missing\n```", "passed", ""),
      ("```expect\nwho knows\n```", "unknown", "no such claim"),
      (task(solution: "set a 1"), "passed", ""),
      (task(solution: "set a 2"), "failed", "after the solution, not so: a is 1"),
      (task(solution: "dance"), "failed", "`dance` failed:"),
      (prediction(right: "a is 1", wrong: "a is 2"), "passed", ""),
      (prediction(right: "a is 2", wrong: "a is 3"), "failed", "marked right, but does not hold"),
      (prediction(right: "a is 1", wrong: "a is 1"), "failed", "marked wrong, but holds"),
      (prediction(right: "who knows", wrong: "a is 2"), "unknown", "unknown whether who knows"),
    ])
  func verdicts(_ body: String, _ status: String, _ detail: String) throws {
    let run = try run(body)
    #expect(run.status.rawValue == status)
    #expect(run.checks.flatMap(\.detail).joined(separator: "\n").contains(detail) || detail.isEmpty)
  }

  static func task(solution: String) -> String {
    "```task\ngoal: g\nexpect: a is 1\nhints: h\nsolution: \(solution)\ndebrief: d\n```"
  }

  static func prediction(right: String, wrong: String) -> String {
    """
    ```predict
    question: q
    choices:
      - {right: r, when: \(right)}
      - {wrong: w, when: \(wrong), belief: b}
    because: c
    ```

    ```baedal
    > set a 1
    ```
    """
  }

  @Test("what follows a failure is skipped, unless errors are allowed")
  func skips() throws {
    let body = "```expect\na is 1\nb is 1\n```"
    #expect(try run(body).checks.map(\.status) == [.failed, .skipped])
    #expect(try run(body, .init(allowsErrors: true)).checks.map(\.status) == [.failed, .failed])
  }

  @Test("output is compared in the lesson's own world, and with each-seed in all")
  func seeds() throws {
    let body = "```baedal\n> roll a\na rolled 1\n```"
    let strict = "```baedal each-seed\n> roll a\na rolled 1\n```"
    #expect(try run(body, seed: 1).status == .passed)
    #expect(try run(body, seed: 2).status == .passed)
    #expect(try run(strict, seed: 1).status == .passed)
    #expect(try run(strict, seed: 2).status == .failed)
  }

  @Test("a parked lesson is skipped with its reason and exit code 80")
  func parked() throws {
    let text =
      Texts.front.replacing("minutes: 10", with: "minutes: 10\nskip: needs a network") + "\n```expect\na is 1\n```"
    let run = LessonRunner<Shelf>.run(try Lesson(text, file: "a.md"))
    #expect(run.status == .skipped)
    #expect(LessonRun.exitCode([run]) == 80)
    #expect(Report.text.render([run]).contains("needs a network"))
  }

  @Test("a lesson that cannot be read is a failed run that says where")
  func unreadable() throws {
    let error = try #require(throws: LessonError.self) { try Texts.lesson("```baedal\n```") }
    let run = LessonRun.unreadable(error, seed: 3)
    #expect(LessonRun.exitCode([run]) == 1)
    #expect(Report.text.render([run]).contains("Lessons/10.md:8:1: expected at least one command"))
  }

  @Test("a task can fail in two ways at once")
  func twoFindings() throws {
    let body = "```task\ngoal: g\nexpect: a is missing\nhints: h\nsolution: set a 1\ndebrief: d\n```"
    let found = Linter<Shelf>.lint(try Texts.lesson(body), seeds: [1, 2]).map(\.message)
    #expect(found.contains { $0.contains("untouched start") } && found.contains { $0.contains("task: g") })
    #expect(found.count == 3)
  }

  @Test("exit codes tell false before unknown before true")
  func exitCodes() throws {
    let passed = try run("```expect\na is missing\n```")
    let failed = try run("```expect\na is 1\n```")
    let unknown = try run("```expect\nwho knows\n```")
    #expect(LessonRun.exitCode([passed, unknown, failed]) == 1)
    #expect(LessonRun.exitCode([passed, unknown]) == 2)
    #expect(LessonRun.exitCode([]) == 0)
  }

  @Test("every format names the seed and the command that replays a failure", arguments: Report.allCases)
  func reports(_ format: Report) throws {
    let text = format.render([try run("```expect\na is 1\n```\n\n```expect\nb is <2>\n```", seed: 7)])
    #expect(text.contains("baedal run Lessons/10.md --seed 7"))
    #expect(text.contains("Lessons/10.md"))
    #expect(!text.contains("\u{1B}"))
    if format == .tap { #expect(text.hasPrefix("TAP version 14\n1..2\nnot ok 1 - 10 seed 7: expect a is 1\n")) }
    if format == .junit {
      #expect(text.contains("tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"1\"") && text.contains("b is &lt;2&gt;"))
    }
    if format == .json { #expect(text.contains("\"line\" : 9")) }
  }

  @Test("a recording writes the output in place, keeps what still matches, and passes afterwards")
  func records() throws {
    let text =
      Texts.front + "\n" + """
        Story.

        ```baedal
        > set a 1
        a = [N]

        > set b 2
        b = old
        > say > ...
        > all
        ...
        b = [N]
        ```

        The end.

        """
    let lesson = try Lesson(text, file: "a.md")
    #expect(LessonRunner<Shelf>.run(lesson).status == .failed)
    let recorded = LessonRunner<Shelf>.record(lesson, text: text).text
    let expected = text.replacing("b = old", with: "b = 2").replacing("> say > ...\n", with: "> say > ...\n\\> ...\n")
    #expect(recorded == expected)
    let again = try Lesson(recorded, file: "a.md")
    #expect(LessonRunner<Shelf>.run(again).status == .passed)
    #expect(LessonRunner<Shelf>.record(again, text: recorded).text == recorded)
  }
}

@Suite struct LinterTests {
  private func lint(_ text: String) throws -> [String] {
    let lesson = try Lesson(text, file: "Lessons/10.md")
    return Linter<Shelf>.lint(lesson, seeds: [1, 2]).map(\.description)
  }

  @Test("a sound lesson has no findings")
  func clean() throws {
    #expect(try lint(Texts.whole) == [])
  }

  @Test(
    "each proof that fails is a finding with its place and reason",
    arguments: [
      ("  - soup is 2", "  - kimchi is gone", "untouched start fails"),
      ("  set soup 2", "  set soup 3", "after the solution, not so: soup is 2"),
      ("      set soup 1", "      set soup 2", "no claim of the task fails after it"),
      ("    when: soup is 1", "    when: soup is 5", "`when:` does not hold after it: soup is 5"),
      ("      - set kimchi 2", "      - set soup 1", "the feedback of another wrong turn"),
      ("      set soup 1", "      sett soup 1", "is no command"),
      ("    when: kimchi is gone", "    when: kimchi is 1", "marked right, but does not hold"),
      ("kimchi = [N]", "kimchi = x", "- kimchi = x"),
      (
        "- It stays there.", "- [It](missing.md) stays.", "expected a file for the link, found none: Lessons/missing.md"
      ),
      (
        "- question: Is the shelf real?\n  choices:\n    - wrong: \"yes\"\n    - right: \"no\"\n  because: It stands in for the bench.\n",
        "", "expected 3 review questions, found 2"
      ),
    ])
  func findings(_ sound: String, _ broken: String, _ says: String) throws {
    let text = Texts.whole.replacing(sound, with: broken, maxReplacements: 1)
    #expect(text != Texts.whole)
    let found = try lint(text)
    #expect(found.contains { $0.hasPrefix("Lessons/10.md:") && $0.contains(says) }, "\(found)")
  }

  @Test("what fails with one seed only is found, with that seed")
  func oneSeed() throws {
    let found = try lint(Texts.front + "\n```baedal\n> roll a\n```\n\n```expect\na is 1\n```")
    #expect(found.contains { $0.contains("failed with seed 2: expect a is 1") && $0.contains("--seed 2") })
  }
}

@Suite struct LessonLibraryTests {
  private let folder = Folder()

  @Test("lessons are found by id, by file name and by path, and what cannot be read is told")
  func finds() throws {
    try folder.write(Texts.whole, to: "10-shelf.md")
    try folder.write("notes", to: "README.md")
    try folder.write("---\nid: 11\n---\n", to: "11-broken.md")
    let library = LessonLibrary(folder: folder.path)
    #expect(library.entries.map(\.front.title) == ["The shelf"])
    #expect(library.faults.map(\.place.file) == [folder.path + "/11-broken.md"])
    let path = folder.path + "/10-shelf.md"
    for name in ["10", "10-shelf", "10-shelf.md", path] { #expect(try library.file(named: name) == path) }
    let error = #expect(throws: LessonError.self) { try library.file(named: "12") }
    #expect(error?.description.contains("one of the lessons 10, found `12`. Try: baedal list") == true)
    #expect(try LessonLibrary.lesson(path).steps.count == 4)
  }

  @Test("lessons are looked for upwards, then beside the executable")
  func places() throws {
    try folder.write("x", to: "x")
    let lessons = folder.path + "/Lessons"
    #expect(
      LessonLibrary.find(asked: nil, workingDirectory: folder.path + "/a", executable: "/nowhere/baedal") != lessons)
    try folder.write("y", to: "Lessons/x")
    #expect(
      LessonLibrary.find(asked: nil, workingDirectory: folder.path + "/a/b", executable: "/nowhere/baedal") == lessons)
    #expect(LessonLibrary.find(asked: nil, workingDirectory: folder.path, executable: "/nowhere/baedal") == "Lessons")
    #expect(LessonLibrary.find(asked: nil, workingDirectory: "/usr", executable: folder.path + "/baedal") == lessons)
    #expect(LessonLibrary.find(asked: "/there", workingDirectory: "/usr", executable: "/x") == "/there")
    #expect(unlinkAll(lessons))
  }

  private func unlinkAll(_ path: String) -> Bool { removeFile(path + "/x") && removeFile(path) }

  @Test("a file that is not text is a complaint")
  func notText() throws {
    let error = #expect(throws: LessonError.self) { try LessonLibrary.lesson(folder.path) }
    #expect(error?.description.contains("Is a directory") == true)
    let missing = #expect(throws: LessonError.self) { try LessonLibrary.lesson(folder.path + "/no.md") }
    #expect(missing?.description.contains("no such file") == true)
  }

  @Test("a watch notices a file that is replaced, and ends when it is told to")
  func watches() throws {
    try folder.write("a", to: "10.md")
    let path = folder.path + "/10.md"
    var asked = 0
    let saved = try FileWatch.wait(for: path) {
      asked += 1
      if asked == 1 { try? folder.write("b", to: "10.md") }
      return asked > 20
    }
    #expect(saved)
    #expect(try FileWatch.wait(for: path) { true } == false)
  }
}

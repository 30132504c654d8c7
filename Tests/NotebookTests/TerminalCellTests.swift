import Clockwork
import Glibc
import Testing
import Workbench

@testable import Notebook

@Suite("Cells of another terminal") struct TerminalCellTests {
  private static func run(
    _ cell: String, flags: String = "", searchPath: String? = nil, only: Bool = false
  ) throws -> LessonRun {
    let text = "\(Texts.front)\n# The shelf\n\n```baedal\n> set a 1\n```\n\n```terminal\(flags)\n\(cell)\n```\n"
    var options = LessonRunner<Shelf>.Options(timeout: .seconds(20))
    if let searchPath { options.terminal.searchPath = searchPath }
    options.onlyTerminals = only
    return LessonRunner<Shelf>.run(try Lesson(text, file: "shelf.md"), options)
  }

  @Test("run the shell's lines and the workspace's, and compare both")
  func both() throws {
    let run = try Self.run("> say kimchi\nkimchi\n$ printf 'offset 7\\n\\056\\n'\noffset [OFFSET]\n.")
    #expect(run.status == .passed, "\(run.checks)")
    let wrong = try Self.run("$ printf kimchi\nmandu")
    #expect(wrong.checks.last?.status == .failed)
    #expect(wrong.checks.last?.detail.contains("  + kimchi") == true)
  }

  @Test("fail with a line that does not exit 0")
  func failing() throws {
    let run = try Self.run("$ echo no; exit 3")
    #expect(run.checks.last?.status == .failed)
    #expect(run.checks.last?.detail.last == "  exit 3")
  }

  @Test("are skipped, with the reason, where a line exits with 80 or the program is not there")
  func skipped() throws {
    let asked = try Self.run("$ echo no power; exit 80")
    #expect(asked.checks.last?.status == .skipped)
    #expect(asked.checks.last?.detail.first == "no power")
    #expect(asked.status == .passed)
    let missing = try Self.run("$ false", flags: " needs=kcat", searchPath: "/nowhere", only: true)
    #expect(missing.status == .skipped)
    #expect(LessonRun.exitCode([missing]) == 80)
    #expect(missing.checks.map(\.detail) == [["there is no kcat here"]])
    #expect(Report.text.render([missing]).contains("there is no kcat here"))
  }

  @Test("end in time, with all that they started")
  func late() throws {
    let run = try Self.run("$ sleep 60 & sleep 60", flags: " timeout=200ms")
    #expect(run.checks.last?.status == .failed)
    #expect(run.checks.last?.detail.first?.contains("took longer than 200ms") == true)
    #expect(run.checks.last.map { $0.seconds < 30 } == true)
  }

  @Test("hold nothing that their process has open")
  func descriptors() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let run = try Self.run("$ test -e /proc/$$/fd/0 && ! test -e /proc/$$/fd/\(ends[0])")
    #expect(run.status == .passed, "\(run.checks)")
  }

  @Test("run in the lesson's own world only, for real time has no seed")
  func seeds() throws {
    let text = "\(Texts.front)\n# The shelf\n\n```terminal\n$ exit 1\n```\n"
    let lesson = try Lesson(text, file: "shelf.md")
    #expect(LessonRunner<Shelf>.run(lesson, seed: 2).status == .skipped)
    #expect(LessonRunner<Shelf>.run(lesson, seed: 1).status == .failed)
  }

  @Test("show both prompts to a learner, and are passed over without the program")
  func walk() throws {
    let cell = "```terminal needs=no-such-program\n> say hello\n$ echo world\n```"
    let lesson = try Lesson("\(Texts.front)\n# The shelf\n\n\(cell)\n", file: "shelf.md")
    var walk = Walkthrough<Shelf>(lesson)
    let lines = walk.begin().lines.map(\.plain)
    #expect(lines.contains("  > say hello") && lines.contains("  $ echo world"))
    let turn = walk.enter("")
    #expect(turn.lines.contains { $0.plain.contains("there is no no-such-program here") })
    #expect(!turn.lines.contains { $0.plain == "hello" })
  }
}

import ArgumentParser
import Clockwork
import Foundation
import Notebook
import Workbench

/// `baedal run`: lessons without a terminal. Never prompts.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run lessons without a terminal: exit 0 passed, 1 failed, 2 undecided, 80 all skipped.",
    discussion: """
      baedal run Lessons
      baedal run Lessons/10-replication.md --seed 7
      baedal run Lessons --seeds 20 --format junit
      baedal run Lessons --terminals
      """)

  @Argument(help: "Lesson files, folders or ids. Default: every lesson.") var lessons: [String] = []
  @OptionGroup var folder: LessonsOption
  @Option(help: "The world's seed. Default: the lesson's own.") var seed: UInt64?
  @Option(help: "Run each lesson with this many seeds, from its own (or --seed) on.") var seeds = 1
  @Option(help: "Wall clock for each command, e.g. 30s.") var timeout = "30s"
  @Option(help: "text, tap, junit or json.") var format = "text"
  @Flag(help: "Run only what lessons do in another terminal, against a live cluster.") var terminals = false
  @Flag(help: "Go on after a failure.") var allowErrors = false
  @Flag(help: "Rewrite the expected outputs in the lesson files.") var record = false
  @Flag(help: "Run a file again whenever it is saved, until Ctrl-C.") var watch = false

  func validate() throws {
    if Interval(parsing: timeout) == nil { throw ValidationError("--timeout \(timeout): expected a time such as 30s.") }
    if Report(rawValue: format) == nil {
      throw ValidationError(
        "--format \(format): expected one of \(Report.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    if seeds < 1 { throw ValidationError("--seeds \(seeds): expected 1 or more.") }
    if watch && lessons.count != 1 { throw ValidationError("--watch: expected exactly one lesson file.") }
  }

  func run() throws {
    let files = try Surroundings.files(lessons, folder)
    var status = try once(files)
    while watch, let file = files.first, try FileWatch.wait(for: file, isCancelled: { false }) {
      status = try once(files)
    }
    throw ExitCode(status)
  }

  private func once(_ files: [String]) throws -> Int32 {
    var options = LessonRunner<Bench>.Options(
      timeout: Interval(parsing: timeout) ?? .seconds(30), allowsErrors: allowErrors)
    options.onlyTerminals = terminals
    var runs: [LessonRun] = []
    for file in files {
      let text: String
      let lesson: Lesson
      do throws(LessonError) {
        text = try LessonLibrary.text(of: file)
        lesson = try Lesson(text, file: file)
      } catch {
        runs.append(LessonRun.unreadable(error, seed: seed ?? 0))
        continue
      }
      if record {
        let recorded = LessonRunner<Bench>.record(lesson, text: text, options)
        if recorded.text != text { try LessonLibrary.write(recorded.text, to: file) }
        runs.append(recorded.run)
        continue
      }
      let first = seed ?? lesson.front.seed
      for n in 0..<UInt64(seeds) { runs.append(LessonRunner<Bench>.run(lesson, seed: first &+ n, options)) }
    }
    print((Report(rawValue: format) ?? .text).render(runs))
    return LessonRun.exitCode(runs)
  }
}

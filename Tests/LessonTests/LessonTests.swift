import Clockwork
import Foundation
import Notebook
import Testing
import Workbench

/// Every lesson that ships, proved.
@Suite("Lessons")
struct LessonTests {
  static let library = LessonLibrary(
    folder: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Lessons").path())

  /// Against a command that hangs, no more: a debug build beside all the other suites takes its time.
  private static let options = LessonRunner<Bench>.Options(timeout: .seconds(300))

  @Test("are there and can be read")
  func readable() {
    #expect(Self.library.entries.map(\.front.id) == (0...16).map { $0 < 10 ? "0\($0)" : "\($0)" })
    #expect(Self.library.faults.isEmpty)
  }

  /// As many seeds as a lesson asks for: those that run the delivery engine are slow in a debug build. CI runs twenty of
  /// each with the optimised one.
  @Test("run to their end with their seeds", arguments: library.entries.map(\.file))
  func run(file: String) throws {
    let lesson = try LessonLibrary.lesson(file)
    for seed in 1...UInt64(max(1, lesson.front.seeds)) {
      let run = LessonRunner<Bench>.run(lesson, seed: seed, Self.options)
      #expect(run.status == .passed, "\(Report.text.render([run]))")
    }
  }

  @Test("hold their solutions, wrong turns and untouched starts to their word", arguments: library.entries.map(\.file))
  func lint(file: String) throws {
    let lesson = try LessonLibrary.lesson(file)
    let findings = Linter<Bench>.lint(
      lesson, seeds: (0..<UInt64(max(1, min(3, lesson.front.seeds)))).map { lesson.front.seed + $0 }, Self.options)
    #expect(findings.isEmpty, "\(findings.map(\.description).joined(separator: "\n"))")
  }
}

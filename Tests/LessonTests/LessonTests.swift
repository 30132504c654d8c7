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

  @Test("are there and can be read")
  func readable() {
    #expect(
      Self.library.entries.map(\.front.id) == (0...13).map { $0 < 10 ? "0\($0)" : "\($0)" })
    #expect(Self.library.faults.isEmpty)
  }

  @Test("run to their end with twenty seeds", arguments: library.entries.map(\.file))
  func run(file: String) throws {
    let lesson = try LessonLibrary.lesson(file)
    for seed in 1...20 as ClosedRange<UInt64> {
      let run = LessonRunner<Bench>.run(lesson, seed: seed)
      #expect(run.status == .passed, "\(Report.text.render([run]))")
    }
  }

  @Test("hold their solutions, wrong turns and untouched starts to their word", arguments: library.entries.map(\.file))
  func lint(file: String) throws {
    let lesson = try LessonLibrary.lesson(file)
    let findings = Linter<Bench>.lint(lesson, seeds: (0..<3).map { lesson.front.seed + $0 })
    #expect(findings.isEmpty, "\(findings.map(\.description).joined(separator: "\n"))")
  }
}

import ArgumentParser
import Notebook
import Workbench

/// `baedal lint`: proves lessons.
struct LintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Prove lessons: solutions pass, wrong turns and untouched starts fail, outputs are as written.",
    discussion: "  baedal lint Lessons --seeds 5")

  @Argument(help: "Lesson files, folders or ids. Default: every lesson.") var lessons: [String] = []
  @OptionGroup var folder: LessonsOption
  @Option(help: "How many seeds, from the lesson's own on. Default: what its front matter says.") var seeds: Int?

  func run() throws {
    var findings = 0
    for file in try Surroundings.files(lessons, folder) {
      let lesson: Lesson
      do throws(LessonError) {
        lesson = try LessonLibrary.lesson(file)
      } catch {
        print(error)
        findings += 1
        continue
      }
      let list = seeds.map { count in (0..<UInt64(max(1, count))).map { lesson.front.seed &+ $0 } }
      let found = Linter<Bench>.lint(lesson, seeds: list)
      findings += found.count
      for finding in found { print(finding) }
      if found.isEmpty { print("\(file): proved over \(list?.count ?? lesson.front.seeds) seeds") }
    }
    if findings > 0 {
      print("\(findings) findings")
      throw ExitCode(1)
    }
  }
}

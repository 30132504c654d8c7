import ArgumentParser
import Console
import Notebook

/// `baedal list`: the lessons, and how far the learner is in each.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the lessons and your progress.", discussion: "  baedal list")

  @OptionGroup var folder: LessonsOption

  func run() throws {
    let library = try Surroundings.library(folder)
    let lines = Menu.lines(library, try Surroundings.journal().entries, now: Surroundings.now)
    Screen.write(Surroundings.painter.paint(lines))
  }
}

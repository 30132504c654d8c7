import ArgumentParser
import Console
import Notebook
import Workbench

/// `baedal` and `baedal learn`: the menu, a lesson, free play; without a terminal, the commands on standard input.
struct LearnCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn",
    abstract: "Walk a lesson; without one, open the menu or go on where you left.",
    discussion: """
      baedal learn 10
      baedal learn 10 --seed 7
      """)

  @Argument(help: "A lesson: its id, name or file.") var lesson: String?
  @OptionGroup var where_: LessonsOption
  @Option(help: "The world's seed. Default: the lesson's own; 1 for free play.") var seed: UInt64?
  @Flag(help: "Begin at the first step, even if you left off later.") var fromStart = false

  func run() throws {
    guard Screen.isTerminal else {
      if let lesson {
        throw ValidationError("`baedal learn` needs a terminal. Without one: baedal run \(lesson)")
      }
      return try Script.run(seed: seed ?? 1)
    }
    guard let terminal = Terminal() else { throw ValidationError("The terminal could not be set up. Is TERM right?") }
    let file = try lesson.map { name throws in try Surroundings.library(where_).file(named: name) }
    var guide = try Guide(
      library: Surroundings.library(where_), journal: Surroundings.journal(), seed: seed, lesson: file,
      fromStart: fromStart)
    terminal.converse(with: &guide)
    if let signal = terminal.interrupts.orderToEnd { throw ExitCode(128 + signal) }
  }
}

/// `baedal play`: an empty bench and every command.
struct PlayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "play", abstract: "Free play: an empty bench, every command, no lesson.",
    discussion: "  baedal play --seed 7")

  @Option(help: "The world's seed.") var seed: UInt64 = 1

  func run() throws {
    guard Screen.isTerminal else { return try Script.run(seed: seed) }
    guard let terminal = Terminal() else { throw ValidationError("The terminal could not be set up. Is TERM right?") }
    var play = FreePlay(bench: Bench(seed: seed))
    terminal.converse(with: &play)
  }
}

import ArgumentParser
import Console
import Workbench

/// `baedal simulate`: the REPL's command of the same name, from the shell.
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Run a cluster under random faults with many seeds: exit 0 all held, 1 something broke.",
    discussion: """
      baedal simulate --seeds 2000 --faults all
      baedal simulate --first-seed 17 --seeds 1 --faults crash,cut
      baedal simulate --seeds 500 --rule truncation=hw
      baedal simulate --world delivery --seeds 100
      baedal simulate --world commit --protocol 2pc --seeds 1000
      baedal simulate --world commit --protocol 3pc --faults cut
      """)

  @OptionGroup var question: SimulateQuestion

  func run() throws { try ShellAnswer.give { _, errand in question.answer(errand) } }
}

/// `baedal shrink`: likewise.
struct ShrinkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shrink",
    abstract: "Make a failing run of simulate small: exit 0 it breaks nothing any more, 1 it does, 2 it never did.",
    discussion: """
      baedal shrink 17 --rule min-in-sync=off
      baedal shrink 17 --rule min-in-sync=off --save small.run
      baedal shrink --replay small.run
      baedal shrink 72 --world commit --protocol 3pc-timeout
      """)

  @OptionGroup var question: ShrinkQuestion

  func run() throws { try ShellAnswer.give { question.answer(width: $0, isASCII: false, $1) } }
}

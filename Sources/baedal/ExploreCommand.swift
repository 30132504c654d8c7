import ArgumentParser
import Console
import Workbench

/// `baedal explore`: the REPL's command of the same name, from the shell.
struct ExploreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explore",
    abstract: "Search every order in which things can happen: exit 0 all promises hold, 1 one is broken, 2 undecided.",
    discussion: """
      baedal explore 2pc --participants 5 --crashes 1
      baedal explore 3pc --participants 2 --cuts 1
      baedal explore replication --rule kip320 --records 2 --memory 4GB
      baedal explore replication --rule hw --save lost.schedule
      baedal explore --replay lost.schedule
      """)

  @OptionGroup var question: ExploreQuestion

  func run() throws { try ShellAnswer.give { question.answer(width: $0, isASCII: false, $1) } }
}

import ArgumentParser
import Console

/// `baedal`: without a subcommand it opens the menu or takes up the lesson that was left; with commands on standard
/// input it runs them and stops at the first that fails.
@main
struct BaedalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "baedal",
    abstract: "A walk through distributed consistency, on a real broker, in your terminal.",
    discussion: """
      baedal                          the menu, or where you left off
      baedal learn 10                 walk lesson 10
      baedal run Lessons --seed 7     run lessons without a terminal
      printf 'cluster start 3\\nexpect leader exists\\n' | baedal
      """,
    version: "0.1.0",
    subcommands: [
      LearnCommand.self, ListCommand.self, RunCommand.self, LintCommand.self, PlayCommand.self,
      SimulateCommand.self, ShrinkCommand.self, ExploreCommand.self, ServeCommand.self, EngineCommand.self,
      BurstCommand.self, JudgeCommand.self, CompareCommand.self,
      CheckoutNodeCommand.self, CheckoutTrialCommand.self,
    ],
    defaultSubcommand: LearnCommand.self)

  /// As the parser's own, but on the main thread, where a terminal has to be set up.
  @MainActor
  static func main() async {
    do {
      var command = try parsed()
      if let talking = command as? any TalkingCommand, Screen.isAttended {
        try talking.converse()
      } else if var concurrent = command as? any AsyncParsableCommand {
        try await concurrent.run()
      } else {
        try command.run()
      }
    } catch {
      exit(withError: error)
    }
  }
}

extension BaedalCommand {
  /// The command that the words are. A broker's start is counted in milliseconds, and to read its words beside all other
  /// commands takes some; whatever `serve` cannot read by itself, help too, is the whole parser's. With its
  /// `_superCommandName` it is not searched for a request of completions either.
  private static func parsed() throws -> any ParsableCommand {
    let words = CommandLine.arguments.dropFirst()
    if words.first == ServeCommand.configuration.commandName,
      let serve = try? ServeCommand.parseAsRoot(Array(words.dropFirst())) as? ServeCommand
    {
      return serve
    }
    return try parseAsRoot()
  }
}

/// Where lessons are.
struct LessonsOption: ParsableArguments {
  @Option(
    name: .customLong("lessons"), help: "The folder with the lessons. Default: beside the checkout or the program.")
  var folder: String?
}

import ArgumentParser
import Console
import Workbench

/// A long command of the REPL, given from the shell: progress while it runs, Ctrl-C to end it, its answer on standard
/// output and its verdict as exit status.
enum ShellAnswer {
  static func give(_ command: (_ width: Int, Errand) -> Answer) throws {
    let progress = ProgressLine(isEnabled: Screen.isTerminal)
    progress.begin()
    let width = Screen.isTerminal ? max(40, Screen.size().columns) : 80
    let answer = command(width, Stopping.errand { progress.update($0, $1) })
    progress.end()
    Screen.write(Surroundings.painter.paint(answer.lines))
    let status = Script.exitStatus(answer.outcome)
    if status != 0 { throw ExitCode(status) }
  }
}

import ArgumentParser
import Console
import Workbench

/// Commands on standard input, no terminal: each line is shown and carried out; the first that fails ends the script.
enum Script {
  /// Exits 0 when all went well, 1 when a command or a claim failed, 2 when a claim could not be decided.
  static func run(seed: UInt64) throws {
    var bench = Bench(seed: seed)
    let painter = Surroundings.painter
    var status: Int32 = 0
    for line in ScriptedInput() {
      guard !line.allSatisfy(\.isWhitespace) else { continue }
      Screen.write(painter.paint([Line("> \(line)", .faint)]))
      let answer = bench.run(line, .quiet)
      Screen.write(painter.paint(answer.lines))
      status = exitStatus(answer.outcome)
      if status != 0 { break }
    }
    if status != 0 { throw ExitCode(status) }
  }

  static func exitStatus(_ outcome: Answer.Outcome) -> Int32 {
    switch outcome {
    case .done: 0
    case .judged(let verdict):
      switch verdict.value {
      case .holds: 0
      case .fails: 1
      case .unknown: 2
      }
    case .failed, .refused, .interrupted: 1
    }
  }
}

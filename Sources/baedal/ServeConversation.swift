import ArgumentParser
import BrokerServer
import Console
import Foundation
import Logging
import Workbench

/// A command that talks with whoever started it, when there is somebody.
///
/// Called on the main thread, before any other thread: the terminal's signals have to be blocked in all of them.
protocol TalkingCommand: ParsableCommand {
  func converse() throws
}

/// `baedal serve` at a terminal: free play with the cluster live. Elsewhere it only serves.
extension ServeCommand: TalkingCommand {
  func converse() throws {
    guard let terminal = Terminal() else { throw ValidationError("The terminal could not be set up. Is TERM right?") }
    let cluster = try Waiting.wait { try await started() }
    var play = FreePlay(bench: Bench(seed: 1))
    play.bench.adopt(cluster)
    play.isServing = true
    terminal.converse(with: &play)
    play.bench.stopLive()
    if let signal = terminal.interrupts.orderToEnd { throw ExitCode(128 + signal) }
  }
}

extension Screen {
  /// Whether somebody sits there: a terminal, and not in the background of one.
  static var isAttended: Bool { isTerminal && tcgetpgrp(STDIN_FILENO) == getpgrp() }
}

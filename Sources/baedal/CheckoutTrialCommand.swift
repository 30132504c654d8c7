import ArgumentParser
import AtomicCommit
import CheckoutServer
import Clockwork
import Foundation
import Glibc

/// `baedal checkout-trial`: checkouts over real processes, killed at random, then judged by their three databases.
struct CheckoutTrialCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkout-trial",
    abstract: "Kill -9 coordinator and services at random during checkouts, then look for half-done orders.",
    discussion: """
      Starts a process for the coordinator and for each service, each with its log and database. Exit 0 when no order is \
      half done and no lock is left, 1 otherwise.

      baedal checkout-trial --checkouts 500 --kills 100
      baedal checkout-trial --protocol paxos-commit --seed 7
      """)

  @Option(help: "How many checkouts.") var checkouts = 500
  @Option(help: "About how many processes to kill.") var kills = 100
  @Option(name: .customLong("protocol"), help: "How they agree: 2pc, 2pc-pa, q3pc, paxos-commit.")
  var rule = CommitProtocol.twoPhase
  @Option(help: "Decides what is ordered and who is killed when. The machine's speed decides too.") var seed: UInt64 = 1
  @Option(help: "Where to keep logs and databases; a temporary folder when not given, removed at the end.")
  var data: String?

  func validate() throws {
    guard (1...100_000).contains(checkouts), (0...checkouts).contains(kills) else {
      throw ValidationError("Expected 1 to 100000 checkouts and at most as many kills.")
    }
    guard rule != .threePhase, rule != .threePhaseTimeout else {
      throw ValidationError(
        "--protocol \(rule.rawValue): its answer to a slow process is a split. Expected 2pc, 2pc-pa, q3pc or paxos-commit."
      )
    }
  }

  func run() throws {
    let folder = data ?? FileManager.default.temporaryDirectory.path + "/baedal-checkout-\(getpid())"
    defer { if data == nil { try? FileManager.default.removeItem(atPath: folder) } }
    let trial = try CheckoutTrial(rule, folder: folder, seed: seed)
    defer { trial.stop() }
    try trial.run(checkouts: checkouts, kills: kills)
    guard try trial.judge() else { throw ExitCode(1) }
  }
}

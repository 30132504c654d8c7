import ArgumentParser
import Clockwork
import Delivery
import EventSourcing
import Simulation

struct TimersCommand: BenchCommand {
  static let examples = ["timers"]
  static let configuration = help(
    "timers", "Show the engine's timers that are still to fire.",
    "They stand in the log with everything else: whoever takes a partition over has its timers too.")

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    try bench.needEngine()
    var table = TextTable(["due", "whose", "then"])
    var rows: [(Instant, String, String)] = []
    for memory in bench.engineLogs.memories {
      for timer in memory.timers.all {
        rows.append((timer.due, timer.id.entity.name, timer.command.word))
      }
    }
    for row in rows.sorted(by: { ($0.0, $0.1) < ($1.0, $1.1) }) { table.add([row.0.description, row.1, row.2]) }
    return Answer(.done, rows.isEmpty ? [Line("No timer is set.", .faint)] : table.lines)
  }
}

struct Poison: BenchCommand {
  static let examples = ["poison 9"]
  static let changesWorld = true
  static let configuration = help(
    "poison", "Send an order a command in a vocabulary that the engine does not know yet.",
    "The order is held: what comes after waits behind it, in order. Other orders go on. engine upgrade and replay, or release."
  )

  @ArgumentParser.Argument(help: ArgumentHelp("The order.", valueName: "order")) var number: UInt64

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    let ready = bench.now + .seconds(900)
    return try bench.send(
      .order(.order(number), .estimate(readyAt: ready)), schema: Envelope.newestSchema, errand)
  }
}

struct Replay: BenchCommand {
  static let examples = ["replay 9"]
  static let changesWorld = true
  static let configuration = help("replay", "Handle what an order is held for again, from the first record on.")

  @ArgumentParser.Argument(help: ArgumentHelp("The order.", valueName: "order")) var number: UInt64

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    try bench.free(number, .replayHeld, errand)
  }
}

struct Release: BenchCommand {
  static let examples = ["release 9"]
  static let changesWorld = true
  static let configuration = help(
    "release", "Give up the record that an order is held for, and handle what came after it.")

  @ArgumentParser.Argument(help: ArgumentHelp("The order.", valueName: "order")) var number: UInt64

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    try bench.free(number, .releaseHeld, errand)
  }
}

extension Bench {
  fileprivate mutating func free(
    _ number: UInt64, _ command: EngineCommand, _ errand: Errand
  ) throws(Refusal) -> Answer {
    try needEngine()
    let held = engineLogs.memories.flatMap(\.holds.entities)
    guard held.contains(.order(number)) else {
      let names = held.map(\.name).joined(separator: ", ")
      throw Refusal(
        "Order \(number) is not held.", expected: names.isEmpty ? "Nothing is held." : "Held: \(names).",
        attempt: "engine show")
    }
    let answer = try send(Addressed(to: .order(number), command), errand)
    _ = run(within: .milliseconds(200), errand) { _ in false }
    let logs = engineLogs
    guard let entries = logs.memories.first(where: { $0.holds.isHeld(.order(number)) }) else {
      let state = OrderLines.fold(logs.history(of: .order(number)))
      return Answer(.done, answer.lines + [Line("order \(number) goes on: \(state.statusText)", .good)])
    }
    let hold = entries.holds.held[.order(number)]
    let waiting = hold?.items.count ?? 0
    return Answer(
      .failed,
      answer.lines + [
        Line(
          "order \(number) is held again, \(counted(waiting, "record")) waiting: \(hold?.reason ?? ""). Try: engine upgrade",
          .doubtful)
      ])
  }
}

extension Addressed {
  /// What it asks for, in words: `payment overdue`.
  var word: String {
    let whole =
      switch command {
      case .order(let command): "\(command)"
      case .ticket(let command): "\(command)"
      case .payment(let command): "\(command)"
      case .rider(let command): "\(command)"
      case .trip(let command): "\(command)"
      case .board(let command): "\(command)"
      case .party(let command): "\(command)"
      case .replayHeld: "replay"
      case .releaseHeld: "release"
      }
    var word = ""
    for letter in whole.prefix(while: { $0 != "(" }) {
      if letter.isUppercase { word += " " }
      word += letter.lowercased()
    }
    return word
  }
}

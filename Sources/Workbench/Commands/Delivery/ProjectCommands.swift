import ArgumentParser
import Clockwork
import Delivery
import EventSourcing
import Simulation

struct ProjectCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "project", abstract: "The read model of orders: what a screen asks instead of the log.",
    subcommands: [Freeze.self, Thaw.self, Rebuild.self, Lag.self, Show.self])

  struct Freeze: BenchCommand {
    static let examples = ["project freeze"]
    static let changesWorld = true
    static let configuration = help("freeze", "The projector stops: the read model stays as it is, the log goes on.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needEngine()
      bench.catchUpBook()
      bench.apparatus.book.freeze(at: bench.now)
      return Answer(.done, [Line("The projector stands still since \(bench.now).")])
    }
  }

  struct Thaw: BenchCommand {
    static let examples = ["project thaw"]
    static let changesWorld = true
    static let configuration = help("thaw", "The projector goes on from its checkpoint.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needEngine()
      bench.apparatus.book.thaw()
      bench.catchUpBook()
      return Answer(.done, [Line("The projector goes on.")])
    }
  }

  struct Rebuild: BenchCommand {
    static let examples = ["project rebuild"]
    static let changesWorld = true
    static let configuration = help(
      "rebuild", "Build the read model anew from the beginning of the log, beside the live one.",
      "The live one keeps answering. When the new one has caught up the two are switched. It takes time: run 5s, project lag."
    )

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needEngine()
      bench.catchUpBook()
      bench.apparatus.book.rebuild(at: bench.now)
      let live = bench.apparatus.book.live.version
      return Answer(.done, [Line("Version \(live + 1) is being built beside version \(live), which keeps answering.")])
    }
  }

  struct Lag: BenchCommand {
    static let examples = ["project lag"]
    static let changesWorld = true
    static let configuration = help("lag", "How far the read model is behind the log.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needEngine()
      bench.catchUpBook()
      let (book, logs) = (bench.apparatus.book, bench.engineLogs)
      let lag = OrderBook.lag(book.live, logs)
      let frozen = book.frozenAt.map { ", frozen since \($0)" } ?? ""
      var lines = [Line("version \(book.live.version), live: \(counted(lag, "entry", "entries")) behind\(frozen)")]
      if let next = book.next {
        let behind = OrderBook.lag(next, logs)
        lines.append(Line("version \(next.version), being built: \(counted(behind, "entry", "entries")) to go"))
      } else if let switched = book.switchedAt {
        lines.append(Line("switched to version \(book.live.version) at \(switched)", .faint))
      }
      return Answer(.done, lines)
    }
  }

  struct Show: BenchCommand {
    static let examples = ["project show"]
    static let changesWorld = true
    static let configuration = help("show", "Show the read model's rows.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needEngine()
      bench.catchUpBook()
      var table = TextTable(["order", "state", "rider"])
      let rows = bench.apparatus.book.live.rows
      for number in rows.keys.sorted() {
        guard let state = rows[number] else { continue }
        table.add([String(number), state.statusText, state.rider.map { String($0) } ?? ""])
      }
      return Answer(.done, rows.isEmpty ? [Line("The read model is empty.", .faint)] : table.lines)
    }
  }
}

/// A place in the logs, as it is typed.
struct PositionArgument: Hashable, Sendable, ExpressibleByArgument {
  var position: Position

  init?(argument: String) {
    guard let position = Position(parsing: argument) else { return nil }
    self.position = position
  }
}

struct Read: BenchCommand {
  static let examples = ["read 9", "read 9 --after order.events/0@3 --within 500ms"]
  static let changesWorld = true
  static let configuration = help(
    "read", "Ask the read model for an order, at once or when it has come as far as a position.",
    "A command's answer names the position of what it wrote. With --after the read waits until the read model has that, and otherwise says how far behind it is: so whoever has written reads what they wrote."
  )

  @ArgumentParser.Argument(help: ArgumentHelp("The order.", valueName: "order")) var number: UInt64
  @Option(help: ArgumentHelp("What the answer must include, like order.events/0@3.", valueName: "position"))
  var after: PositionArgument?
  @Option(help: ArgumentHelp("How long to wait for that.", valueName: "time")) var within = Interval.milliseconds(500)

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    try bench.needEngine()
    let asked = bench.now
    if let position = after?.position {
      guard Topic(rawValue: position.log) == .orderEvents else {
        throw Refusal(
          "The read model follows order.events, not \(position.text).",
          attempt: "read \(number) --after order.events/0@3")
      }
      let deadline = asked + within
      bench.catchUpBook()
      while !bench.apparatus.book.live.checkpoint.includes(position), bench.now < deadline {
        let before = bench.now
        _ = bench.run(within: min(.milliseconds(10), deadline - bench.now), errand) { _ in false }
        bench.catchUpBook()
        if bench.now == before { break }
      }
      let checkpoint = bench.apparatus.book.live.checkpoint
      guard checkpoint.includes(position) else {
        let lag = checkpoint.lag(behind: position)
        let text =
          "Not there within \(within): the read model is \(lag) offsets short of \(position.text). Try: project lag"
        return Answer(.failed, [Line(text, .bad)])
      }
    }
    bench.catchUpBook()
    guard let state = bench.apparatus.book.live.rows[number] else {
      return Answer(.failed, [Line("Not found: the read model has no order \(number). Try: project lag", .bad)])
    }
    let waited = bench.now - asked
    let note = waited > .zero ? ", after waiting \(waited)" : ""
    return Answer(.done, [Line("order \(number): \(state.statusText)\(note)")])
  }
}

extension Bench {
  mutating func catchUpBook() {
    let (logs, now) = (engineLogs, now)
    apparatus.book.catchUp(logs, at: now)
  }
}

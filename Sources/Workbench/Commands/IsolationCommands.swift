import ArgumentParser
import DatabaseLab
import Histories
import VersionStore

struct IsolationCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "isolation", abstract: "Interleave transactions at a level of isolation, and see what they notice.",
    subcommands: [Table.self, Run.self, Begin.self, Step.self, Show.self, Reset.self])

  struct Table: BenchCommand {
    static let examples = ["isolation table"]
    static let configuration = help(
      "table", "Run every anomaly at every level, and say where it happens.",
      "Each is a fixed order of steps on a store of its own; the judge is told only what the transactions read and wrote."
    )

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      var table = TextTable(["", "none", "read unc.", "read comm.", "snapshot", "serializable"])
      for schedule in IsolationSchedule.all {
        table.add(
          [Line.Span(schedule.name)]
            + MultiVersionStore.Level.allCases.map { level in
              let (events, store) = schedule.run(at: level)
              if let worst = store.judge.anomalies.first { return Line.Span(worst.anomaly.rawValue, .bad) }
              let aborted = events.contains {
                if case .aborted(let why) = $0.reply { why != "as asked" } else { false }
              }
              return Line.Span(aborted ? "no, abort" : "no", .good)
            })
      }
      return Answer(.done, table.lines)
    }
  }

  struct Run: BenchCommand {
    static let examples = [
      "isolation run \"lost update\" --level read-committed", "isolation run \"write skew\"",
      "isolation run phantom --level read-uncommitted --on sqlite",
    ]
    static let changesWorld = true
    static let configuration = help(
      "run", "Run one anomaly's steps on a new store, at a level.",
      "Anomalies: \(Refusal.list(IsolationSchedule.all.map(\.name))). The store stays on the bench: isolation show, and claims like: history serializable."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("Which.", valueName: "anomaly"))
    var anomaly: String

    @Option(help: ArgumentHelp("The level of both transactions.", valueName: "level"))
    var level = LevelArgument(.serializable)

    @Option(name: .customLong("on"), help: "The store of the bench, or SQLite: two connections, real files.")
    var database = DatabaseArgument.store

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let names = IsolationSchedule.all.map(\.name)
      guard let schedule = IsolationSchedule.all.first(where: { $0.name == anomaly }) else {
        let near = Refusal.didYouMean(anomaly, among: names)
        throw Refusal(
          "No anomaly \(anomaly).", expected: near ?? "There are \(Refusal.list(names)).", attempt: Self.examples[0])
      }
      if database == .sqlite { return try runOnSQLite(schedule, &bench) }
      let (events, store) = schedule.run(at: level.level)
      bench.keep(store)
      return Answer(.done, events.map(IsolationLines.line) + IsolationLines.verdict(store.judge))
    }

    private func runOnSQLite(_ schedule: IsolationSchedule, _ bench: inout Bench) throws(Refusal) -> Answer {
      let offered: SQLiteIsolation.Level? =
        level.level == .readUncommitted ? .readUncommitted : level.level == .serializable ? .serializable : nil
      guard let offered else {
        throw Refusal(
          "SQLite has no level \(level.level.rawValue).", expected: "It has read-uncommitted and serializable.",
          attempt: "isolation run \(Words.quoted(schedule.name)) --level read-uncommitted --on sqlite")
      }
      let result: SQLiteIsolation.Result
      do {
        result = try SQLiteIsolation.run(schedule, at: offered)
      } catch {
        throw Refusal("SQLite says: \(error.words).", attempt: "isolation table")
      }
      bench.apparatus.sqlite = result
      bench.apparatus.isolation = nil
      return Answer(.done, result.events.map(IsolationLines.line) + IsolationLines.verdict(result.judge))
    }
  }

  struct Begin: BenchCommand {
    static let examples = ["isolation begin t1 --level snapshot", "isolation begin t2"]
    static let changesWorld = true
    static let configuration = help(
      "begin", "Begin a transaction.",
      "On a new store x is 10, y is 20, and the table menu has bibimbap. A snapshot is of this moment.")

    @ArgumentParser.Argument(help: ArgumentHelp("A name for it.", valueName: "transaction"))
    var name: String

    @Option(help: ArgumentHelp("How much it may notice of others.", valueName: "level"))
    var level = LevelArgument(.serializable)

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      var store = bench.apparatus.isolation ?? MultiVersionStore(IsolationSchedule.before)
      guard store.begin(name, level.level) else {
        throw Refusal("\(name) is running already.", attempt: "isolation step \(name) commit")
      }
      bench.keep(store)
      return Answer(.done, [Line("\(name) begins, \(level.words).")])
    }
  }

  struct Step: BenchCommand {
    static let examples = [
      "isolation step t1 read x", "isolation step t1 write x 11", "isolation step t1 scan menu",
      "isolation step t1 insert menu kimbap", "isolation step t1 commit", "isolation step t1 abort",
    ]
    static let changesWorld = true
    static let configuration = help(
      "step", "Let a transaction take one step.",
      "read KEY, write KEY VALUE, scan TABLE, insert TABLE ROW, commit or abort. A step that must wait for another transaction is taken when that one ends."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("Whose step.", valueName: "transaction"))
    var name: String

    @ArgumentParser.Argument(help: ArgumentHelp("The step.", valueName: "step"))
    var words: [String]

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      guard var store = bench.apparatus.isolation else {
        throw Refusal("No transaction has begun.", attempt: "isolation begin \(name)")
      }
      let events = store.take(try request(), by: name)
      if case .refused(let reason)? = events.first?.reply {
        throw Refusal(reason, attempt: "isolation begin \(name)")
      }
      bench.keep(store)
      return Answer(.done, events.map(IsolationLines.line))
    }

    private func request() throws(Refusal) -> MultiVersionStore.Request {
      switch (words.first, words.count) {
      case ("read", 2): return .read(words[1])
      case ("write", 3): return .write(words[1], words[2])
      case ("scan", 2): return .scan(words[1])
      case ("insert", 3): return .insert(words[1], words[2])
      case ("commit", 1): return .commit
      case ("abort", 1): return .abort
      default:
        throw Refusal(
          "\(words.joined(separator: " ")) is no step.",
          expected: "Expected read KEY, write KEY VALUE, scan TABLE, insert TABLE ROW, commit or abort.",
          attempt: "isolation step \(name) read x")
      }
    }
  }

  struct Show: BenchCommand {
    static let examples = ["isolation show"]
    static let configuration = help("show", "Show the transactions, what is committed, and what the judge finds.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      if let result = bench.apparatus.sqlite {
        return Answer(.done, [Line("The last run was SQLite's.")] + IsolationLines.verdict(result.judge))
      }
      guard let store = bench.apparatus.isolation else {
        throw Refusal("No transaction has begun.", attempt: "isolation begin t1")
      }
      var table = TextTable(["transaction", "level", "state"])
      for (name, level, state) in store.overview {
        table.add([Line.Span(name), Line.Span(level.rawValue), Line.Span(state)])
      }
      let values = store.committed.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
      return Answer(.done, table.lines + [Line("committed: \(values)")] + IsolationLines.verdict(store.judge))
    }
  }

  struct Reset: BenchCommand {
    static let examples = ["isolation reset"]
    static let changesWorld = true
    static let configuration = help("reset", "Take a new store, with nothing running.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      bench.keep(MultiVersionStore(IsolationSchedule.before))
      return Answer(.done, [Line("A new store: x is 10, y is 20, the menu has bibimbap.")])
    }
  }
}

enum DatabaseArgument: String, ExpressibleByArgument, CaseIterable { case store, sqlite }

extension Bench {
  /// The store is what was used last.
  fileprivate mutating func keep(_ store: MultiVersionStore) {
    apparatus.isolation = store
    apparatus.sqlite = nil
  }
}

/// A level as it is typed: `snapshot`, `"read committed"`, `read-committed`.
struct LevelArgument: ExpressibleByArgument {
  var level: MultiVersionStore.Level

  init(_ level: MultiVersionStore.Level) { self.level = level }

  init?(argument: String) {
    let typed = argument.replacing("-", with: " ")
    let found = MultiVersionStore.Level.allCases.first {
      $0.rawValue == typed || $0 == .snapshot && typed == "snapshot"
    }
    guard let found else { return nil }
    level = found
  }

  var words: String { level == .none ? "without isolation" : level.rawValue }
  static var allValueStrings: [String] { ["none", "read-uncommitted", "read-committed", "snapshot", "serializable"] }
  var defaultValueDescription: String { level.rawValue }
}

enum IsolationLines {
  static func line(_ event: MultiVersionStore.Event) -> Line {
    let who = DisplayWidth.padded(event.transaction, to: 4)
    let deed =
      switch event.request {
      case .read(let key): "read \(key)"
      case .write(let key, let value): "write \(key) \(value)"
      case .scan(let table): "scan \(table)"
      case .insert(let table, let row): "insert \(table) \(row)"
      case .commit: "commit"
      case .abort: "abort"
      }
    let (reply, tone): (String, Tone) =
      switch event.reply {
      case .value(let value): (value ?? "nothing", .plain)
      case .rows(let rows): (rows.isEmpty ? "nothing" : rows.joined(separator: " "), .plain)
      case .done: ("done", .plain)
      case .committed: ("committed", .good)
      case .aborted(let why): (why == "as asked" ? "aborted" : "aborted: \(why)", .bad)
      case .waits(let other): ("waits for \(other)", .doubtful)
      case .refused(let why): (why, .bad)
      }
    return Line("\(who) \(DisplayWidth.padded(deed, to: 20)) ") + Line(reply, tone)
  }

  /// What the judge finds, and the strongest level that it does not speak against.
  static func verdict(_ judge: IsolationJudge) -> [Line] {
    guard let (anomaly, offence) = judge.anomalies.first else {
      return [Line("No anomaly: any level allows this.", .good)]
    }
    let below = judge.strongest.map { "Still \($0.rawValue)" } ?? "Not even read uncommitted"
    return [Line("\(offence.name):", .bad)]
      + offence.words.flatMap { Wrapping.lines("  \($0)", columns: 80, indent: 4) }.map { Line($0) }
      + [Line("\(below); \(anomaly.preventedFrom.rawValue) forbids it.")]
  }
}

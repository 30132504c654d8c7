import ArgumentParser
import DatabaseLab

struct AcidCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "acid", abstract: "Kill a process in the middle of a checkout, and see what the database holds.",
    subcommands: [Crash.self, Table.self])

  struct Crash: BenchCommand {
    static let examples = ["acid crash --at 3", "acid crash --at 3 --apart", "acid crash --inside-commit"]
    static let changesWorld = true
    static let configuration = help(
      "crash", "Let a process check out on SQLite, kill it on the way, and look at the disk.",
      "A real process, killed with SIGKILL; real files, opened again after it. The checkout takes the payment, tells the kitchen and writes the order down: in one transaction, or with --apart in three databases, each for itself."
    )

    @Option(
      help: ArgumentHelp("Before which statement it dies, from 1; one past the last: after all.", valueName: "count"))
    var at: Int?

    @Flag(help: "It dies inside COMMIT: the pages are written, the journal is still there.")
    var insideCommit = false

    @Flag(help: "Three databases, and no transaction around them.")
    var apart = false

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let plan: CheckoutCrash.Plan = apart ? .apart : .together
      let death = try death(plan)
      let crash: CheckoutCrash
      do {
        crash = try CheckoutCrash(plan, dying: death)
      } catch {
        throw Refusal("The checkout did not run: \(error).", attempt: "acid table")
      }
      bench.apparatus.checkoutCrash = crash
      var lines = CheckoutCrash.statements(plan).enumerated().map { place, sql in
        let isDone = place < CheckoutLines.done(death, plan)
        return Line("\(place + 1)  ", .faint) + Line(sql, isDone ? .plain : .faint)
          + Line(CheckoutLines.mark(place, death, plan), .bad)
      }
      if death == .before(CheckoutCrash.statements(plan).count + 1) {
        lines.append(Line("   killed here", .bad))
      }
      lines.append(Line("After it, the database is opened again:"))
      lines += CheckoutLines.state(crash)
      return Answer(.done, lines)
    }

    private func death(_ plan: CheckoutCrash.Plan) throws(Refusal) -> CheckoutCrash.Death {
      if insideCommit {
        guard plan == .together else {
          throw Refusal("Without a transaction there is no COMMIT.", attempt: "acid crash --inside-commit")
        }
        return .insideCommit
      }
      let last = CheckoutCrash.statements(plan).count + 1
      guard let at, (1...last).contains(at) else {
        throw Refusal(
          at.map { "There is no statement \($0)." } ?? "Before which statement does it die?",
          expected: "Expected --at 1 to --at \(last).", attempt: "acid crash --at 3\(apart ? " --apart" : "")")
      }
      return .before(at)
    }
  }

  struct Table: BenchCommand {
    static let examples = ["acid table"]
    static let configuration = help(
      "table", "Kill the checkout at every statement, in one transaction and in three databases.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      var lines: [Line] = []
      for plan in CheckoutCrash.Plan.allCases {
        var table = TextTable([
          plan == .together ? "one transaction; killed" : "three databases; killed", "payment", "kitchen", "order", "",
        ])
        for death in CheckoutCrash.deaths(plan) {
          if errand.isCancelled() { return .interrupted(bench) }
          do {
            let crash = try CheckoutCrash(plan, dying: death)
            table.add(
              [Line.Span(CheckoutLines.name(death, plan))]
                + [crash.hasPaid, crash.isCooking, crash.isOrdered].map { Line.Span($0 ? "done" : "-") }
                + [
                  Line.Span(
                    crash.isWhole ? crash.leftJournal ? "rolled back" : "" : "half done", crash.isWhole ? .good : .bad)
                ])
          } catch {
            throw Refusal("The checkout did not run: \(error).")
          }
        }
        lines += table.lines
      }
      return Answer(.done, lines)
    }
  }
}

enum CheckoutLines {
  /// How many statements were carried out.
  static func done(_ death: CheckoutCrash.Death, _ plan: CheckoutCrash.Plan) -> Int {
    switch death {
    case .before(let number): number - 1
    case .insideCommit: CheckoutCrash.statements(plan).count - 1
    }
  }

  static func mark(_ place: Int, _ death: CheckoutCrash.Death, _ plan: CheckoutCrash.Plan) -> String {
    guard place == done(death, plan) else { return "" }
    return death == .insideCommit ? "   killed inside it" : "   killed before it"
  }

  /// `before 3: INSERT INTO orders …`, cut to its first words.
  static func name(_ death: CheckoutCrash.Death, _ plan: CheckoutCrash.Plan) -> String {
    let statements = CheckoutCrash.statements(plan)
    switch death {
    case .insideCommit: return "inside \(statements.count): COMMIT"
    case .before(let number):
      guard number <= statements.count else { return "after the last" }
      let words = statements[number - 1].split(separator: " ").prefix(3).filter { $0 != "SET" && $0 != "INTO" }
      return "before \(number): \(words.joined(separator: " "))"
    }
  }

  static func state(_ crash: CheckoutCrash) -> [Line] {
    let facts = [
      ("payment", crash.hasPaid ? "12000 won taken" : "nothing taken"),
      ("kitchen", crash.isCooking ? "a bibimbap less" : "knows nothing"),
      ("order 20", crash.isOrdered ? "stands" : "is not there"),
    ]
    let verdict =
      crash.isWhole
      ? Line(crash.isOrdered ? "Whole: all of it happened." : "Whole: nothing happened.", .good)
      : Line("Half done.", .bad)
    let journal = crash.leftJournal ? [Line("A journal was left: whatever had reached the file was taken back.")] : []
    return facts.map { Line("  \(DisplayWidth.padded($0.0, to: 10))\($0.1)") } + journal + [verdict]
  }
}

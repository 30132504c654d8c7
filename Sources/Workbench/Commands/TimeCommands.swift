import ArgumentParser
import Clockwork
import Simulation

struct Step: BenchCommand {
  static let examples = ["step", "step 20", "step 5 --all"]
  static let changesWorld = true
  static let configuration = help(
    "step", "Let the next events happen, and show them.",
    "Heartbeats, empty fetches and timers are passed over unless --all is given: a step is an event that means something."
  )

  @ArgumentParser.Argument(help: ArgumentHelp("How many.", valueName: "count"))
  var count = 1

  @Flag(name: [.long, .customShort("a")], help: "Count and show routine events too.")
  var all = false

  /// How many routine events one step passes over before it gives up.
  private static let patience = 20_000

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    try bench.needCluster()
    guard (1...10_000).contains(count) else {
      throw Refusal("\(count) steps are out of bounds.", expected: "Expected 1 to 10000.", attempt: "run 1s")
    }
    var lines: [Line] = []
    var taken = 0
    var passed = 0
    while taken < count {
      var seen = TraceCollector(limit: 1000)
      guard bench.timeline.run(events: 1, &seen) != .idle else {
        lines.append(Line("Nothing is left that could happen.", .faint))
        break
      }
      let shown = seen.events.filter { all || !$0.isMachinery }
      if all || !shown.isEmpty {
        taken += 1
        if lines.count < 200 { lines += bench.named(shown).map { TraceLine.line($0) } }
      } else {
        passed += 1
        if passed >= Self.patience { break }
      }
      if (taken + passed) % 1024 == 0, errand.isCancelled() { return .interrupted(bench) }
    }
    let skipped = passed > 0 ? ", \(counted(passed, "routine event")) passed over" : ""
    return Answer(.done, lines + [Line(bench.placeText + skipped, .faint)])
  }
}

struct Run: BenchCommand {
  static let examples = [
    "run 2s", "run 500ms --quiet", "run until leader orders/0 exists", "run until \"n2 is up\" --within 30s",
  ]
  static let changesWorld = true
  static let configuration = help(
    "run", "Let virtual time pass, or run until a claim holds.",
    "A claim is judged after every event; see help expect for what can be claimed.")

  @ArgumentParser.Argument(help: ArgumentHelp("A time, or until and a claim.", valueName: "claim"))
  var words: [String] = []

  @Option(help: ArgumentHelp("How long to wait for a claim.", valueName: "time"))
  var within = Interval.seconds(10)

  @Flag(help: "Say only how much time has passed, and not what happened.") var quiet = false

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    try bench.needCluster()
    if words.first == "until" { return try runUntil(&bench, errand) }
    let length = try length()
    let start = bench.timeline.position
    let deadline = bench.now + length
    let end = bench.timeline.run(until: deadline) { position in
      let done = Double((position.time - start.time).nanoseconds) / Double(max(1, length.nanoseconds))
      errand.progress("It is \(position.time)", done)
      return !errand.isCancelled()
    }
    if end == .cancelled { return .interrupted(bench) }
    let told = quiet ? [] : Highlights.lines(bench, since: start.event)
    return Answer(.done, told + [bench.passed(since: start)])
  }

  func length() throws(Refusal) -> Interval {
    let text = words.joined(separator: " ")
    guard let length = words.isEmpty ? .seconds(1) : Interval(parsing: text) else {
      throw Refusal(
        "\(text) is no time.", expected: "Expected one like 2s or 250ms, or until and a claim.",
        attempt: Self.examples[0])
    }
    return length
  }

  /// What follows `until`. A claim in quotes is one word; without, it is several.
  func claim() throws(Refusal) -> (Claim, text: String) {
    let words = Words(words.dropFirst().joined(separator: " ")).words.map(\.text)
    return (try ClaimParser.parse(words), words.joined(separator: " "))
  }

  private func runUntil(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    let (claim, text) = try claim()
    let start = bench.timeline.position
    let waited = bench.run(within: within, errand) { bench in
      Judge(WorldFacts(bench)).judge(claim, saying: text).value == .holds
    }
    let highlights = Highlights.lines(bench, since: start.event)
    switch waited {
    case .happened:
      return Answer(
        .done, highlights + [Line("\(text): true", .good), bench.passed(since: start)])
    case .cancelled: return .interrupted(bench)
    case .never:
      let verdict = Judge(WorldFacts(bench)).judge(claim, saying: text)
      return Answer(.failed, highlights + VerdictLines.lines(verdict) + [bench.passed(since: start)])
    }
  }
}

struct Back: BenchCommand {
  static let examples = ["back", "back 10"]
  static let configuration = help(
    "back", "Go back in time: before the last command, or by a number of events.",
    "What lay ahead is kept until something is changed: run and step go through it again, and goto finds it.")

  @ArgumentParser.Argument(help: ArgumentHelp("How many events; without it, one command.", valueName: "count"))
  var count: Int?

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    if let count {
      guard count > 0 else {
        throw Refusal("Back by \(count) leads nowhere.", expected: "Expected 1 or more.", attempt: "back 10")
      }
      guard bench.timeline.position.event > 0 else { throw Refusal("This is the beginning.", attempt: "step") }
      bench.timeline.back(count)
      return Answer(.done, [bench.whereabouts])
    }
    while let mark = bench.undo.popLast() {
      // A mark beyond the present belongs to a future that was walked back over.
      let isPast = mark.position.event < bench.timeline.position.event || mark.position.time < bench.now
      guard isPast || mark.apparatus != nil && mark.position == bench.timeline.position else { continue }
      if let apparatus = mark.apparatus { bench.apparatus = apparatus }
      bench.timeline.goto(event: mark.position.event)
      if bench.now < mark.position.time { bench.timeline.run(until: mark.position.time) }
      return Answer(.done, [Line("Before: ") + .command(mark.line), bench.whereabouts])
    }
    throw Refusal("No command is left to undo.", attempt: "back 10")
  }
}

struct Goto: BenchCommand {
  static let examples = ["goto 120", "goto 2.5s", "goto end"]
  static let configuration = help(
    "goto", "Go to an event by its number, or to a time, in what is recorded.",
    "Going back changes nothing: what lies ahead is kept until something is changed.")

  @ArgumentParser.Argument(help: ArgumentHelp("An event's number, a time, start or end.", valueName: "when"))
  var place: String

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    if let event = Int(place) {
      guard (0...bench.timeline.end.event).contains(event) else {
        throw Refusal(
          "No event \(event).", expected: "Recorded: 0 to \(bench.timeline.end.event).", attempt: "goto end")
      }
      bench.timeline.goto(event: event)
    } else if place == "start" || place == "end" {
      bench.timeline.goto(event: place == "start" ? 0 : bench.timeline.end.event)
    } else if let time = Interval(parsing: place) {
      guard Instant.start + time <= bench.timeline.end.time else {
        throw Refusal(
          "Nothing is recorded at \(place).", expected: "Recorded: up to \(bench.timeline.end.time).",
          attempt: "goto end")
      }
      bench.timeline.goto(.start + time)
    } else {
      throw Refusal(
        "\(place) is no place in time.", expected: "Expected an event's number or a time.", attempt: Self.examples[1])
    }
    return Answer(.done, [bench.whereabouts])
  }
}

struct Fork: BenchCommand {
  static let examples = ["fork what-if"]
  static let configuration = help(
    "fork", "Go on in a copy of the world; the one at hand is kept under its name.",
    "The first world is called main. In the past, a fork keeps the recorded future safe: change the copy, then switch back."
  )

  @ArgumentParser.Argument(help: ArgumentHelp("The name of the copy.", valueName: "name"))
  var name: String

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    guard name != bench.forkName, !bench.forks.contains(where: { $0.name == name }) else {
      throw Refusal("There is a fork \(name) already.", expected: "Expected a new name.", attempt: "switch \(name)")
    }
    guard bench.forks.count < 32 else {
      throw Refusal("32 forks are as many as a bench holds.", attempt: "forks")
    }
    let old = bench.forkName
    bench.keepFork()
    bench.forkName = name
    return Answer(
      .done,
      [
        Line("This is \(name), a copy of \(old) at \(bench.placeText)."),
        Line("Back with: ") + .command("switch \(old)"),
      ])
  }
}

struct Forks: BenchCommand {
  static let examples = ["forks"]
  static let configuration = help("forks", "List the forks.")

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    var table = TextTable(["", "fork", "at", "recorded to"])
    let here = Bench.NamedFork(
      name: bench.forkName, timeline: bench.timeline, apparatus: bench.apparatus, undo: [])
    for fork in (bench.forks + [here]).sorted(by: { $0.name < $1.name }) {
      let position = fork.timeline.position
      table.add([
        fork.name == bench.forkName ? "*" : "", fork.name, "event \(position.event), \(position.time)",
        "event \(fork.timeline.end.event)",
      ])
    }
    return Answer(.done, table.lines)
  }
}

struct Switch: BenchCommand {
  static let examples = ["switch main"]
  static let configuration = help("switch", "Go on in another fork; the one at hand is kept as it is.")

  @ArgumentParser.Argument(help: ArgumentHelp("Its name.", valueName: "fork"))
  var name: String

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    guard name != bench.forkName else { throw Refusal("This is \(name).", attempt: "forks") }
    guard let place = bench.forks.firstIndex(where: { $0.name == name }) else {
      let names = bench.forks.map(\.name)
      let hint =
        Refusal.didYouMean(name, among: names)
        ?? "Forks: \(([bench.forkName] + names).sorted().joined(separator: " "))."
      throw Refusal("No fork \(name).", expected: hint, attempt: names.first.map { "switch \($0)" } ?? "fork \(name)")
    }
    let fork = bench.forks.remove(at: place)
    bench.keepFork()
    (bench.forkName, bench.timeline, bench.undo) = (fork.name, fork.timeline, fork.undo)
    bench.apparatus = fork.apparatus
    return Answer(.done, [Line("This is \(name)."), bench.whereabouts])
  }
}

struct Seed: BenchCommand {
  static let examples = ["seed", "seed 42"]
  static let configuration = help(
    "seed", "Show the seed, or begin anew with another.",
    "The seed decides every delay, every loss and every choice: the same seed and the same commands give the same world, everywhere. A new seed clears the bench."
  )

  @ArgumentParser.Argument(help: ArgumentHelp("The new seed.", valueName: "seed"))
  var seed: UInt64?

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    guard let seed else { return Answer(.done, [Line("seed \(bench.seed)")]) }
    bench.restart(seed: seed)
    return Answer(.done, [Line("An empty bench with seed \(seed). Try: ") + .command("cluster start 3")])
  }
}

extension Bench {
  /// Puts the world at hand among the forks, under its name.
  mutating func keepFork() {
    forks.append(NamedFork(name: forkName, timeline: timeline, apparatus: apparatus, undo: undo))
    forks.sort { $0.name < $1.name }
  }

  /// Where it is, and what lies ahead.
  var whereabouts: Line {
    let ahead = timeline.end.event - timeline.position.event
    let future = ahead > 0 ? "; \(counted(ahead, "event")) ahead until something is changed" : ""
    return Line("Now at \(placeText)\(future).", .faint)
  }

  func passed(since start: Timeline<ClusterNode>.Position) -> Line {
    let events = timeline.position.event - start.event
    if events == 0 && now == start.time { return Line("No time had to pass; it is \(now).", .faint) }
    return Line("\(now - start.time) and \(counted(events, "event")) passed; it is \(now).", .faint)
  }
}

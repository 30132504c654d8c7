import ArgumentParser

/// The root of all commands. Never typed itself.
struct Shell: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "baedal", abstract: "Commands.",
    groupedSubcommands: [
      CommandGroup(
        name: "Cluster",
        subcommands: [ClusterCommands.self, TopicCommands.self, QuorumCommands.self, RulesCommands.self]),
      CommandGroup(
        name: "Records",
        subcommands: [
          Produce.self, Consume.self, Transact.self, Transactions.self, GroupCommands.self, LogCommands.self,
        ]),
      CommandGroup(name: "Streams", subcommands: [StreamCommands.self]),
      CommandGroup(name: "The city", subcommands: [MapCommand.self, DiscountCommands.self, Compare.self]),
      CommandGroup(
        name: "Delivery",
        subcommands: [
          EngineCommands.self, OrderCommands.self, PartyCommands.self, BurstCommands.self, RiderCommands.self,
          KitchenCommands.self,
          DeviceCommands.self, ProjectCommands.self, Read.self, TimersCommand.self, Poison.self, Replay.self,
          Release.self,
        ]),
      CommandGroup(
        name: "Faults",
        subcommands: [
          NetCommands.self, Crash.self, Restart.self, Pause.self, Resume.self, ClockCommands.self,
        ]),
      CommandGroup(name: "Atomic commitment", subcommands: [CheckoutCommands.self]),
      CommandGroup(
        name: "Time",
        subcommands: [Step.self, Run.self, Back.self, Goto.self, Fork.self, Forks.self, Switch.self, Seed.self]),
      CommandGroup(
        name: "Databases", subcommands: [AcidCommands.self, IsolationCommands.self, CartCommands.self]),
      CommandGroup(name: "Searching", subcommands: [Explore.self, Simulate.self, Shrink.self]),
      CommandGroup(name: "Real clients", subcommands: [LiveCommands.self]),
      CommandGroup(
        name: "Looking", subcommands: [Expect.self, Probe.self, Screens.self, Trace.self, Diagram.self, Version.self]),
    ])

  /// Finds the command whose name the words begin with, as deep as they go.
  static func resolve(_ words: [String]) -> (path: [any ParsableCommand.Type], rest: ArraySlice<String>) {
    var path: [any ParsableCommand.Type] = [Shell.self]
    var rest = words[...]
    while let word = rest.first, let next = children(of: path[path.count - 1]).first(where: { name(of: $0) == word }) {
      path.append(next)
      rest = rest.dropFirst()
    }
    return (path, rest)
  }

  static func children(of command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
    command.configuration.subcommands
  }

  static func name(of command: any ParsableCommand.Type) -> String { command.configuration.commandName ?? "" }

  /// `topic create`: as it is typed.
  static func name(of path: [any ParsableCommand.Type]) -> String {
    path.dropFirst().map { name(of: $0) }.joined(separator: " ")
  }

  /// Every command that can be run, with the words that lead to it.
  static var leaves: [(name: String, command: any BenchCommand.Type)] {
    var leaves: [(String, any BenchCommand.Type)] = []
    func visit(_ command: any ParsableCommand.Type, _ words: [String]) {
      for child in children(of: command) {
        let words = words + [name(of: child)]
        if let leaf = child as? any BenchCommand.Type { leaves.append((words.joined(separator: " "), leaf)) }
        visit(child, words)
      }
    }
    visit(Shell.self, [])
    return leaves
  }

  // MARK: Parsing

  /// What a line asks for.
  enum Request {
    case nothing
    case help([any ParsableCommand.Type])
    case command(any BenchCommand, name: String)
  }

  static func parse(_ line: String) throws(Refusal) -> Request {
    let words = Words(line)
    if let quote = words.openQuote {
      throw Refusal(
        "The quote \(quote) at column \(words.openQuoteColumn) is never closed.",
        expected: "Expected another \(quote).",
        attempt: line + String(quote))
    }
    var arguments = words.arguments
    guard let first = arguments.first else { return .nothing }
    if first == "help" || first == "?" { return .help(try helpPath(Array(arguments.dropFirst()))) }
    let wantsHelp = zip(words.words, arguments).contains { !$0.isQuoted && ($1 == "--help" || $1 == "-h") }
    let (path, rest) = resolve(arguments)
    if wantsHelp { return .help(path) }
    let children = children(of: path[path.count - 1])
    if !children.isEmpty {
      throw unknown(rest.first, after: path, in: arguments)
    }
    // Short forms of options are for people; `-n 3` and `--count 3` are the same to the parser.
    do {
      guard let command = try Shell.parseAsRoot(arguments) as? any BenchCommand else { return .help(path) }
      return .command(command, name: name(of: path))
    } catch {
      arguments = []
      throw misused(error, path)
    }
  }

  private static func helpPath(_ words: [String]) throws(Refusal) -> [any ParsableCommand.Type] {
    let (path, rest) = resolve(words)
    guard let word = rest.first else { return path }
    throw unknown(word, after: path, in: words, isHelp: true)
  }

  private static func unknown(
    _ word: String?, after path: [any ParsableCommand.Type], in words: [String], isHelp: Bool = false
  ) -> Refusal {
    let names = children(of: path[path.count - 1]).map { name(of: $0) }
    let parent = name(of: path)
    guard let word else {
      return Refusal(
        "\(parent) what?", expected: "Expected \(Refusal.list(names, last: "or")).", attempt: "help \(parent)")
    }
    let what = parent.isEmpty ? "No command \(word)." : "No command \(parent) \(word)."
    let near = Nearest.to(word, among: names)
    guard near.isEmpty else {
      let whole = near.map { parent.isEmpty ? $0 : "\(parent) \($0)" }
      let mended = replacing(word, by: near[0], in: words)
      return Refusal(
        what, expected: "Did you mean \(Refusal.list(whole, last: "or"))?", attempt: isHelp ? "help \(mended)" : mended)
    }
    let expected = parent.isEmpty || names.isEmpty ? nil : "Expected \(Refusal.list(names, last: "or"))."
    return Refusal(what, expected: expected, attempt: parent.isEmpty ? "help" : "help \(parent)")
  }

  /// The line with its first wrong word mended.
  private static func replacing(_ word: String, by right: String, in words: [String]) -> String {
    var words = words
    if let place = words.firstIndex(of: word) { words[place] = right }
    return words.map { $0.contains("|") ? $0 : Words.quoted($0) }.joined(separator: " ")
  }

  /// Says in our way what the parser of options found.
  private static func misused(_ error: any Error, _ path: [any ParsableCommand.Type]) -> Refusal {
    if let refusal = error as? Refusal { return refusal }
    var what = Shell.message(for: error).split(separator: "\n").first.map(String.init) ?? "This cannot be understood"
    what = what.replacing("'", with: "")
    var hint = ArgumentKinds.expectation(in: what)
    if let question = what.firstRange(of: " Did you mean ") {
      hint = String(what[question.lowerBound...].dropFirst())
      what = String(what[..<question.lowerBound])
    } else if what.hasPrefix("Unknown option "), let typed = what.split(separator: " ").dropFirst(2).first {
      let options = CommandSketch(path[path.count - 1]).options.flatMap(\.spellings)
      let known = options.filter { $0.hasPrefix("--") && $0 != "--help" }
      hint =
        Refusal.didYouMean(String(typed), among: options)
        ?? (known.isEmpty ? "It takes no options." : "Options: \(known.joined(separator: ", ")).")
    }
    if let advice = what.firstRange(of: " Please provide") { what = String(what[..<advice.lowerBound]) }
    what = what.replacing("Missing expected argument", with: "\(name(of: path)) lacks").replacing(" ...", with: "")
    if !what.hasSuffix(".") { what += "." }
    let example = (path.last as? any BenchCommand.Type)?.examples.first
    return Refusal(what, expected: hint, attempt: example ?? "help \(name(of: path))")
  }
}

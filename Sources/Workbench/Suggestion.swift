import ArgumentParser
import Broker
import Clockwork

/// One way to go on typing.
public struct Suggestion: Hashable, Sendable {
  /// What to put in the place of `range`; quoted where it must be.
  public var text: String
  /// What it is, in a few words; empty for names of nodes and topics.
  public var help: String
  /// The part of the line that it replaces, in UTF-8 bytes: the word under the cursor, up to the cursor.
  public var range: Range<Int>

  public init(text: String, help: String, range: Range<Int>) {
    self.text = text
    self.help = help
    self.range = range
  }
}

extension Bench {
  /// The ways to go on from the cursor: commands, options, and names of what lives on this bench.
  ///
  /// `cursor` counts UTF-8 bytes from the beginning of the line; beyond the end it is the end.
  public func complete(_ line: String, cursor: Int) -> [Suggestion] {
    let cursor = min(max(cursor, 0), line.utf8.count)
    let before = String(decoding: line.utf8.prefix(cursor), as: UTF8.self)
    let words = Words(before).words
    let isInWord = words.last.map { $0.range.upperBound == before.utf8.count } ?? false
    let isComment = words.isEmpty && before.contains("#")
    guard !isComment else { return [] }
    let partial = isInWord ? words.last : nil
    let typed = (isInWord ? words.dropLast() : words[...]).map(\.text)
    let start = partial?.range.lowerBound ?? before.utf8.count
    let beginning = partial?.text ?? ""
    return Continuations(bench: self, typed: typed, beginning: beginning).all
      .filter { $0.text.hasPrefix(beginning) }
      .map { Suggestion(text: Words.quoted($0.text), help: $0.help, range: start..<before.utf8.count) }
  }
}

/// What may come after some words.
private struct Continuations {
  struct Candidate {
    var text: String
    var help = ""
  }

  let bench: Bench
  let typed: [String]
  let beginning: String

  var all: [Candidate] {
    let isHelp = typed.first == "help"
    let (path, rest) = Shell.resolve(isHelp ? Array(typed.dropFirst()) : typed)
    guard let command = path.last else { return [] }
    let children = Shell.children(of: command)
    if !children.isEmpty {
      guard rest.isEmpty else { return [] }
      let root = path.count == 1 && !isHelp ? [Candidate(text: "help", help: "Explain a command.")] : []
      return children.map { Candidate(text: Shell.name(of: $0), help: $0.configuration.abstract) } + root
    }
    return isHelp ? [] : inputs(of: command, after: Array(rest))
  }

  private func inputs(of command: any ParsableCommand.Type, after words: [String]) -> [Candidate] {
    let sketch = CommandSketch(command)
    if let last = words.last, let option = sketch.options.first(where: { $0.takesValue && $0.spellings.contains(last) })
    {
      return values(option, words: [])
    }
    if beginning.hasPrefix("-") {
      return sketch.options.flatMap { option in
        option.spellings.filter { $0.hasPrefix("--") && $0 != "--help" }.map {
          Candidate(text: $0, help: option.abstract)
        }
      }
    }
    var positionals: [String] = []
    var skips = false
    for word in words {
      if skips {
        skips = false
      } else if word.hasPrefix("-"), word != "->" {
        skips = sketch.options.contains { $0.takesValue && $0.spellings.contains(word) }
      } else {
        positionals.append(word)
      }
    }
    let place = positionals.count
    guard let slot = place < sketch.positionals.count ? sketch.positionals[place] : sketch.positionals.last,
      place < sketch.positionals.count || slot.isRepeating
    else { return [] }
    return values(slot, words: positionals)
  }

  private func values(_ input: CommandSketch.Input, words: [String]) -> [Candidate] {
    if !input.values.isEmpty { return input.values.map { Candidate(text: $0) } }
    switch input.valueName {
    case "claim": return claim(words)
    case "when": return ["start", "end"].map { Candidate(text: $0) }
    case "offset": return ["beginning", "end"].map { Candidate(text: $0) }
    case "fork": return bench.forks.map { Candidate(text: $0.name) }
    case "rule": return RuleName.all.map { Candidate(text: $0.name, help: $0.about) }
    case "value" where words.count == 1:
      return RuleName.all.first { $0.name == words[0] }?.values.map { Candidate(text: $0) } ?? []
    case "setting": return TopicConfig.defaults.map { Candidate(text: "\($0.key)=", help: "\($0.value) by default") }
    default: return names(input.valueName).map { Candidate(text: $0) }
    }
  }

  private func names(_ kind: String) -> [String] {
    if let live = bench.live.world, kind == "node" || kind == "nodes" { return live.nodes.map(\.description) }
    let topics = (bench.image?.topics ?? []).sorted { $0.name < $1.name }
    let partitions = topics.flatMap { topic in topic.partitions.indices.map { "\(topic.name)/\($0)" } }
    switch kind {
    case "node", "nodes": return (bench.brokers + bench.clients + bench.engines).map(\.description)
    case "client": return bench.clients.map(\.description)
    case "topic": return topics.map(\.name)
    case "group": return bench.groups
    case "stream": return bench.apparatus.streams.map(\.name)
    case "system": return Comparison.System.allCases.map(\.rawValue)
    case "partition": return partitions
    case "transaction": return (WorldFacts(bench).transactions ?? []).map(\.id)
    case "write": return (topics.map(\.name) + (beginning.contains("/") ? partitions : [])).map { $0 + "=" }
    case "place": return topics.map(\.name) + (beginning.contains("/") || topics.count == 1 ? partitions : [])
    default: return []
    }
  }

  private func claim(_ words: [String]) -> [Candidate] {
    let isRun = typed.first == "run"
    if isRun, words.isEmpty { return [Candidate(text: "until", help: "Run until a claim holds.")] }
    let words = isRun ? Array(words.dropFirst()) : words
    return ClaimParser.continuations(words).flatMap { next -> [Candidate] in
      switch next {
      case "PARTITION", "PARTITIONS": return names("partition").map { Candidate(text: $0) }
      case "NODE", "NODES": return names("node").map { Candidate(text: $0) }
      case "GROUP": return names("group").map { Candidate(text: $0) }
      case "STREAM": return names("stream").map { Candidate(text: $0) }
      case "SYSTEM": return names("system").map { Candidate(text: $0) }
      case "MEASURE": return [Candidate(text: "at")]
      case "TEXT":
        let kind = words.last == "in" ? "topic" : words.last ?? ""
        return ["topic", "transaction"].contains(kind) ? names(kind).map { Candidate(text: $0) } : []
      case "NUMBER", "nothing more": return []
      default: return [Candidate(text: next)]
      }
    }
  }
}

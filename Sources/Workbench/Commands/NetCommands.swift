import ArgumentParser
import Clockwork
import Simulation

struct NetCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "net", abstract: "Cut, slow down and spoil the network.",
    subcommands: [
      Cut.self, Heal.self, Delay.self, Lose.self, Duplicate.self, Reorder.self, Calm.self, Show.self,
    ])

  static let sides =
    "Links are named by their ends: n1 | n2 n3 is every link between the two sides, n1 -> n2 one direction, n1 n2 both, n1 alone all of its links."

  struct Cut: BenchCommand {
    static let examples = ["net cut n1", "net cut n1 | n2 n3", "net cut n1 -> n2"]
    static let changesWorld = true
    static let configuration = help("cut", "Let nothing arrive over links.", NetCommands.sides)

    @ArgumentParser.Argument(help: ArgumentHelp("Which links.", valueName: "nodes"))
    var words: [String]

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needCluster()
      let selection = try LinkWords(words).selection(among: bench.nodes)
      let links = bench.links(selection).filter { bench.world.isCut($0) == false }
      guard !links.isEmpty else { throw Refusal("These links are cut already.", attempt: "net show") }
      bench.apply(.fault(.cut(links)))
      return Answer(.done, [Line("Nothing arrives over \(LinkWords.text(links)).")])
    }
  }

  struct Heal: BenchCommand {
    static let examples = ["net heal", "net heal n1 | n2"]
    static let changesWorld = true
    static let configuration = help("heal", "Mend cut links: all of them, or those named.", NetCommands.sides)

    @ArgumentParser.Argument(help: ArgumentHelp("Which links.", valueName: "nodes"))
    var words: [String] = []

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needCluster()
      let selection = try LinkWords(words).selection(among: bench.nodes)
      let links = bench.links(selection).filter { bench.world.isCut($0) == true }
      guard !links.isEmpty else { throw Refusal("Nothing is cut there.", attempt: "net show") }
      bench.apply(.fault(words.isEmpty ? .healAll : .heal(links)))
      return Answer(.done, [Line("Mended: \(LinkWords.text(links)).")])
    }
  }

  struct Delay: BenchCommand {
    static let examples = ["net delay n1 n2 200ms", "net delay n1 | n2 n3 200ms..400ms", "net delay 5ms"]
    static let changesWorld = true
    static let configuration = help("delay", "Set how long messages take: one length, or from..to.", NetCommands.sides)

    @ArgumentParser.Argument(help: ArgumentHelp("Which links (none: all), then the time.", valueName: "nodes"))
    var words: [String]

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let text = words.last ?? ""
      let ends = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      let latency: LatencyDistribution? =
        if let one = Interval(parsing: text) {
          .constant(one)
        } else if let dots = text.firstRange(of: ".."), ends.count >= 3,
          let low = Interval(parsing: String(text[..<dots.lowerBound])),
          let high = Interval(parsing: String(text[dots.upperBound...]))
        {
          .uniform(low, high)
        } else {
          nil
        }
      guard let latency else {
        throw Refusal(
          "\(text) is no time.", expected: "Expected one like 200ms or 200ms..400ms, last.", attempt: Self.examples[0])
      }
      return try bench.spoil(words.dropLast(), "Messages take \(latency)") { .latency(latency, on: $0) }
    }
  }

  struct Lose: BenchCommand {
    static let examples = ["net lose n1 n2 10%", "net lose 1%", "net lose n1 n2 0%"]
    static let changesWorld = true
    static let configuration = help("lose", "Lose a share of the messages, at random.", NetCommands.sides)

    @ArgumentParser.Argument(help: ArgumentHelp("Which links (none: all), then the share.", valueName: "nodes"))
    var words: [String]

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let share = try NetCommands.share(words, Self.examples[0])
      return try bench.spoil(words.dropLast(), "\(words.last ?? "") of the messages are lost") {
        .loss(perMille: share.perMille, on: $0)
      }
    }
  }

  struct Duplicate: BenchCommand {
    static let examples = ["net duplicate n1 n2 10%", "net duplicate 0%"]
    static let changesWorld = true
    static let configuration = help("duplicate", "Let a share of the messages arrive twice.", NetCommands.sides)

    @ArgumentParser.Argument(help: ArgumentHelp("Which links (none: all), then the share.", valueName: "nodes"))
    var words: [String]

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let share = try NetCommands.share(words, Self.examples[0])
      return try bench.spoil(words.dropLast(), "\(words.last ?? "") of the messages arrive twice") {
        .duplication(perMille: share.perMille, on: $0)
      }
    }
  }

  struct Reorder: BenchCommand {
    static let examples = ["net reorder on", "net reorder n1 n2 on", "net reorder off"]
    static let changesWorld = true
    static let configuration = help(
      "reorder", "Let messages overtake each other, or not.",
      "Off, a link is first in, first out, as a TCP connection is. " + NetCommands.sides)

    @ArgumentParser.Argument(help: ArgumentHelp("Which links (none: all), then on or off.", valueName: "nodes"))
    var words: [String]

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      guard let last = words.last, last == "on" || last == "off" else {
        throw Refusal(
          "\(words.last ?? "") is neither on nor off.", expected: "Expected on or off, last.", attempt: Self.examples[0]
        )
      }
      let text = last == "on" ? "Messages may overtake each other" : "Messages keep their order"
      return try bench.spoil(words.dropLast(), text) { .reordering(last == "on", on: $0) }
    }
  }

  struct Calm: BenchCommand {
    static let examples = ["net calm"]
    static let changesWorld = true
    static let configuration = help("calm", "Mend every link and make the network as it was at first.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needCluster()
      bench.apply(.fault(.calm))
      return Answer(.done, ["The network is whole and quick again."])
    }
  }

  struct Show: BenchCommand {
    static let examples = ["net show"]
    static let configuration = help("show", "Show which links are cut or not as usual.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needCluster()
      let links = bench.links(.all)
      let cut = links.filter { bench.world.isCut($0) == true }
      var lines = cut.isEmpty ? ["No link is cut."] : [Line("cut: \(LinkWords.text(cut))", .bad)]
      var qualities: [(quality: LinkQuality, links: [Link])] = []
      for link in links {
        guard let quality = bench.world.quality(of: link) else { continue }
        if let place = qualities.firstIndex(where: { $0.quality == quality }) {
          qualities[place].links.append(link)
        } else {
          qualities.append((quality, [link]))
        }
      }
      for (quality, links) in qualities.sorted(by: { $0.links.count > $1.links.count }) {
        let place = links.count == bench.links(.all).count ? "every link" : LinkWords.text(links)
        lines += Wrapping.lines("\(place):  \(Self.text(quality))", columns: bench.width, indent: 2).map { Line($0) }
      }
      return Answer(.done, lines)
    }

    private static func text(_ quality: LinkQuality) -> String {
      var parts = ["\(quality.latency)"]
      if quality.lossPerMille > 0 { parts.append("\(Double(quality.lossPerMille) / 10)% lost") }
      if quality.duplicationPerMille > 0 { parts.append("\(Double(quality.duplicationPerMille) / 10)% twice") }
      if quality.reorders { parts.append("out of order") }
      return parts.joined(separator: ", ")
    }
  }

  private static func share(_ words: [String], _ example: String) throws(Refusal) -> Share {
    guard let last = words.last, let share = Share(argument: last) else {
      throw Refusal("\(words.last ?? "") is no share.", expected: "Expected one like 10%, last.", attempt: example)
    }
    return share
  }
}

/// Links as they are typed.
struct LinkWords {
  private let words: [String]

  /// `n1|n2` is taken as `n1 | n2`.
  init(_ words: some Sequence<String>) {
    self.words = words.flatMap { word -> [String] in
      word.replacing("|", with: " | ").split(separator: " ").map(String.init)
    }
  }

  func selection(among all: [NodeID]) throws(Refusal) -> LinkSelection {
    if words.isEmpty { return .all }
    let separators = words.filter { $0 == "|" || $0 == "→" }
    guard separators.count <= 1 else {
      throw Refusal(
        "There are more than two sides.", expected: "Expected one | or one ->.", attempt: "net cut n1 | n2 n3")
    }
    guard let separator = separators.first, let place = words.firstIndex(of: separator) else {
      let nodes = try self.nodes(words[...], all)
      switch nodes.count {
      case 1: return .only(Link.between(nodes, all.filter { $0 != nodes[0] }))
      case 2: return .only(Link.between([nodes[0]], [nodes[1]]))
      default:
        throw Refusal(
          "\(list(nodes)): which from which?", expected: "Expected a | between two sides.",
          attempt: "net cut \(nodes[0]) | \(list(Array(nodes.dropFirst())))")
      }
    }
    let left = try nodes(words[..<place], all)
    let right = try nodes(words[(place + 1)...], all)
    guard !left.isEmpty, !right.isEmpty else {
      throw Refusal(
        "One side is empty.", expected: "Expected nodes on both sides of \(separator).", attempt: "net cut n1 | n2 n3")
    }
    if let both = left.first(where: right.contains) {
      throw Refusal(
        "\(both) is on both sides.", expected: "Expected each node on one side.", attempt: "net cut n1 | n2 n3")
    }
    if separator == "→" { return .only(left.flatMap { from in right.map { Link(from, $0) } }) }
    return .only(Link.between(left, right))
  }

  private func nodes(_ words: ArraySlice<String>, _ all: [NodeID]) throws(Refusal) -> [NodeID] {
    var nodes: [NodeID] = []
    for word in words {
      guard let node = NodeID(parsing: word) else {
        throw Refusal(
          "\(word) is no node.", expected: "Nodes: \(list(all)).", attempt: "net show")
      }
      guard all.contains(node) else {
        throw Refusal("No node \(node).", expected: "Nodes: \(list(all)).", attempt: "cluster show")
      }
      if !nodes.contains(node) { nodes.append(node) }
    }
    return nodes
  }

  /// `n1–n2 n1→n3`: a dash for both directions.
  static func text(_ links: [Link]) -> String {
    var parts: [String] = []
    for link in links {
      if links.contains(Link(link.to, link.from)) {
        if link.from < link.to { parts.append("\(link.from)–\(link.to)") }
      } else {
        parts.append("\(link.from)→\(link.to)")
      }
    }
    return parts.joined(separator: " ")
  }
}

extension LinkSelection {
  func links(among nodes: [NodeID]) -> [Link] {
    switch self {
    case .only(let links): links
    case .all: nodes.flatMap { from in nodes.filter { $0 != from }.map { Link(from, $0) } }
    }
  }
}

extension Bench {
  var nodes: [NodeID] { brokers + clients }

  func links(_ selection: LinkSelection) -> [Link] { selection.links(among: nodes) }

  /// Changes the quality of the links named and says so.
  mutating func spoil(
    _ words: some Sequence<String>, _ text: String, _ fault: (LinkSelection) -> Fault
  ) throws(Refusal) -> Answer {
    try needCluster()
    let selection = try LinkWords(words).selection(among: nodes)
    guard apply(.fault(fault(selection))) else {
      throw Refusal("That changes nothing: it is so already.", attempt: "net show")
    }
    let place = selection == .all ? "every link" : LinkWords.text(links(selection))
    return Answer(.done, [Line("\(text) on \(place).")])
  }
}

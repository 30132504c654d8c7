import Broker
import BrokerServer
import Clockwork
import Simulation

// The same words as in the simulated world, acting on what a running client sees.

extension Crash: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    guard !power else {
      throw Refusal(
        "Only a simulated machine can lose power.", expected: "A live process can be killed.",
        attempt: "crash \(list(nodes))")
    }
    return try live.inflict(
      nodes, when: [.up, .paused], done: "crashed", already: "down", attempt: "restart"
    ) { try await $0.crash($1) }
  }
}

extension Restart: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    try live.inflict(nodes, when: [.down], done: "started", already: "not down", attempt: "crash") {
      try await $0.restart($1)
    }
  }
}

extension Pause: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    try live.inflict(nodes, when: [.up], done: "paused", already: "not up", attempt: "resume") {
      try await $0.pause($1)
    }
  }
}

extension Resume: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    try live.inflict(nodes, when: [.paused], done: "resumed", already: "not paused", attempt: "pause") {
      try await $0.resume($1)
    }
  }
}

extension NetCommands.Cut: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    let links = try live.links(words).filter { !live.cluster.network.isCut($0.from, $0.to) }
    guard !links.isEmpty else { throw Refusal("These links are cut already.", attempt: "net show") }
    for link in links { live.cluster.network.cut(link.from, link.to) }
    return Answer(
      .done, [Line("Nothing arrives over \(LinkWords.text(links)), live. Clients reach every broker still.")])
  }
}

extension NetCommands.Heal: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    let links = try live.links(words).filter { live.cluster.network.isCut($0.from, $0.to) }
    guard !links.isEmpty else { throw Refusal("Nothing is cut there.", attempt: "net show") }
    for link in links { live.cluster.network.heal(link.from, link.to) }
    return Answer(.done, [Line("Mended: \(LinkWords.text(links)), live.")])
  }
}

extension NetCommands.Delay: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    guard words.count == 1, let delay = Interval(parsing: words[0]), delay <= .seconds(60) else {
      throw Refusal(
        "Live links all have one delay.", expected: "Expected a time of at most 60s, and no nodes.",
        attempt: "net delay 200ms")
    }
    live.cluster.network.delay = delay
    return Answer(.done, [Line("Messages between brokers take \(delay) longer, live.")])
  }
}

extension NetCommands.Show: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    let network = live.cluster.network
    let cut = LinkSelection.all.links(among: live.nodes).filter { network.isCut($0.from, $0.to) }
    var lines = cut.isEmpty ? ["No link is cut."] : [Line("cut: \(LinkWords.text(cut))", .bad)]
    if network.delay > .zero { lines.append(Line("  every link:  \(network.delay) more")) }
    return Answer(.done, lines)
  }
}

extension NetCommands.Calm: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    live.cluster.network.healAll()
    live.cluster.network.delay = .zero
    return Answer(.done, ["The network is whole and quick again, live."])
  }
}

extension LiveWorld {
  fileprivate func links(_ words: [String]) throws(Refusal) -> [Link] {
    try LinkWords(words).selection(among: nodes).links(among: nodes)
  }

  func needTopic(_ name: String) throws(Refusal) -> (LiveFacts, TopicImage) {
    let facts = LiveFacts(self)
    guard let image = facts.image else {
      throw Refusal("No broker is alive to tell.", attempt: "restart \(nodes.first ?? NodeID(1))")
    }
    guard let topic = image.topic(named: name) else {
      let names = image.topics.map(\.name).sorted()
      throw Refusal(
        "No topic \(name) is live.",
        expected: names.isEmpty ? "There are no topics." : "Topics: \(names.joined(separator: " ")).",
        attempt: "topic list")
    }
    return (facts, topic)
  }
}

// MARK: - Looking

extension ClusterCommands.Show: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    Answer(.done, LiveTables.cluster(live))
  }
}

extension QuorumCommands.Show: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    Answer(.done, LiveTables.quorum(live))
  }
}

extension TopicCommands.List: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    Answer(.done, LiveTables.topics(LiveFacts(live)))
  }
}

extension TopicCommands.Show: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    Answer(.done, LiveTables.topic(try live.needTopic(name).1))
  }
}

extension LogCommands.Show: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    if let place { _ = try live.needTopic(place.topic) }
    return try tables(LiveFacts(live), bench)
  }
}

extension GroupCommands.Show: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    guard let found = live.group(group), found.described.state != "Dead" else {
      return Answer(.failed, [Line("There is no group \(group), or nobody who can tell.", .bad)])
    }
    let summary = "\(found.described.state), generation \(found.described.generation)"
    return Answer(
      .done,
      [Line("\(group): \(summary), coordinator \(found.coordinator)")] + LiveTables.group(found, LiveFacts(live)))
  }
}

extension Version: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    var bench = bench
    return try run(&bench, errand)
  }
}

extension Expect: LiveCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    let verdict = LiveFacts(live).judge(try parsed(), saying: text)
    return Answer(.judged(verdict), VerdictLines.lines(verdict))
  }
}

extension Run: LiveCommand {
  /// Real time passes by itself; this waits for it.
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer {
    let start = LiveClock().now
    func passed() -> Line { Line("\(LiveClock().now - start) of real time passed.", .faint) }
    guard words.first == "until" else {
      let ended = live.wait(try length(), errand) { false }
      return Answer(ended == .cancelled ? .interrupted : .done, [passed()])
    }
    let (claim, text) = try self.claim()
    let waited = live.wait(within, errand) { LiveFacts(live).judge(claim, saying: text).value == .holds }
    switch waited {
    case .happened: return Answer(.done, [Line("\(text): true", .good), passed()])
    case .cancelled: return Answer(.interrupted, [passed()])
    case .never:
      return Answer(.failed, VerdictLines.lines(LiveFacts(live).judge(claim, saying: text)) + [passed()])
    }
  }
}

import Clockwork

/// Tells the moves of one schedule in words and as events to be drawn, running the nodes once more to hear their notes.
struct Retelling<N: Node> {
  private let system: ExploredSystem<N>
  /// The messages under way, each copy with a number of its own.
  private var flights: [(letter: UInt32, number: UInt64)] = []
  private var lastNumber: UInt64 = 0
  private var events: [TraceEvent] = []
  private var step = 0

  init(_ system: ExploredSystem<N>) { self.system = system }

  /// A message that is under way at the beginning.
  @discardableResult
  mutating func note(_ letter: UInt32) -> UInt64 {
    lastNumber += 1
    flights.append((letter, lastNumber))
    return lastNumber
  }

  mutating func tell(
    _ move: Move, _ trail: [Search.TrailStep], from before: SearchState, to after: SearchState, number: Int,
    _ catalog: inout MachineCatalog<N>, _ table: StepTable
  ) -> Counterexample.Step {
    step = number
    events = []
    let text: String
    switch move.kind {
    case .miss, .lose, .duplicate: text = tell(move.subject, move.kind, catalog)
    case .cut:
      let halves = halves(of: move.subject)
      text = "cut: \(halves.here) | \(halves.there)"
      tell(.changed, .console, summary: text)
      loseParted(before, after, catalog)
    case .heal:
      text = "heal"
      tell(.changed, .console, summary: "the network is whole again")
    case .deliver, .timer, .sync, .crash, .power, .restart:
      text = trail.first.map { describe($0, catalog, table) } ?? ""
      for part in trail { tell(part, &catalog, table, after) }
    }
    return Counterexample.Step(text: text, events: events)
  }

  private func halves(of cut: UInt32) -> (here: String, there: String) {
    func names(_ isThere: Bool) -> String {
      system.members.indices.filter { (cut >> UInt32($0) & 1 == 1) == isThere && system.members[$0].isMortal }
        .map { system.members[$0].id.description }.joined(separator: " ")
    }
    return (names(false), names(true))
  }

  private func describe(_ part: Search.TrailStep, _ catalog: MachineCatalog<N>, _ table: StepTable) -> String {
    let node = system.members[part.slot].id
    let outcome = table.outcomes[part.outcome]
    let end = outcome.isCutShort ? ", \(reached(outcome, catalog, table)) and crashes" : ""
    // Which of several ways it took, where it had a choice.
    let chosen = catalog.scripts[part.outcome]
    let way = chosen.isEmpty ? "" : " (chooses \(chosen.map(String.init).joined(separator: ",")))"
    switch part.event.kind {
    case .deliver:
      let letter = catalog.letters[Int(part.event.payload)]
      return "\(node) hears \(letter.message.summary) from \(letter.from)\(way)\(end)"
    case .timer: return "\(node): timer \(catalog.timers[Int(part.event.payload)].timer)\(way)\(end)"
    case .sync: return "\(node): synced\(way)\(end)"
    case .crash: return "\(node) crashes"
    case .power: return "\(node) loses power\(way)"
    case .restart: return "\(node) restarts\(way)\(end)"
    case .due: return ""
    }
  }

  private func reached(
    _ outcome: StepTable.Outcome, _ catalog: MachineCatalog<N>, _ table: StepTable
  ) -> String {
    guard catalog.bounds.ordersNothing else { return "sends \(outcome.sentCount)" }
    let names = sent(outcome, table).map { catalog.letters[Int($0)].to.description }
    return names.isEmpty ? "sends nothing" : "sends to \(names.joined(separator: " "))"
  }

  private func sent(_ outcome: StepTable.Outcome, _ table: StepTable) -> [UInt32] {
    Array(table.sent[Int(outcome.firstSent)..<Int(outcome.firstSent + outcome.sentCount)])
  }

  /// One node's part in a move: what it heard, what it says it did, what it sent.
  private mutating func tell(
    _ part: Search.TrailStep, _ catalog: inout MachineCatalog<N>, _ table: StepTable, _ after: SearchState
  ) {
    let node = system.members[part.slot].id
    switch part.event.kind {
    case .deliver: arrive(part.event.payload, .delivered, after, catalog)
    case .timer: tell(.timer, node, summary: "\(catalog.timers[Int(part.event.payload)].timer)")
    case .sync: tell(.note, node, summary: "synced")
    case .crash: tell(.crashed, node)
    case .power: tell(.powerLost(lost: 0), node)
    case .restart: tell(.booted, node)
    case .due: break
    }
    let outcome = table.outcomes[part.outcome]
    let act = catalog.act(part.event, in: part.machine, catalog.scripts[part.outcome], narrating: true)
    for note in act.notes { tell(.note, node, summary: note) }
    for letter in outcome.isCutShort ? sent(outcome, table) : act.sent { send(letter, after, catalog, table) }
    if outcome.isCutShort { tell(.crashed, node) }
  }

  private mutating func send(
    _ letter: UInt32, _ after: SearchState, _ catalog: MachineCatalog<N>, _ table: StepTable
  ) {
    let row = catalog.letters[Int(letter)]
    let number = note(letter)
    tell(.sent, row.from, row.to, number, row.message)
    let ends = table.letters[Int(letter)]
    let isLost = ends.to >= 0 && !ends.arrivesAtOnce && !after.letters.contains(letter)
    guard isLost else { return }
    flights.removeLast()
    tell(.dropped(after.partition.parts(ends) ? .cut : .down), row.to, row.from, number, row.message)
  }

  private mutating func arrive(
    _ letter: UInt32, _ kind: TraceEvent.Kind, _ after: SearchState, _ catalog: MachineCatalog<N>
  ) {
    let row = catalog.letters[Int(letter)]
    let place = flights.firstIndex { $0.letter == letter }
    let number = place.map { flights[$0].number } ?? note(letter)
    if let place, !after.letters.contains(letter) || flights.count(where: { $0.letter == letter }) > 1 {
      flights.remove(at: place)
    }
    tell(kind, row.to, row.from, number, row.message)
  }

  private mutating func tell(_ letter: UInt32, _ kind: Move.Kind, _ catalog: MachineCatalog<N>) -> String {
    let row = catalog.letters[Int(letter)]
    let words = "\(row.message.summary) from \(row.from) to \(row.to)"
    guard kind != .duplicate else {
      if let flight = flights.first(where: { $0.letter == letter }) { flights.append(flight) }
      tell(.changed, row.from, summary: "\(row.message.summary) is doubled")
      return "\(words) is doubled"
    }
    let place = flights.firstIndex { $0.letter == letter }
    let number = place.map { flights.remove(at: $0).number } ?? 0
    tell(.dropped(kind == .lose ? .lost : .down), row.to, row.from, number, row.message)
    return kind == .lose ? "\(words) is lost" : "\(words) finds nobody"
  }

  private mutating func loseParted(_ before: SearchState, _ after: SearchState, _ catalog: MachineCatalog<N>) {
    for flight in flights where !after.letters.contains(flight.letter) {
      let row = catalog.letters[Int(flight.letter)]
      tell(.dropped(.cut), row.to, row.from, flight.number, row.message)
    }
    flights.removeAll { !after.letters.contains($0.letter) }
  }

  private mutating func tell(
    _ kind: TraceEvent.Kind, _ node: NodeID, _ peer: NodeID, _ number: UInt64, _ message: N.Message
  ) {
    events.append(
      TraceEvent(
        index: step, time: Instant(nanoseconds: Int64(step)), kind: kind, node: node, peer: peer, number: number,
        summary: message.summary, isRoutine: message.isRoutine))
  }

  private mutating func tell(_ kind: TraceEvent.Kind, _ node: NodeID, summary: String = "") {
    events.append(
      TraceEvent(
        index: step, time: Instant(nanoseconds: Int64(step)), kind: kind, node: node, peer: nil, number: nil,
        summary: summary, isRoutine: false))
  }
}

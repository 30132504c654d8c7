public import Clockwork

/// Searches every order in which things can happen to a few nodes, breadth first, with the nodes' own code.
///
/// In each state any message under way may arrive, any armed timer may ring, any sync may be done, and any fault that
/// the bounds still allow may strike; what a node chooses (`Outbox.choose`) it chooses in every way. The first state
/// that breaks a claim is reached by the fewest steps. Time does not exist: a handler's clock stands at the beginning,
/// and at a timer's length when that timer rings.
public struct Explorer<N: Node>: Sendable {
  public let system: ExploredSystem<N>
  public let bounds: ExplorationBounds
  private var catalog: MachineCatalog<N>
  private var search: Search

  public init(_ system: ExploredSystem<N>, _ bounds: ExplorationBounds = ExplorationBounds()) {
    self.system = system
    self.bounds = bounds
    catalog = MachineCatalog(system, bounds)
    var mortal: UInt32 = 0
    for slot in system.members.indices where system.members[slot].isMortal { mortal |= 1 << UInt32(slot) }
    search = Search(
      bounds, system.claims, mortal: mortal, slots: system.members.count, orders: catalog.orders,
      forgetsIdleMessages: system.forgetsIdleMessages, hasFailureDetector: system.isDue != nil)
    begin()
  }

  /// Searches until nothing new is found, a claim breaks, a bound is met, or `goesOn` says no; it is asked every few
  /// thousand states.
  public mutating func run(_ goesOn: (Exploration.Progress) -> Bool = { _ in true }) -> Exploration {
    search.run(&catalog, goesOn)
    var found = Exploration()
    found.generated = search.generated
    found.distinct = search.parents.count
    found.standsFor = search.standsFor
    found.depth = search.levels
    found.breaches = search.breaches
    found.limit = search.undecided
    found.nodeStates = search.table.machines.count
    found.messages = search.table.letters.count
    found.memory = search.bytes + catalog.bytes
    if let (number, breach) = search.broken { found.counterexample = counterexample(to: number, breach) }
    if search.undecided == nil, search.broken == nil || bounds.keepsGoing, bounds.findsBlocked {
      findBlocked(&found)
    }
    return found
  }

  private mutating func findBlocked(_ found: inout Exploration) {
    guard search.bytes + Blocking.bytes(search) < bounds.memory else { return }
    found.memory += Blocking.bytes(search)
    found.knowsBlocked = true
    let blocking = Blocking(search)
    let blocked = blocking.unsettled(repairing: false)
    found.blocked = blocked.count
    if let first = blocked.first {
      found.firstBlocked = counterexample(
        to: first, ExploredClaims.Breach("Blocked", "whoever is up waits for ever, unless somebody repairs something"))
    }
    guard bounds.restarts || bounds.cuts > 0 else { return }
    let stuck = blocking.unsettled(repairing: true)
    found.stuck = stuck.count
    if let first = stuck.first {
      found.firstStuck = counterexample(
        to: first, ExploredClaims.Breach("Stuck", "nobody who waits ever hears, whatever is repaired"))
    }
  }

  private mutating func begin() {
    var machines: [UInt32] = []
    var sent: [UInt32] = []
    for opening in system.openings {
      sent.append(catalog.number(of: Letter(from: .console, to: opening.to, message: opening.message)))
    }
    for slot in system.members.indices {
      let act = catalog.boot(slot)
      machines.append(catalog.number(of: act.machine, slot, &search.table))
      sent += act.sent
    }
    search.state.begin(machines, search.table)
    for letter in sent {
      catalog.enter(letter, &search.table)
      if search.table.letters[Int(letter)].to >= 0 {
        if !search.state.add(letter, most: bounds.copies, search.table) { search.undecided = .underWay }
      }
    }
  }

  // MARK: Schedules

  private mutating func counterexample(to number: UInt32, _ breach: ExploredClaims.Breach) -> Counterexample {
    var choices: [UInt32] = []
    var number = number
    while number != 0 {
      choices.append(search.ordinals[Int(number)])
      number = search.parents[Int(number)]
    }
    choices.reverse()
    return Counterexample(breach: breach, choices: choices, steps: follow(choices).steps)
  }

  /// Takes a schedule again by its words, as far as things can happen so, and tells what is broken at its end.
  ///
  /// A choice is a place among the moves of a state, and their order is that in which messages were met for the first
  /// time: another for whoever has searched a whole space than for whoever has not. So it is only where one looks first.
  public mutating func follow(
    telling schedule: [(choice: UInt32, text: String)]
  ) -> (steps: [Counterexample.Step], breach: ExploredClaims.Breach?) {
    var retelling = Retelling(system)
    var steps: [Counterexample.Step] = []
    begin()
    for letter in search.state.letters { retelling.note(letter) }
    for (choice, text) in schedule {
      search.listMoves(&catalog)
      let moves = search.moves
      let places = [Int(choice)] + moves.indices.filter { $0 != Int(choice) }
      var isFound = false
      for place in places where !isFound && moves.indices.contains(place) {
        var trial = retelling
        let step = take(moves[place], number: steps.count + 1, &trial)
        guard step.text == text else { continue }
        isFound = true
        retelling = trial
        steps.append(step)
        search.state.copy(search.next)
      }
      guard isFound else { break }
    }
    search.look(at: search.state)
    return (steps, system.claims.broken(search.glance))
  }

  /// Makes `search.next` what the move makes of the state, and tells it.
  private mutating func take(_ move: Move, number: Int, _ retelling: inout Retelling<N>) -> Counterexample.Step {
    search.trail = []
    search.apply(move, &catalog)
    if system.forgetsIdleMessages { search.forgetIdleMessages(&catalog) }
    let trail = search.trail ?? []
    search.trail = nil
    return retelling.tell(move, trail, from: search.state, to: search.next, number: number, &catalog, search.table)
  }

  /// Takes a schedule that this explorer has found again from the beginning: as far as its choices can be made, and what
  /// is broken at its end.
  public mutating func follow(
    _ choices: [UInt32]
  ) -> (steps: [Counterexample.Step], breach: ExploredClaims.Breach?) {
    var retelling = Retelling(system)
    var steps: [Counterexample.Step] = []
    begin()
    for letter in search.state.letters { retelling.note(letter) }
    for choice in choices {
      search.listMoves(&catalog)
      guard Int(choice) < search.moves.count else { break }
      steps.append(take(search.moves[Int(choice)], number: steps.count + 1, &retelling))
      search.state.copy(search.next)
    }
    search.look(at: search.state)
    return (steps, system.claims.broken(search.glance))
  }
}

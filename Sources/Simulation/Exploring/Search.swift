import Clockwork

/// The breadth-first search over numbers: no node, no message, only their names. See `StepTable` for why.
struct Search: Sendable {
  let bounds: ExplorationBounds
  let claims: ExploredClaims
  /// Bit by slot: faults may strike it.
  let mortal: UInt32
  let slots: Int
  /// Of `MachineCatalog.orders`; empty without symmetry.
  let orders: [[Int]]
  let forgetsIdleMessages: Bool
  let hasFailureDetector: Bool

  var table = StepTable()
  var seen: StateTable
  /// The state expanded, and the one that a move makes of it.
  var state: SearchState
  var next: SearchState
  var moves: [Move] = []
  /// What each of the moves makes.
  private var made: [(state: SearchState, print: UInt64)] = []
  /// Bit by slot: whose state `next` has from the last move, or what is under way to it.
  var touched: UInt32 = 0
  /// Letters that arrive at once and have yet to, during a move.
  var urgent: [UInt32] = []
  /// When set, `apply` tells every node's part in a move here.
  var trail: [TrailStep]?

  /// By state: the state from which it was first reached, and by which of that state's moves.
  var parents: [UInt32] = []
  var ordinals: [UInt32] = []
  /// By state, bit by bit.
  var settled: [Bool] = []
  /// By state, where its edges begin; an edge is a state's number, its top bit set for a repair.
  var edgeStarts: [UInt32] = []
  var edges: [UInt32] = []

  var generated = 0
  var breaches = 0
  /// The first state that broke a claim, and how.
  var broken: (number: UInt32, breach: ExploredClaims.Breach)?
  var levels = 0
  var undecided: Exploration.Limit?
  var images: Images
  /// Of `images`: those of the state looked at.
  var rows: [Int] = []
  /// How many states those found stand for, names told apart.
  var standsFor = 0
  var glance: Glance

  struct TrailStep: Sendable {
    var slot: Int
    var machine: UInt32
    var event: LocalEvent
    var outcome: Int
  }

  init(
    _ bounds: ExplorationBounds, _ claims: ExploredClaims, mortal: UInt32, slots: Int, orders: [[Int]],
    forgetsIdleMessages: Bool, hasFailureDetector: Bool
  ) {
    self.forgetsIdleMessages = forgetsIdleMessages
    self.hasFailureDetector = hasFailureDetector
    self.bounds = bounds
    self.claims = claims
    self.mortal = mortal
    self.slots = slots
    self.orders = orders
    state = SearchState(slots: slots, mortal: mortal)
    next = SearchState(slots: slots, mortal: mortal)
    glance = Glance(labels: Array(repeating: 0, count: slots))
    images = Images(orders: orders.count)
    seen = StateTable(keepsNumbers: bounds.findsBlocked)
  }

  /// What the search itself keeps, in bytes.
  var bytes: Int {
    let words = parents.capacity + ordinals.capacity + edgeStarts.capacity + edges.capacity
    return table.bytes + seen.bytes + images.bytes + words * 4 + settled.capacity
  }
}

// MARK: - Going on

extension Search {
  /// Searches to exhaustion, to a broken claim or to a bound. `state` holds the first state.
  mutating func run(_ source: inout some MachineSource, _ goesOn: (Exploration.Progress) -> Bool) {
    guard undecided == nil else { return }
    var level: [UInt32] = []
    var following: [UInt32] = []
    next.copy(state)
    touched = .max
    if forgetsIdleMessages { forgetIdleMessages(&source) }
    _ = seen.insert(print(&source), number: 0)
    guard enter(from: 0, by: 0, onto: &following, &source) else { return }
    var number: UInt32 = 0
    while !following.isEmpty, undecided == nil, broken == nil || bounds.keepsGoing {
      guard levels < bounds.depth else {
        undecided = .depth
        return
      }
      swap(&level, &following)
      following.removeAll(keepingCapacity: true)
      levels += 1
      var place = 0
      while place < level.count {
        if number & 0x3FFF == 0x3FFF, !mayGoOn(level.capacity + following.capacity, source, goesOn) { return }
        state.unpack(level, at: &place, table)
        expand(number, onto: &following, &source)
        if undecided != nil || (broken != nil && !bounds.keepsGoing) { return }
        number += 1
      }
    }
    levels -= 1
  }

  private mutating func mayGoOn(
    _ words: Int, _ source: some MachineSource, _ goesOn: (Exploration.Progress) -> Bool
  ) -> Bool {
    let bytes = bytes + words * 4
    if bytes + (seen.bytesToGrow ?? 0) > bounds.memory { undecided = .memory }
    if parents.count >= bounds.states { undecided = .states }
    let progress = Exploration.Progress(distinct: parents.count, generated: generated, depth: levels, bytes: bytes)
    if !goesOn(progress) { undecided = .cancelled }
    return undecided == nil
  }

  private mutating func expand(_ number: UInt32, onto words: inout [UInt32], _ source: inout some MachineSource) {
    if bounds.findsBlocked { edgeStarts.append(UInt32(edges.count)) }
    listMoves(&source)
    // The table of states is far larger than any cache. So first all that the moves make, and only then a look at their
    // places in it: the memory fetches these meanwhile, side by side, where an insertion would wait for its own.
    while made.count < moves.count { made.append((next, 0)) }
    for ordinal in moves.indices {
      apply(moves[ordinal], &source)
      if forgetsIdleMessages { forgetIdleMessages(&source) }
      if undecided != nil { return }
      let print = print(&source)
      seen.prefetch(print)
      made[ordinal].print = print
      swap(&next, &made[ordinal].state)
    }
    for ordinal in moves.indices {
      generated += 1
      var reached = UInt32(truncatingIfNeeded: parents.count)
      if let known = seen.insert(made[ordinal].print, number: reached) {
        reached = known
      } else {
        swap(&next, &made[ordinal].state)
        guard enter(from: number, by: UInt32(ordinal), onto: &words, &source) else { return }
      }
      if bounds.findsBlocked, !moves[ordinal].isFault(table) {
        edges.append(reached | (moves[ordinal].isRepair ? Exploration.repairBit : 0))
      }
    }
  }

  /// The fingerprint that `next` is known by.
  @inline(__always)
  private mutating func print(_ source: inout some MachineSource) -> UInt64 {
    orders.isEmpty ? next.print : leastPrint(&source)
  }

  /// Has `next` expanded in its turn. False when the search has to stop here.
  private mutating func enter(
    from parent: UInt32, by ordinal: UInt32, onto words: inout [UInt32], _ source: inout some MachineSource
  ) -> Bool {
    guard parents.count < Exploration.mostStates else {
      undecided = .states
      return false
    }
    standsFor += orders.isEmpty ? 1 : orbit(&source)
    parents.append(parent)
    ordinals.append(ordinal)
    next.pack(onto: &words)
    look(at: next)
    if bounds.findsBlocked { settled.append(claims.isSettled(glance)) }
    guard let breach = claims.broken(glance) else { return true }
    breaches += 1
    if broken == nil { broken = (UInt32(parents.count - 1), breach) }
    return bounds.keepsGoing
  }

  mutating func look(at state: borrowing SearchState) {
    var isSyncing = false
    glance.up = 0
    for slot in 0..<slots {
      let row = table.machines[Int(state.machine(slot))]
      glance.labels[slot] = row.label
      if row.isUp { glance.up |= 1 << UInt32(slot) }
      if row.isSyncing { isSyncing = true }
    }
    glance.hasFailed = state.faults.word != 0
    glance.isCut = state.cut != 0
    glance.isQuiet = state.letterCount == 0 && !isSyncing
  }
}

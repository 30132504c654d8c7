import Clockwork

/// Works out what can happen to a node, by its own code; only asked about what was never asked before.
protocol MachineSource {
  mutating func derive(_ event: LocalEvent, in machine: UInt32, into table: inout StepTable) -> Range<Int>
  /// Whether the timer has a reason to ring when these slots have failed.
  func isDue(_ timer: UInt32, in machine: UInt32, suspecting suspects: UInt32) -> Bool
  /// The number of the same node state when the nodes have exchanged names as the order says.
  mutating func image(ofMachine machine: UInt32, under order: Int, into table: inout StepTable) -> UInt32
  mutating func image(ofLetter letter: UInt32, under order: Int, into table: inout StepTable) -> UInt32
}

/// The states of nodes, the messages and the timers met so far, each under a number.
struct MachineCatalog<N: Node>: Sendable, MachineSource {
  let system: ExploredSystem<N>
  let bounds: ExplorationBounds
  /// The ways to give interchangeable nodes each other's names, as slots; the first leaves them alone.
  let orders: [[Int]]

  private(set) var machines: [Machine<N>] = []
  private(set) var letters: [Letter<N>] = []
  private(set) var timers: [ArmedTimer<N>] = []
  /// By outcome: what was chosen.
  private(set) var scripts: [[UInt32]] = []
  private var machineNumbers: [MachineKey: UInt32] = [:]
  private var slots: [Int] = []
  private var letterNumbers: [Letter<N>: UInt32] = [:]
  private var timerNumbers: [ArmedTimer<N>: UInt32] = [:]

  init(_ system: ExploredSystem<N>, _ bounds: ExplorationBounds) {
    self.system = system
    self.bounds = bounds
    orders = bounds.usesSymmetry ? Self.orders(of: system) : []
  }

  func slot(of id: NodeID) -> Int { system.members.firstIndex { $0.id == id } ?? -1 }
  func slot(ofMachine machine: UInt32) -> Int { slots[Int(machine)] }

  /// A lower bound: what nodes keep on the heap is theirs to know.
  var bytes: Int {
    machines.count * (MemoryLayout<Machine<N>>.stride + MemoryLayout<MachineKey>.stride + 64)
      + letters.count * (2 * MemoryLayout<Letter<N>>.stride + 32)
  }

  mutating func derive(_ event: LocalEvent, in machine: UInt32, into table: inout StepTable) -> Range<Int> {
    let start = table.outcomes.count
    let slot = slots[Int(machine)]
    let mayBeCutShort =
      bounds.crashes > 0 && system.members[slot].isMortal && [.deliver, .timer, .sync, .restart].contains(event.kind)
    var short: [(Machine<N>, [UInt32], [UInt32])] = []
    var script: [UInt32]? = []
    while let chosen = script {
      let act = act(event, in: machine, chosen)
      note(act.machine, act.sent, act.script, isCutShort: false, slot, &table)
      if mayBeCutShort {
        for sent in parts(of: act.sent) { short.append((dead(act.machine), sent, act.script)) }
      }
      script = act.nextScript
    }
    for (machine, sent, chosen) in short { note(machine, sent, chosen, isCutShort: true, slot, &table) }
    let range = start..<table.outcomes.count
    table.note(range, of: event, in: machine)
    return range
  }

  func isDue(_ timer: UInt32, in machine: UInt32, suspecting suspects: UInt32) -> Bool {
    guard let isDue = system.isDue else { return true }
    return isDue(machines[Int(machine)].node, timers[Int(timer)].timer) { id in
      let slot = slot(of: id)
      return slot >= 0 && suspects >> UInt32(slot) & 1 == 1
    }
  }

  /// What has left of these messages when their sender dies on the way.
  private func parts(of sent: [UInt32]) -> [[UInt32]] {
    guard bounds.ordersNothing else { return sent.indices.map { Array(sent[..<$0]) } }
    // Every choice of them but all. A step sends one message to each node at most, and there are at most twelve.
    return (0..<(1 << min(sent.count, FaultCounts.mostSlots)) - 1).map { chosen in
      sent.indices.filter { chosen >> $0 & 1 == 1 }.map { sent[$0] }
    }
  }

  private mutating func note(
    _ machine: Machine<N>, _ sent: [UInt32], _ script: [UInt32], isCutShort: Bool, _ slot: Int,
    _ table: inout StepTable
  ) {
    let number = number(of: machine, slot, &table)
    for letter in sent { enter(letter, &table) }
    table.outcomes.append(
      StepTable.Outcome(
        machine: number, firstSent: UInt32(table.sent.count), sentCount: UInt32(sent.count), isCutShort: isCutShort))
    table.sent += sent
    scripts.append(script)
  }
}

// MARK: - Numbers

extension MachineCatalog {
  /// The number of a node's state, given to it when it is met for the first time.
  mutating func number(of machine: Machine<N>, _ slot: Int, _ table: inout StepTable) -> UInt32 {
    let key = key(of: machine, slot)
    if let known = machineNumbers[key] { return known }
    let number = UInt32(machines.count)
    machineNumbers[key] = number
    machines.append(machine)
    slots.append(slot)
    table.add(
      StepTable.MachineRow(
        mix: Mixing.machine(number), label: machine.label, firstTimer: UInt32(table.timers.count),
        timerCount: UInt32(machine.timers.count), isUp: machine.isUp, isSyncing: !machine.syncs.isEmpty))
    table.timers += machine.timers
    return number
  }

  private mutating func key(of machine: Machine<N>, _ slot: Int) -> MachineKey {
    var hasher = StateHasher()
    if machine.isUp {
      machine.node.fingerprint(into: &hasher)
    } else if bounds.restarts {
      // What is left of a dead node is its disk, and all that a disk can do is to be recovered from.
      let member = system.members[slot]
      var fx = Effects<N>(me: member.id, now: .start, choices: Choices(exploring: []))
      let node = N(member.id, member.setup, recovering: machine.node.disk, &fx)
      node.fingerprint(into: &hasher)
      for outgoing in fx.outgoing {
        hasher.combine(UInt64(number(of: Letter(from: member.id, to: outgoing.to, message: outgoing.message))))
      }
      for (timer, at) in fx.timers { hasher.combine(UInt64(number(of: ArmedTimer(timer: timer, after: at - fx.now)))) }
    }
    var held = machine.held
    if bounds.ordersNothing { held.sort { ($0.after, $0.letter) < ($1.after, $1.letter) } }
    var positions: [UInt64] = []
    if bounds.syncsTakeSteps {
      positions =
        [machine.node.disk.position, machine.platter] + machine.syncs.map(\.position) + held.map(\.after)
    }
    return MachineKey(
      slot: slot, print: hasher.finalize(), isUp: machine.isUp, label: machine.label, timers: machine.timers,
      positions: positions, held: held.map(\.letter))
  }

  mutating func number(of letter: Letter<N>) -> UInt32 {
    if let known = letterNumbers[letter] { return known }
    let number = UInt32(letters.count)
    letterNumbers[letter] = number
    letters.append(letter)
    return number
  }

  mutating func number(of timer: ArmedTimer<N>) -> UInt32 {
    if let known = timerNumbers[timer] { return known }
    let number = UInt32(timers.count)
    timerNumbers[timer] = number
    timers.append(timer)
    return number
  }

  /// Makes sure that the table has a row for every letter up to this one.
  mutating func enter(_ letter: UInt32, _ table: inout StepTable) {
    while table.letters.count <= Int(letter) {
      let next = letters[table.letters.count]
      table.add(
        StepTable.LetterRow(
          mix: Mixing.letter(UInt32(table.letters.count)), from: slot(of: next.from), to: slot(of: next.to),
          arrivesAtOnce: system.arrivesAtOnce(next.message)))
    }
  }
}

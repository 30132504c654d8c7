import Clockwork

/// How a node's code is run on one event.
extension MachineCatalog {
  /// The first boot of the node in the slot, from an empty disk.
  mutating func boot(_ slot: Int, narrating: Bool = false) -> Act<N> {
    start(slot, from: N.Disk(), before: 0, [], narrating)
  }

  /// Lets an event happen to a node. Asks for nothing that is not so: no timer that is not armed, no restart of the
  /// living.
  mutating func act(_ event: LocalEvent, in number: UInt32, _ script: [UInt32], narrating: Bool = false) -> Act<N> {
    var machine = machines[Int(number)]
    let slot = slot(ofMachine: number)
    var fx = Effects<N>(
      me: system.members[slot].id, now: .start, choices: Choices(exploring: script), narrating: narrating)
    var sent: [UInt32] = []
    switch event.kind {
    case .deliver:
      let letter = letters[Int(event.payload)]
      machine.node.on(.message(letter.message, from: letter.from), &fx)
    case .timer:
      let timer = timers[Int(event.payload)]
      machine.timers.removeAll { $0 == event.payload }
      fx.now = .start + timer.after
      machine.node.on(.timer(timer.timer), &fx)
    case .sync:
      completeSync(&machine, &sent, &fx)
    case .crash:
      machine = dead(machine)
    case .power:
      machine = dead(machine)
      machine.node.disk.losePower(&fx.choices)
    case .restart:
      return start(slot, from: machine.node.disk, before: machine.label, script, narrating)
    case .due: break
    }
    if machine.isUp { finish(&machine, slot, &sent, &fx) }
    return Act(
      machine: machine, sent: sent, notes: fx.notes, script: fx.choices.explored, nextScript: fx.choices.nextScript)
  }

  private mutating func start(
    _ slot: Int, from disk: N.Disk, before: UInt64, _ script: [UInt32], _ narrating: Bool
  ) -> Act<N> {
    let member = system.members[slot]
    var fx = Effects<N>(me: member.id, now: .start, choices: Choices(exploring: script), narrating: narrating)
    var machine = Machine(N(member.id, member.setup, recovering: disk, &fx))
    machine.label = before
    var sent: [UInt32] = []
    finish(&machine, slot, &sent, &fx)
    return Act(
      machine: machine, sent: sent, notes: fx.notes, script: fx.choices.explored, nextScript: fx.choices.nextScript)
  }

  func dead(_ machine: Machine<N>) -> Machine<N> {
    var machine = machine
    machine.isUp = false
    machine.timers = []
    machine.syncs = []
    machine.held = []
    machine.platter = 0
    return machine
  }

  /// Carries out what the node wants; where syncs take no step, they are done at once, and what that leads to.
  private mutating func finish(
    _ machine: inout Machine<N>, _ slot: Int, _ sent: inout [UInt32], _ fx: inout Effects<N>
  ) {
    carryOut(&machine, &sent, &fx)
    // Bounded: a node that syncs at every sync would never let go.
    for _ in 0..<64 where !bounds.syncsTakeSteps && !machine.syncs.isEmpty {
      fx.now = .start
      completeSync(&machine, &sent, &fx)
      carryOut(&machine, &sent, &fx)
    }
    machine.label = system.label(machine.node, machine.label)
    if system.forgetsIdleTimers { machine.timers = machine.timers.filter { !isIdle($0, machine, slot) } }
  }

  private mutating func carryOut(_ machine: inout Machine<N>, _ sent: inout [UInt32], _ fx: inout Effects<N>) {
    machine.syncs += fx.syncs
    for (timer, at) in fx.timers where at != .never {
      let armed = number(of: ArmedTimer(timer: timer, after: max(.zero, at - fx.now)))
      let place = machine.timers.firstIndex { $0 >= armed } ?? machine.timers.count
      if place == machine.timers.count || machine.timers[place] != armed { machine.timers.insert(armed, at: place) }
    }
    for outgoing in fx.outgoing {
      let letter = number(of: Letter(from: fx.me, to: outgoing.to, message: outgoing.message))
      if let after = outgoing.after, after.position > machine.platter {
        machine.held.append(Machine<N>.Held(after: after.position, letter: letter))
      } else {
        sent.append(letter)
      }
    }
    fx.syncs.removeAll(keepingCapacity: true)
    fx.timers.removeAll(keepingCapacity: true)
    fx.outgoing.removeAll(keepingCapacity: true)
  }

  private func completeSync(_ machine: inout Machine<N>, _ sent: inout [UInt32], _ fx: inout Effects<N>) {
    let token = machine.syncs.removeFirst()
    machine.node.disk.synced(through: token.position)
    machine.platter = max(machine.platter, token.position)
    sent += machine.held.filter { $0.after <= machine.platter }.map(\.letter)
    machine.held.removeAll { $0.after <= machine.platter }
    machine.node.on(.durable(token), &fx)
  }

  /// Whether the node would take no notice of the timer.
  private func isIdle(_ timer: UInt32, _ machine: Machine<N>, _ slot: Int) -> Bool {
    let armed = timers[Int(timer)]
    var fx = Effects<N>(me: system.members[slot].id, now: .start + armed.after, choices: Choices(exploring: []))
    var node = machine.node
    var before = StateHasher()
    node.fingerprint(into: &before)
    node.on(.timer(armed.timer), &fx)
    var after = StateHasher()
    node.fingerprint(into: &after)
    return fx.outgoing.isEmpty && fx.timers.isEmpty && fx.syncs.isEmpty && fx.choices.explored.isEmpty
      && before.finalize() == after.finalize()
  }
}

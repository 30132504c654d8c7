/// Which moves a state has, and what each makes of it.
extension Search {
  /// Lists the moves of `state` into `moves`, always in the same order.
  mutating func listMoves(_ source: inout some MachineSource) {
    moves.removeAll(keepingCapacity: true)
    var isBusy = state.letterCount > 0
    for index in 0..<state.letterCount {
      let letter = state.letter(index)
      if index > 0, state.letter(index - 1) == letter { continue }
      let row = table.letters[Int(letter)]
      if isUp(row.to) {
        list(Move(kind: .deliver, slot: row.to, subject: letter), &source)
      } else {
        moves.append(Move(kind: .miss, slot: row.to, subject: letter))
      }
    }
    if bounds.syncsTakeSteps {
      for slot in 0..<slots where table.machines[Int(state.machine(slot))].isSyncing {
        isBusy = true
        list(Move(kind: .sync, slot: slot), &source)
      }
    }
    // A network that remembers is never quiet.
    if !isBusy || bounds.timing == .any || bounds.network == .remembers { listTimers(&source) }
    listFaults(&source)
    if state.cut != 0 { moves.append(Move(kind: .heal)) }
    if bounds.restarts {
      for slot in 0..<slots where !isUp(slot) { list(Move(kind: .restart, slot: slot), &source) }
    }
  }

  private mutating func listTimers(_ source: inout some MachineSource) {
    let everybody: UInt32 = 0xFFF
    let suspects = bounds.timing == .any || state.faults.networkHasFailed ? everybody : state.faults.died
    let before = moves.count
    listTimers(suspecting: suspects, &source)
    // Nothing is under way, and nobody has a reason: then whoever still waits has waited too long.
    if moves.count == before, suspects != everybody { listTimers(suspecting: everybody, &source) }
  }

  private mutating func listTimers(suspecting suspects: UInt32, _ source: inout some MachineSource) {
    for slot in 0..<slots {
      let row = table.machines[Int(state.machine(slot))]
      for timer in row.firstTimer..<(row.firstTimer + row.timerCount) {
        let subject = table.timers[Int(timer)]
        if isDue(subject, state.machine(slot), suspects, &source) {
          list(Move(kind: .timer, slot: slot, subject: subject), &source)
        }
      }
    }
  }

  /// Whether the timer has a reason to ring; without a failure detector it always has.
  @inline(__always)
  private mutating func isDue(
    _ timer: UInt32, _ machine: UInt32, _ suspects: UInt32, _ source: inout some MachineSource
  ) -> Bool {
    guard hasFailureDetector else { return true }
    let question = LocalEvent(.due, timer << 12 | suspects)
    if let known = table.range(of: question, in: machine) { return !known.isEmpty }
    let answer = source.isDue(timer, in: machine, suspecting: suspects)
    table.note(0..<(answer ? 1 : 0), of: question, in: machine)
    return answer
  }

  private mutating func listFaults(_ source: inout some MachineSource) {
    if state.faults[.crash] < bounds.crashes {
      for slot in 0..<slots where isUp(slot) && isMortal(slot) { list(Move(kind: .crash, slot: slot), &source) }
    }
    if state.faults[.power] < bounds.powerFailures {
      for slot in 0..<slots where isUp(slot) && isMortal(slot) { list(Move(kind: .power, slot: slot), &source) }
    }
    if bounds.network == .forgets {
      let (loses, doubles) = (state.faults[.loss] < bounds.losses, state.faults[.duplicate] < bounds.duplicates)
      for index in 0..<state.letterCount where loses || doubles {
        let letter = state.letter(index)
        if table.letters[Int(letter)].from < 0 || (index > 0 && state.letter(index - 1) == letter) { continue }
        if loses { moves.append(Move(kind: .lose, subject: letter)) }
        if doubles { moves.append(Move(kind: .duplicate, subject: letter)) }
      }
    }
    if state.cut == 0, state.faults[.cut] < bounds.cuts {
      let others = mortal & ~anchor
      var half = others & (0 &- others)
      while half != 0 {
        moves.append(Move(kind: .cut, subject: half))
        // The next subset of `others`.
        half = (half &- others) & others
      }
    }
  }

  /// The first mortal, as a bit: no half is named by it.
  var anchor: UInt32 { mortal & (0 &- mortal) }

  @inline(__always)
  private func isUp(_ slot: Int) -> Bool { table.machines[Int(state.machine(slot))].isUp }

  private func isMortal(_ slot: Int) -> Bool { mortal >> UInt32(slot) & 1 == 1 }

  /// A move for each way in which the node can take its event.
  @inline(__always)
  private mutating func list(_ move: Move, _ source: inout some MachineSource) {
    guard let event = move.event else { return }
    let machine = state.machine(move.slot)
    let range = table.range(of: event, in: machine) ?? source.derive(event, in: machine, into: &table)
    let mayCrash = state.faults[.crash] < bounds.crashes
    for outcome in range where mayCrash || !table.outcomes[outcome].isCutShort {
      var move = move
      move.outcome = outcome
      moves.append(move)
    }
  }

  /// Makes `next` what the move makes of `state`.
  mutating func apply(_ move: Move, _ source: inout some MachineSource) {
    next.copy(state)
    touched = 0
    switch move.kind {
    case .deliver:
      if bounds.network == .forgets { next.remove(move.subject, table) }
      take(move)
    case .miss, .lose:
      next.remove(move.subject, table)
      if move.kind == .lose { next.count(.loss) }
    case .duplicate:
      next.count(.duplicate)
      add(move.subject, most: bounds.copies + 1)
    case .timer, .sync, .restart: take(move)
    case .crash:
      next.countDeath(.crash, of: move.slot)
      take(move)
    case .power:
      next.countDeath(.power, of: move.slot)
      take(move)
    case .cut:
      next.count(.cut)
      next.setCut(move.subject)
      let partition = next.partition
      next.removeLetters(table) { partition.parts($0) }
    case .heal: next.setCut(0)
    }
    if !urgent.isEmpty { deliverUrgent(&source) }
  }

  private mutating func take(_ move: Move) {
    guard let outcome = move.outcome else { return }
    take(outcome, in: move.slot)
    if trail != nil, let event = move.event {
      trail?.append(TrailStep(slot: move.slot, machine: state.machine(move.slot), event: event, outcome: outcome))
    }
  }

  private mutating func take(_ place: Int, in slot: Int) {
    let outcome = table.outcomes[place]
    touched |= 1 << UInt32(slot)
    next.set(slot, outcome.machine, table)
    for index in outcome.firstSent..<(outcome.firstSent + outcome.sentCount) { post(table.sent[Int(index)]) }
    if outcome.isCutShort { next.countDeath(.crash, of: slot) }
    if !table.machines[Int(outcome.machine)].isUp, !bounds.restarts {
      next.removeLetters(table) { $0.to == slot }
    }
  }

  /// Puts a message under way, unless it can never arrive.
  @inline(__always)
  private mutating func post(_ letter: UInt32) {
    let row = table.letters[Int(letter)]
    guard row.to >= 0, !next.partition.parts(row) else { return }
    let isUp = table.machines[Int(next.machine(row.to))].isUp
    guard isUp || (bounds.restarts && !row.arrivesAtOnce) else { return }
    if row.arrivesAtOnce {
      urgent.append(letter)
    } else {
      add(letter, most: bounds.network == .remembers ? 1 : bounds.copies)
    }
  }

  @inline(__always)
  private mutating func add(_ letter: UInt32, most copies: Int) {
    if !next.add(letter, most: copies, table) { undecided = .underWay }
    touched |= 1 << UInt32(table.letters[Int(letter)].to)
  }

  private mutating func deliverUrgent(_ source: inout some MachineSource) {
    var count = 0
    while count < urgent.count {
      let letter = urgent[count]
      count += 1
      let slot = table.letters[Int(letter)].to
      let machine = next.machine(slot)
      guard table.machines[Int(machine)].isUp else { continue }
      let event = LocalEvent(.deliver, letter)
      let range = table.range(of: event, in: machine) ?? source.derive(event, in: machine, into: &table)
      // Those cut short stand behind the whole ones.
      let only = range.lowerBound
      let hasChoice = range.count > 1 && !table.outcomes[only + 1].isCutShort
      guard !hasChoice, count <= Exploration.mostAtOnce else {
        undecided = .atOnce
        break
      }
      trail?.append(TrailStep(slot: slot, machine: machine, event: event, outcome: only))
      take(only, in: slot)
    }
    // One by one: there are few, and removing all asks the runtime for a type each time.
    while urgent.popLast() != nil {}
  }

  /// Drops from `next` what its receivers would take no notice of. Nothing of the kind was under way before the move: only
  /// receivers that it touched are looked at.
  mutating func forgetIdleMessages(_ source: inout some MachineSource) {
    for index in (0..<next.letterCount).reversed() {
      let letter = next.letter(index)
      let slot = table.letters[Int(letter)].to
      guard touched >> UInt32(slot) & 1 == 1 else { continue }
      let machine = next.machine(slot)
      guard table.machines[Int(machine)].isUp else { continue }
      if isIdle(letter, machine, &source) { next.removeLetter(at: index, table) }
    }
  }

  @inline(__always)
  private mutating func isIdle(_ letter: UInt32, _ machine: UInt32, _ source: inout some MachineSource) -> Bool {
    if let known = table.isIdle(letter, in: machine) { return known }
    _ = source.derive(LocalEvent(.deliver, letter), in: machine, into: &table)
    return table.isIdle(letter, in: machine) ?? false
  }
}

import Clockwork

/// Node states and messages under exchanged names.
extension MachineCatalog {
  static func orders(of system: ExploredSystem<N>) -> [[Int]] {
    guard let symmetry = system.symmetry else { return [] }
    let places = symmetry.interchangeable.prefix(5).compactMap { id in system.members.firstIndex { $0.id == id } }
    var orders: [[Int]] = [[]]
    for _ in places {
      orders = orders.flatMap { order in places.filter { !order.contains($0) }.map { order + [$0] } }
    }
    return orders.map { order in
      var slots = Array(system.members.indices)
      for (place, slot) in zip(places, order) { slots[place] = slot }
      return slots
    }
  }

  private func renaming(_ order: Int) -> Symmetry<N>.Renaming {
    let (members, slots) = (system.members, orders[order])
    return { id in members.firstIndex { $0.id == id }.map { members[slots[$0]].id } ?? id }
  }

  mutating func image(ofMachine machine: UInt32, under order: Int, into table: inout StepTable) -> UInt32 {
    guard let symmetry = system.symmetry else { return machine }
    let names = renaming(order)
    var renamed = machines[Int(machine)]
    renamed.node = symmetry.node(renamed.node, names)
    renamed.timers = renamed.timers.map { number in
      let armed = timers[Int(number)]
      return self.number(of: ArmedTimer(timer: symmetry.timer(armed.timer, names), after: armed.after))
    }.sorted()
    renamed.held = renamed.held.map { held in
      Machine<N>.Held(after: held.after, letter: image(ofLetter: held.letter, under: order, into: &table))
    }
    return number(of: renamed, orders[order][slot(ofMachine: machine)], &table)
  }

  mutating func image(ofLetter letter: UInt32, under order: Int, into table: inout StepTable) -> UInt32 {
    guard let symmetry = system.symmetry else { return letter }
    let names = renaming(order)
    let letter = letters[Int(letter)]
    let number = number(
      of: Letter(from: names(letter.from), to: names(letter.to), message: symmetry.message(letter.message, names)))
    enter(number, &table)
    return number
  }
}

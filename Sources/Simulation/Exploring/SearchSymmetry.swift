/// States that differ only in the names of interchangeable nodes share a fingerprint: the least under all orders.
struct Images: Sendable {
  struct Order: Sendable {
    /// By number, the share in the fingerprint of the same thing under this order; 0 while not worked out.
    var machines: [UInt64] = []
    var letters: [UInt64] = []
  }

  var byOrder: [Order] = []
}

extension Search {
  mutating func leastPrint(_ source: inout some MachineSource) -> UInt64 {
    var least = next.print
    prints.removeAll(keepingCapacity: true)
    prints.append(next.print)
    for order in orders.indices.dropFirst() {
      var print =
        Mixing.faults(next.faults.renamed(orders[order]).word) &+ Mixing.cut(image(ofCut: next.cut, orders[order]))
      for slot in 0..<slots { print &+= machineShare(next.machines[slot], order, &source) }
      for index in next.letters.indices { print &+= letterShare(next.letters[index], order, &source) }
      prints.append(print)
      least = min(least, print)
    }
    return least
  }

  /// How many states the one that was looked at last stands for.
  mutating func orbit() -> Int {
    prints.sort()
    return 1 + zip(prints, prints.dropFirst()).count { $0 != $1 }
  }

  private mutating func machineShare(_ machine: UInt32, _ order: Int, _ source: inout some MachineSource) -> UInt64 {
    let place = Int(machine)
    if place < images.byOrder[order].machines.count, images.byOrder[order].machines[place] != 0 {
      return images.byOrder[order].machines[place]
    }
    let share = Mixing.machine(source.image(ofMachine: machine, under: order, into: &table))
    while images.byOrder[order].machines.count <= place { images.byOrder[order].machines.append(0) }
    images.byOrder[order].machines[place] = share
    return share
  }

  private mutating func letterShare(_ letter: UInt32, _ order: Int, _ source: inout some MachineSource) -> UInt64 {
    let place = Int(letter)
    if place < images.byOrder[order].letters.count, images.byOrder[order].letters[place] != 0 {
      return images.byOrder[order].letters[place]
    }
    let share = Mixing.letter(source.image(ofLetter: letter, under: order, into: &table))
    while images.byOrder[order].letters.count <= place { images.byOrder[order].letters.append(0) }
    images.byOrder[order].letters[place] = share
    return share
  }

  /// The half that does not hold the first mortal, as ever.
  private func image(ofCut cut: UInt32, _ order: [Int]) -> UInt32 {
    guard cut != 0 else { return 0 }
    var image: UInt32 = 0
    for slot in 0..<slots where cut >> UInt32(slot) & 1 == 1 { image |= 1 << UInt32(order[slot]) }
    return image & anchor != 0 ? mortal & ~image : image
  }
}

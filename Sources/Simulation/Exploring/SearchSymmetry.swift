/// States that differ only in the names of interchangeable nodes share a fingerprint: the least under all orders.
///
/// Every part of a state (what a node is in, a message, the faults, the cut) has a share in the fingerprint under each
/// order. A part's shares stand side by side in a row, so that the fingerprints of a state under all orders are a sum of
/// rows.
struct Images: Sendable {
  typealias Lanes = SIMD8<UInt64>

  /// How many orders there are, the first of which changes nothing.
  let orders: Int
  /// How many `Lanes` a row has. What is over in the last of them stands for the first order once more.
  let width: Int
  private(set) var shares: [Lanes] = []
  /// By number, where the row of a node's state or a message begins in `shares`; by word, of faults and of a cut.
  var machines = Rows()
  var letters = Rows()
  var faults: [UInt32: Int] = [:]
  var cuts: [UInt32: Int] = [:]

  struct Rows: Sendable {
    private var places: [Int] = []

    /// Nil while not worked out.
    @inline(__always)
    subscript(_ number: UInt32) -> Int? {
      get {
        let index = Int(number)
        return index < places.count && places[index] >= 0 ? places[index] : nil
      }
      set {
        while places.count <= Int(number) { places.append(-1) }
        places[Int(number)] = newValue ?? -1
      }
    }

    var bytes: Int { places.capacity * MemoryLayout<Int>.stride }
  }

  init(orders: Int) {
    self.orders = orders
    width = (orders + Lanes.scalarCount - 1) / Lanes.scalarCount
  }

  var bytes: Int { shares.capacity * MemoryLayout<Lanes>.stride + machines.bytes + letters.bytes }

  /// Appends a row and tells where it begins.
  mutating func append(_ share: (_ order: Int) -> UInt64) -> Int {
    let start = shares.count
    for block in 0..<width {
      var lanes = Lanes()
      for lane in 0..<Lanes.scalarCount {
        let order = block * Lanes.scalarCount + lane
        lanes[lane] = share(order < orders ? order : 0)
      }
      shares.append(lanes)
    }
    return start
  }

  /// The least fingerprint of the state whose parts have these rows.
  @inline(__always)
  func least(_ rows: [Int]) -> UInt64 {
    var least = Lanes(repeating: .max)
    for block in 0..<width {
      let sum = sum(rows, block)
      least.replace(with: sum, where: sum .< least)
    }
    return least.min()
  }

  /// How many states that state stands for: as many as there are orders for each that leaves it as it is.
  func orbit(_ rows: [Int]) -> Int {
    let own = sum(rows, 0)[0]
    var same = orders - width * Lanes.scalarCount
    for block in 0..<width {
      same += Int(Lanes().replacing(with: 1, where: sum(rows, block) .== own).wrappedSum())
    }
    return orders / same
  }

  @inline(__always)
  private func sum(_ rows: [Int], _ block: Int) -> Lanes {
    var sum = Lanes()
    for index in rows.indices { sum &+= shares[rows[index] + block] }
    return sum
  }
}

extension Search {
  /// The fingerprint of `next`, the least under all orders.
  mutating func leastPrint(_ source: inout some MachineSource) -> UInt64 {
    findRows(&source)
    return images.least(rows)
  }

  /// How many states `next` stands for, names told apart. Asked of new states only, which few steps lead to.
  mutating func orbit(_ source: inout some MachineSource) -> Int {
    findRows(&source)
    return images.orbit(rows)
  }

  /// Fills `rows` with those of the parts of `next`.
  @inline(__always)
  private mutating func findRows(_ source: inout some MachineSource) {
    rows.removeAll(keepingCapacity: true)
    rows.append(images.faults[next.faults.word] ?? faultsRow(next.faults))
    rows.append(images.cuts[next.cut] ?? cutRow(next.cut))
    for slot in 0..<slots {
      let machine = next.machine(slot)
      rows.append(images.machines[machine] ?? machineRow(machine, &source))
    }
    for index in 0..<next.letterCount {
      let letter = next.letter(index)
      rows.append(images.letters[letter] ?? letterRow(letter, &source))
    }
  }

  private mutating func faultsRow(_ faults: FaultCounts) -> Int {
    let orders = orders
    let row = images.append { Mixing.faults(faults.renamed(orders[$0]).word) }
    images.faults[faults.word] = row
    return row
  }

  private mutating func cutRow(_ cut: UInt32) -> Int {
    let images = orders.map { Mixing.cut(image(ofCut: cut, $0)) }
    let row = self.images.append { images[$0] }
    self.images.cuts[cut] = row
    return row
  }

  private mutating func machineRow(_ machine: UInt32, _ source: inout some MachineSource) -> Int {
    let row = images.append { Mixing.machine(source.image(ofMachine: machine, under: $0, into: &table)) }
    images.machines[machine] = row
    return row
  }

  private mutating func letterRow(_ letter: UInt32, _ source: inout some MachineSource) -> Int {
    let row = images.append { Mixing.letter(source.image(ofLetter: letter, under: $0, into: &table)) }
    images.letters[letter] = row
    return row
  }

  /// The half that does not hold the first mortal, as ever.
  private func image(ofCut cut: UInt32, _ order: [Int]) -> UInt32 {
    guard cut != 0 else { return 0 }
    var image: UInt32 = 0
    for slot in 0..<slots where cut >> UInt32(slot) & 1 == 1 { image |= 1 << UInt32(order[slot]) }
    return image & anchor != 0 ? mortal & ~image : image
  }
}

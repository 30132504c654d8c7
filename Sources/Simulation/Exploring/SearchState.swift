/// One state of the whole, taken apart to be worked on: the state of each node, the faults so far, the cut, and what is
/// under way, sorted.
///
/// Its fingerprint is the sum of its parts' shares, so that a step changes it by what the step changes.
struct SearchState: Sendable {
  private(set) var machines: [UInt32]
  private(set) var letters: [UInt32] = []
  private(set) var faults = FaultCounts()
  /// The slots of one half, bit by slot; 0 while nothing is cut. The half of the first mortal is the one not named.
  private(set) var cut: UInt32 = 0
  private(set) var print: UInt64 = 0
  /// Bit by slot: whom faults may strike. The others are parted from nobody.
  let mortal: UInt32

  init(slots: Int, mortal: UInt32) {
    machines = Array(repeating: 0, count: slots)
    self.mortal = mortal
  }

  func pack(onto words: inout [UInt32]) {
    words.append(UInt32(letters.count))
    words.append(faults.word)
    words.append(cut)
    words.append(contentsOf: machines)
    words.append(contentsOf: letters)
  }

  /// Reads the state at `place` and moves the place behind it.
  @inline(__always)
  mutating func unpack(_ words: [UInt32], at place: inout Int, _ table: StepTable) {
    let count = Int(words[place])
    faults = FaultCounts(word: words[place + 1])
    cut = words[place + 2]
    place += 3
    for slot in machines.indices { machines[slot] = words[place + slot] }
    place += machines.count
    letters.removeAll(keepingCapacity: true)
    for index in place..<(place + count) { letters.append(words[index]) }
    place += count
    print = freshPrint(table)
  }

  @inline(__always)
  mutating func copy(_ other: borrowing SearchState) {
    for slot in machines.indices { machines[slot] = other.machines[slot] }
    letters.removeAll(keepingCapacity: true)
    for index in other.letters.indices { letters.append(other.letters[index]) }
    faults = other.faults
    cut = other.cut
    print = other.print
  }

  private func freshPrint(_ table: StepTable) -> UInt64 {
    var sum = Mixing.faults(faults.word) &+ Mixing.cut(cut)
    for machine in machines { sum &+= table.machines[Int(machine)].mix }
    for letter in letters { sum &+= table.letters[Int(letter)].mix }
    return sum
  }

  // MARK: Changing

  /// The first state of every node.
  mutating func begin(_ machines: [UInt32], _ table: StepTable) {
    self.machines = machines
    letters.removeAll()
    faults = FaultCounts()
    cut = 0
    print = freshPrint(table)
  }

  @inline(__always)
  mutating func set(_ slot: Int, _ machine: UInt32, _ table: StepTable) {
    print = print &- table.machines[Int(machines[slot])].mix &+ table.machines[Int(machine)].mix
    machines[slot] = machine
  }

  @inline(__always)
  mutating func add(_ letter: UInt32, most copies: Int, _ table: StepTable) {
    var place = letters.count
    while place > 0, letters[place - 1] > letter { place -= 1 }
    if place >= copies, letters[place - copies] == letter { return }
    letters.insert(letter, at: place)
    print &+= table.letters[Int(letter)].mix
  }

  @inline(__always)
  mutating func remove(_ letter: UInt32, _ table: StepTable) {
    guard let place = letters.firstIndex(of: letter) else { return }
    letters.remove(at: place)
    print &-= table.letters[Int(letter)].mix
  }

  mutating func removeLetters(_ table: StepTable, where isLost: (StepTable.LetterRow) -> Bool) {
    for place in letters.indices.reversed() where isLost(table.letters[Int(letters[place])]) {
      print &-= table.letters[Int(letters[place])].mix
      letters.remove(at: place)
    }
  }

  mutating func count(_ kind: FaultCounts.Kind) {
    print &-= Mixing.faults(faults.word)
    faults.count(kind)
    print &+= Mixing.faults(faults.word)
  }

  mutating func countDeath(_ kind: FaultCounts.Kind, of slot: Int) {
    print &-= Mixing.faults(faults.word)
    faults.count(kind, of: slot)
    print &+= Mixing.faults(faults.word)
  }

  mutating func setCut(_ half: UInt32) {
    print = print &- Mixing.cut(cut) &+ Mixing.cut(half)
    cut = half
  }

  /// Whether the cut lies between the ends of a letter. The console stands on both sides.
  @inline(__always)
  func parts(_ row: StepTable.LetterRow) -> Bool {
    guard cut != 0, row.from >= 0 else { return false }
    let (from, to) = (UInt32(row.from), UInt32(row.to))
    return (cut >> from ^ cut >> to) & (mortal >> from) & (mortal >> to) & 1 == 1
  }
}

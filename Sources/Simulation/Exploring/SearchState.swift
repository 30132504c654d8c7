/// One state of the whole, taken apart to be worked on: the state of each node, the faults so far, the cut, and what is
/// under way, sorted.
///
/// Its fingerprint is the sum of its parts' shares, so that a step changes it by what the step changes. All its parts
/// stand in one row of words, the same as in the queue of states to be expanded: most steps lead to a state that is
/// known, so what a search does most is to copy a row and change three words of it.
struct SearchState: Sendable {
  /// How many letters, the faults, the cut, a word for each node, then the letters, then room for more.
  private var words: [UInt32]
  private let firstLetter: Int
  private(set) var print: UInt64 = 0
  /// Bit by slot: whom faults may strike. The others are parted from nobody.
  let mortal: UInt32

  private static let header = 3

  init(slots: Int, mortal: UInt32) {
    firstLetter = Self.header + slots
    words = Array(repeating: 0, count: firstLetter + Exploration.mostUnderWay)
    self.mortal = mortal
  }

  // MARK: Its parts

  var letterCount: Int { Int(words[0]) }
  @inline(__always) func letter(_ index: Int) -> UInt32 { words[firstLetter + index] }
  @inline(__always) func machine(_ slot: Int) -> UInt32 { words[Self.header + slot] }
  var letters: ArraySlice<UInt32> { words[firstLetter..<width] }
  var faults: FaultCounts { FaultCounts(word: words[1]) }
  /// The slots of one half, bit by slot; 0 while nothing is cut. The half of the first mortal is the one not named.
  var cut: UInt32 { words[2] }
  var partition: Partition { Partition(cut: cut, mortal: mortal) }

  private var width: Int { firstLetter + letterCount }

  // MARK: As a whole

  func pack(onto queue: inout [UInt32]) {
    words.withUnsafeBufferPointer { queue.append(contentsOf: UnsafeBufferPointer(rebasing: $0[..<width])) }
  }

  /// Reads the state at `place` and moves the place behind it.
  mutating func unpack(_ queue: [UInt32], at place: inout Int, _ table: StepTable) {
    let width = firstLetter + Int(queue[place])
    for index in 0..<width { words[index] = queue[place + index] }
    place += width
    print = freshPrint(table)
  }

  @inline(__always)
  mutating func copy(_ other: borrowing SearchState) {
    let width = other.width
    words.withUnsafeMutableBufferPointer { mine in
      other.words.withUnsafeBufferPointer { theirs in
        for index in 0..<width { mine[index] = theirs[index] }
      }
    }
    print = other.print
  }

  /// The first state of every node, and nothing under way.
  mutating func begin(_ machines: [UInt32], _ table: StepTable) {
    for index in 0..<Self.header { words[index] = 0 }
    for slot in machines.indices { words[Self.header + slot] = machines[slot] }
    print = freshPrint(table)
  }

  private func freshPrint(_ table: StepTable) -> UInt64 {
    var sum = Mixing.faults(words[1]) &+ Mixing.cut(cut)
    for index in Self.header..<firstLetter { sum &+= table.machines[Int(words[index])].mix }
    for index in firstLetter..<width { sum &+= table.letters[Int(words[index])].mix }
    return sum
  }

  // MARK: Changing

  @inline(__always)
  mutating func set(_ slot: Int, _ machine: UInt32, _ table: StepTable) {
    let old = self.machine(slot)
    print = print &- table.machines[Int(old)].mix &+ table.machines[Int(machine)].mix
    words[Self.header + slot] = machine
  }

  /// False when there is no room for it.
  @inline(__always)
  mutating func add(_ letter: UInt32, most copies: Int, _ table: StepTable) -> Bool {
    let end = width
    var place = end
    while place > firstLetter, words[place - 1] > letter { place -= 1 }
    if place - firstLetter >= copies, words[place - copies] == letter { return true }
    guard end < words.count else { return false }
    words.withUnsafeMutableBufferPointer { row in
      var index = end
      while index > place {
        row[index] = row[index - 1]
        index -= 1
      }
      row[place] = letter
      row[0] += 1
    }
    print &+= table.letters[Int(letter)].mix
    return true
  }

  @inline(__always)
  mutating func remove(_ letter: UInt32, _ table: StepTable) {
    var place = firstLetter
    while place < width, words[place] < letter { place += 1 }
    if place < width, words[place] == letter { removeLetter(at: place - firstLetter, table) }
  }

  @inline(__always)
  mutating func removeLetter(at index: Int, _ table: StepTable) {
    let place = firstLetter + index
    let end = width
    print &-= table.letters[Int(words[place])].mix
    words.withUnsafeMutableBufferPointer { row in
      for index in place + 1..<end { row[index - 1] = row[index] }
      row[0] -= 1
    }
  }

  mutating func removeLetters(_ table: StepTable, where isLost: (StepTable.LetterRow) -> Bool) {
    for index in (0..<letterCount).reversed() where isLost(table.letters[Int(letter(index))]) {
      removeLetter(at: index, table)
    }
  }

  mutating func count(_ kind: FaultCounts.Kind) {
    var faults = faults
    faults.count(kind)
    set(faults)
  }

  mutating func countDeath(_ kind: FaultCounts.Kind, of slot: Int) {
    var faults = faults
    faults.count(kind, of: slot)
    set(faults)
  }

  private mutating func set(_ faults: FaultCounts) {
    print = print &- Mixing.faults(words[1]) &+ Mixing.faults(faults.word)
    words[1] = faults.word
  }

  mutating func setCut(_ half: UInt32) {
    print = print &- Mixing.cut(cut) &+ Mixing.cut(half)
    words[2] = half
  }
}

/// Who cannot reach whom.
struct Partition {
  var cut: UInt32
  var mortal: UInt32

  /// Whether the cut lies between the ends of a letter. The console stands on both sides.
  @inline(__always)
  func parts(_ row: StepTable.LetterRow) -> Bool {
    guard cut != 0, row.from >= 0 else { return false }
    let (from, to) = (UInt32(row.from), UInt32(row.to))
    return (cut >> from ^ cut >> to) & (mortal >> from) & (mortal >> to) & 1 == 1
  }
}

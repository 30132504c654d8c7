/// What can happen to a node by itself, worked out once for each of its states and looked up ever after.
///
/// A state of the whole is a handful of numbers: which state each node is in, which messages are under way. A node is
/// deterministic, so what it does with an event depends on its own state alone, and a search meets the same few node
/// states over and over. The node's code runs once for each pair of state and event; a step of the search is a lookup,
/// whatever that code costs.
struct StepTable: Sendable {
  struct MachineRow: Sendable {
    /// Its share in the fingerprint of a state.
    var mix: UInt64
    var label: UInt64
    var firstTimer: UInt32
    var timerCount: UInt32
    var isUp: Bool
    var isSyncing: Bool
  }

  struct LetterRow: Sendable {
    var mix: UInt64
    /// Slots; -1 is the console.
    var from: Int
    var to: Int
    var arrivesAtOnce: Bool
    /// Its place among the letters to the same slot.
    var ordinal = 0
  }

  /// One way in which a node can take an event.
  struct Outcome: Sendable {
    var machine: UInt32
    var firstSent: UInt32
    var sentCount: UInt32
    /// How many ways there are, this one and those that follow; told by the first only.
    var ways: UInt32 = 1
    /// The node died after these messages, with more to send.
    var isCutShort: Bool
  }

  private(set) var machines: [MachineRow] = []
  private(set) var letters: [LetterRow] = []
  var timers: [UInt32] = []
  var outcomes: [Outcome] = []
  var sent: [UInt32] = []
  /// By state of a node, what it does with a letter, by the letter's ordinal: 0 while that is not worked out, otherwise one
  /// more than the first outcome, with the top bit set when it takes no notice. (What a search looks up most: dense, these
  /// words stay in the processor's cache, where a table of keys would not.)
  private var answers: [[UInt32]] = []
  /// By slot, how many letters there are to it.
  private var letterCounts = Array(repeating: 0, count: FaultCounts.mostSlots)
  /// Of all other events.
  private var known = Known()

  private static let isIdle: UInt32 = 1 << 31

  mutating func add(_ machine: MachineRow) {
    machines.append(machine)
    answers.append([])
  }

  mutating func add(_ letter: LetterRow) {
    var letter = letter
    if letter.to >= 0 {
      letter.ordinal = letterCounts[letter.to]
      letterCounts[letter.to] += 1
    }
    letters.append(letter)
  }

  /// Where the outcomes of this event in this state of a node are; nil when they were never worked out.
  @inline(__always)
  func range(of event: LocalEvent, in machine: UInt32) -> Range<Int>? {
    guard event.kind == .deliver else { return known[UInt64(machine) << 32 | UInt64(event.code)] }
    let answer = answer(to: event.payload, in: machine) & ~Self.isIdle
    guard answer != 0 else { return nil }
    let first = Int(answer) - 1
    return first..<first + Int(outcomes[first].ways)
  }

  /// Whether a node in this state takes no notice of the letter: it stays as it is and sends nothing. Nil when that was
  /// never worked out.
  @inline(__always)
  func isIdle(_ letter: UInt32, in machine: UInt32) -> Bool? {
    let answer = answer(to: letter, in: machine)
    return answer == 0 ? nil : answer & Self.isIdle != 0
  }

  @inline(__always)
  private func answer(to letter: UInt32, in machine: UInt32) -> UInt32 {
    let ordinal = letters[Int(letter)].ordinal
    return ordinal < answers[Int(machine)].count ? answers[Int(machine)][ordinal] : 0
  }

  mutating func note(_ range: Range<Int>, of event: LocalEvent, in machine: UInt32) {
    guard event.kind == .deliver else {
      known.insert(UInt64(machine) << 32 | UInt64(event.code), range)
      return
    }
    let first = outcomes[range.lowerBound]
    outcomes[range.lowerBound].ways = UInt32(range.count)
    let isIdle = range.count == 1 && first.machine == machine && first.sentCount == 0
    let ordinal = letters[Int(event.payload)].ordinal
    while answers[Int(machine)].count <= ordinal { answers[Int(machine)].append(0) }
    answers[Int(machine)][ordinal] = UInt32(range.lowerBound + 1) | (isIdle ? Self.isIdle : 0)
  }

  var bytes: Int {
    machines.capacity * MemoryLayout<MachineRow>.stride + letters.capacity * MemoryLayout<LetterRow>.stride
      + outcomes.capacity * MemoryLayout<Outcome>.stride + (timers.capacity + sent.capacity) * 4 + known.bytes
      + answers.reduce(0) { $0 + 32 + $1.capacity * 4 }
  }
}

/// What can happen to one node, as one word.
struct LocalEvent: Hashable, Sendable {
  enum Kind: UInt32 {
    case deliver, timer, sync, crash, power, restart
    /// No event: whether a timer has a reason to ring, its number and who is suspected in one payload.
    case due
  }

  let code: UInt32

  init(_ kind: Kind, _ payload: UInt32 = 0) { code = kind.rawValue << 28 | payload }

  var kind: Kind { Kind(rawValue: code >> 28) ?? .sync }
  /// The letter or the timer.
  var payload: UInt32 { code & 0x0FFF_FFFF }
}

/// From a node's state and an event to its outcomes: open addressing.
private struct Known: Sendable {
  private struct Entry: Sendable {
    var key = UInt64.max
    var first: UInt32 = 0
    var count: UInt32 = 0
  }

  private var entries = [Entry](repeating: Entry(), count: 1024)
  private var count = 0

  var bytes: Int { entries.count * MemoryLayout<Entry>.stride }

  @inline(__always)
  subscript(_ key: UInt64) -> Range<Int>? {
    let mask = entries.count - 1
    var place = Int(truncatingIfNeeded: Mixing.mix(key)) & mask
    while entries[place].key != .max {
      if entries[place].key == key {
        let first = Int(entries[place].first)
        return first..<(first + Int(entries[place].count))
      }
      place = (place + 1) & mask
    }
    return nil
  }

  mutating func insert(_ key: UInt64, _ range: Range<Int>) {
    if (count + 1) * 2 > entries.count { grow() }
    put(Entry(key: key, first: UInt32(range.lowerBound), count: UInt32(range.count)))
    count += 1
  }

  private mutating func put(_ entry: Entry) {
    let mask = entries.count - 1
    var place = Int(truncatingIfNeeded: Mixing.mix(entry.key)) & mask
    while entries[place].key != .max { place = (place + 1) & mask }
    entries[place] = entry
  }

  private mutating func grow() {
    let old = entries
    entries = Array(repeating: Entry(), count: old.count * 2)
    for entry in old where entry.key != .max { put(entry) }
  }
}

/// Spreads a small number over 64 bits. (The finaliser of SplitMix64.)
enum Mixing {
  @inline(__always)
  static func mix(_ word: UInt64) -> UInt64 {
    var z = word &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  static func machine(_ id: UInt32) -> UInt64 { mix(UInt64(id) | 1 << 40) }
  static func letter(_ id: UInt32) -> UInt64 { mix(UInt64(id) | 1 << 41) }
  @inline(__always) static func faults(_ word: UInt32) -> UInt64 { mix(UInt64(word) | 1 << 42) }
  @inline(__always) static func cut(_ word: UInt32) -> UInt64 { mix(UInt64(word) | 1 << 43) }
}

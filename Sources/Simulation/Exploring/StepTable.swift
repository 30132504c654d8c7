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
  }

  /// One way in which a node can take an event.
  struct Outcome: Sendable {
    var machine: UInt32
    var firstSent: UInt32
    var sentCount: UInt32
    /// The node died after these messages, with more to send.
    var isCutShort: Bool
  }

  var machines: [MachineRow] = []
  var letters: [LetterRow] = []
  var timers: [UInt32] = []
  var outcomes: [Outcome] = []
  var sent: [UInt32] = []
  private var known = Known()

  /// Where the outcomes of this event in this state of a node are; nil when they were never worked out.
  @inline(__always)
  func range(of event: LocalEvent, in machine: UInt32) -> Range<Int>? {
    known[UInt64(machine) << 32 | UInt64(event.code)]
  }

  mutating func note(_ range: Range<Int>, of event: LocalEvent, in machine: UInt32) {
    known.insert(UInt64(machine) << 32 | UInt64(event.code), range)
  }

  var bytes: Int {
    machines.capacity * MemoryLayout<MachineRow>.stride + letters.capacity * MemoryLayout<LetterRow>.stride
      + outcomes.capacity * MemoryLayout<Outcome>.stride + (timers.capacity + sent.capacity) * 4 + known.bytes
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

/// From a node's state and an event to its outcomes: open addressing, a word of key and a word of place each.
private struct Known: Sendable {
  private var keys: [UInt64]
  private var places: [UInt64]
  private var count = 0

  init() {
    keys = Array(repeating: .max, count: 1024)
    places = Array(repeating: 0, count: 1024)
  }

  var bytes: Int { keys.count * 16 }

  @inline(__always)
  subscript(_ key: UInt64) -> Range<Int>? {
    let mask = keys.count - 1
    var slot = Int(truncatingIfNeeded: Mixing.mix(key)) & mask
    while keys[slot] != .max {
      if keys[slot] == key {
        let start = Int(places[slot] >> 32)
        return start..<(start + Int(truncatingIfNeeded: places[slot] & 0xFFFF_FFFF))
      }
      slot = (slot + 1) & mask
    }
    return nil
  }

  mutating func insert(_ key: UInt64, _ range: Range<Int>) {
    if (count + 1) * 2 > keys.count { grow() }
    put(key, UInt64(range.lowerBound) << 32 | UInt64(range.count))
    count += 1
  }

  private mutating func put(_ key: UInt64, _ place: UInt64) {
    let mask = keys.count - 1
    var slot = Int(truncatingIfNeeded: Mixing.mix(key)) & mask
    while keys[slot] != .max { slot = (slot + 1) & mask }
    keys[slot] = key
    places[slot] = place
  }

  private mutating func grow() {
    let (oldKeys, oldPlaces) = (keys, places)
    keys = Array(repeating: .max, count: oldKeys.count * 2)
    places = Array(repeating: 0, count: oldKeys.count * 2)
    for index in oldKeys.indices where oldKeys[index] != .max { put(oldKeys[index], oldPlaces[index]) }
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

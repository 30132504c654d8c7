/// One thing that can happen in a state.
struct Move: Hashable, Sendable {
  enum Kind: UInt8, Sendable {
    /// Something that a node does by itself, or that reaches it.
    case deliver, timer, sync
    /// A message reaches a node that is down.
    case miss
    case crash, power, lose, duplicate, cut
    case restart, heal
  }

  var kind: Kind
  var slot = 0
  /// A letter, a timer, or the one half of the nodes, bit by slot.
  var subject: UInt32 = 0
  /// The place in `StepTable.outcomes`; nil for what no node takes part in.
  var outcome: Int?

  /// How the moves are counted: a fault that a bound allows, what mends a fault, or the ordinary course of things.
  var isRepair: Bool { kind == .restart || kind == .heal }

  func isFault(_ table: StepTable) -> Bool {
    switch kind {
    case .crash, .power, .lose, .duplicate, .cut: true
    case .deliver, .timer, .sync, .miss, .restart, .heal: outcome.map { table.outcomes[$0].isCutShort } ?? false
    }
  }

  /// What happens to the node, for those in which one takes part.
  var event: LocalEvent? {
    switch kind {
    case .deliver: LocalEvent(.deliver, subject)
    case .timer: LocalEvent(.timer, subject)
    case .sync: LocalEvent(.sync)
    case .crash: LocalEvent(.crash)
    case .power: LocalEvent(.power)
    case .restart: LocalEvent(.restart)
    case .miss, .lose, .duplicate, .cut, .heal: nil
    }
  }
}

/// How many faults there were of each kind, four bits each, and who has died, bit by slot from 20 on.
struct FaultCounts: Hashable, Sendable {
  enum Kind: UInt32, CaseIterable { case crash, power, loss, duplicate, cut }

  var word: UInt32 = 0

  subscript(_ kind: Kind) -> Int { Int(word >> (kind.rawValue * 4) & 15) }

  mutating func count(_ kind: Kind) { word += 1 << (kind.rawValue * 4) }

  mutating func count(_ kind: Kind, of slot: Int) {
    count(kind)
    word |= 1 << UInt32(20 + slot)
  }

  static let mostSlots = 12

  /// The same when slots have exchanged their names.
  func renamed(_ order: [Int]) -> FaultCounts {
    var renamed = FaultCounts(word: word & 0xFFFFF)
    for slot in order.indices where died >> UInt32(slot) & 1 == 1 { renamed.word |= 1 << UInt32(20 + order[slot]) }
    return renamed
  }

  /// Who has died, whether it came back or not, bit by slot.
  var died: UInt32 { word >> 20 }
  var networkHasFailed: Bool { word >> 8 & 0xFFF != 0 }
}

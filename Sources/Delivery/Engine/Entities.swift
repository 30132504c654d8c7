internal import DequeModule
public import EventSourcing

/// The entities of one kind that one task owns: those that live whole, and of those that have ended what is left.
///
/// Those that ended last stay whole for a little: whoever reacts to an end looks at what has ended. So many of them, and
/// not for so long: a burst that ends at once takes no more memory than a quiet evening.
public struct Entities<D: EngineEntity>: Sendable {
  public struct Entry: Sendable {
    public var state: D.State
    /// How many events it has had.
    public var version: UInt64
  }

  private var whole: [UInt64: Entry] = [:]
  private var remnants: [UInt64: Remnant] = [:]
  /// Those in `whole` that have ended, the longest first. What hears something after its end is in it twice.
  private var ended = Deque<UInt64>()

  public init() {}

  public subscript(_ number: UInt64) -> Entry {
    if let entry = whole[number] { return entry }
    return remnants[number].map { Self.entry($0, number) } ?? Entry(state: D.initial, version: 0)
  }

  /// Those that there are, by number.
  public var numbers: [UInt64] { (Array(whole.keys) + remnants.keys).sorted() }

  /// How many there are.
  public var count: Int { whole.count + remnants.count }

  /// How many are kept with all of their state.
  public var wholeCount: Int { whole.count }

  /// Every one, in no order.
  public func visit(_ body: (UInt64, Entry) -> Void) {
    for (number, entry) in whole { body(number, entry) }
    for (number, remnant) in remnants { body(number, Self.entry(remnant, number)) }
  }

  /// `most`: how many that have ended stay whole; nil, all.
  mutating func fold(_ number: UInt64, _ event: D.Event, version: UInt64, keeping most: Int?) {
    if let remnant = remnants.removeValue(forKey: number) { whole[number] = Self.entry(remnant, number) }
    let hasEnded = Self.evolve(&whole[number, default: Entry(state: D.initial, version: 0)], number, event, version)
    guard hasEnded, let most else { return }
    ended.append(number)
    // Never the one that has just ended: its end is still to be reacted to.
    while ended.count > max(1, most), let first = ended.popFirst() { putAway(first) }
  }

  private static func evolve(_ entry: inout Entry, _ number: UInt64, _ event: D.Event, _ version: UInt64) -> Bool {
    D.evolve(&entry.state, event)
    entry.version = version
    return D.remains(of: entry.state, number) != nil
  }

  private mutating func putAway(_ number: UInt64) {
    guard let entry = whole[number], let version = UInt32(exactly: entry.version),
      let bits = D.remains(of: entry.state, number)
    else { return }
    whole[number] = nil
    remnants[number] = Remnant(version: version, bits: bits)
  }

  private static func entry(_ remnant: Remnant, _ number: UInt64) -> Entry {
    Entry(state: D.state(from: remnant.bits, number), version: UInt64(remnant.version))
  }
}

/// What is left of an entity that has ended.
struct Remnant: Sendable {
  var version: UInt32
  /// What `EngineEntity.remains` has made of its state.
  var bits: UInt32
}

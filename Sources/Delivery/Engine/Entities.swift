internal import Bytes
internal import DequeModule
public import EventSourcing

/// The entities of one kind that one task owns: those that live whole, and of those that have ended what is left.
///
/// Those that ended last stay whole for a little: whoever reacts to an end looks at what has ended. So many of them, and
/// not for so long: a burst that ends at once takes no more memory than a quiet evening.
public struct Entities<D: EngineEntity>: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
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

/// As they stand in a snapshot: by number, and of what is left of those that have ended a few bytes each, the number as
/// the step from the one before.
extension Entities: Coded where D.State: Coded {
  func encode(into writer: inout ByteWriter) {
    writer.writeUnsignedVarint(UInt32(whole.count))
    for (number, entry) in whole.sorted(by: { $0.key < $1.key }) {
      writer.write(fields: number, entry.version, entry.state)
    }
    writer.writeUnsignedVarint(UInt32(remnants.count))
    var last: UInt64 = 0
    for (number, remnant) in remnants.sorted(by: { $0.key < $1.key }) {
      writer.writeNumber(number &- last)
      writer.writeUnsignedVarint(remnant.version)
      writer.writeUnsignedVarint(remnant.bits)
      last = number
    }
    Array(ended).encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(SchemaError) {
    for _ in 0..<(try reader.readListCount(itemSize: 3)) {
      let (number, version): (UInt64, UInt64) = (try reader.read(), try reader.read())
      whole[number] = Entry(state: try reader.read(), version: version)
    }
    let count = try reader.readListCount(itemSize: 3)
    remnants.reserveCapacity(count)
    var last: UInt64 = 0
    for _ in 0..<count {
      last &+= try reader.readNumber()
      remnants[last] = try reading(&reader) { r throws(ByteError) in
        Remnant(version: try r.readUnsignedVarint(), bits: try r.readUnsignedVarint())
      }
    }
    ended = Deque(try [UInt64](from: &reader))
  }
}

/// What is left of an entity that has ended.
struct Remnant: Hashable, Sendable {
  var version: UInt32
  /// What `EngineEntity.remains` has made of its state.
  var bits: UInt32
}

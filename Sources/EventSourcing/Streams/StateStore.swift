public import Clockwork

/// What a topology remembers by key, and what of it has changed since its last commit.
///
/// Keys and values are bytes, as in the changelog that a store is restored from. A value: keeping a snapshot of one is
/// an assignment. Nothing here depends on the order of a hash table: changes come in the order in which they were made,
/// contents in the order of their keys.
public struct StateStore: Sendable {
  /// One line of the changelog; no value means that the key is gone (a tombstone).
  public struct Change: Hashable, Sendable {
    public var key: [UInt8]
    public var value: [UInt8]?

    public init(key: [UInt8], value: [UInt8]?) {
      self.key = key
      self.value = value
    }
  }

  struct Entry: Sendable {
    var key: [UInt8]
    var value: [UInt8]
    var hash: UInt64
    var isLive: Bool
    var isDirty: Bool
  }

  public let name: String
  /// Present in stores of windows: of the latest record that the store has seen.
  public internal(set) var streamTime = Instant(nanoseconds: .min)
  /// How many keys have a value.
  public private(set) var count = 0

  private(set) var entries: [Entry] = []
  private var table: SlotTable
  /// Slots of keys that are gone and whose tombstones have been written.
  private var vacant: [Int32] = []
  private var dirty: [Int32] = []

  init(name: String) {
    self.name = name
    table = SlotTable()
  }

  // MARK: Reading

  public func value(of key: [UInt8]) -> [UInt8]? {
    let slot = find(key, SlotTable.hash(key))
    return slot >= 0 && entries[slot].isLive ? entries[slot].value : nil
  }

  /// Everything, in the order of the keys' bytes.
  public var contents: [Change] {
    entries.filter(\.isLive).map { Change(key: $0.key, value: $0.value) }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
  }

  public func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(streamTime.nanoseconds)
    for change in contents {
      for byte in change.key { hasher.combine(UInt64(byte)) }
      for byte in change.value ?? [] { hasher.combine(UInt64(byte)) }
      hasher.combine(change.key.count)
    }
  }

  // MARK: Writing

  mutating func set(_ key: [UInt8], _ value: [UInt8]?) {
    guard let value else { return remove(key) }
    let slot = claim(key)
    entries[slot].value = value
  }

  /// The slot of a key, made live with an empty value when it was not; its value is for the caller to change in place.
  mutating func claim(_ key: [UInt8]) -> Int {
    let hash = SlotTable.hash(key)
    var slot = find(key, hash)
    if slot < 0 {
      let entry = Entry(key: key, value: [], hash: hash, isLive: false, isDirty: false)
      if let free = vacant.popLast() {
        slot = Int(free)
        entries[slot] = entry
      } else {
        slot = entries.count
        entries.append(entry)
      }
      table.insert(slot, hash) { [entries] in entries[$0].hash }
    }
    if !entries[slot].isLive {
      entries[slot].isLive = true
      count += 1
    }
    soil(slot)
    return slot
  }

  /// Changes the value in a slot in place, without copying what is not shared.
  mutating func change<Result>(_ slot: Int, _ body: (inout [UInt8]) -> Result) -> Result { body(&entries[slot].value) }

  /// Whether the key has a value.
  func isLive(_ key: [UInt8]) -> Bool {
    let slot = find(key, SlotTable.hash(key))
    return slot >= 0 && entries[slot].isLive
  }

  mutating func remove(_ key: [UInt8]) {
    let slot = find(key, SlotTable.hash(key))
    guard slot >= 0, entries[slot].isLive else { return }
    entries[slot].isLive = false
    entries[slot].value = []
    count -= 1
    soil(slot)
  }

  private mutating func soil(_ slot: Int) {
    guard !entries[slot].isDirty else { return }
    entries[slot].isDirty = true
    dirty.append(Int32(slot))
  }

  /// What changed since this was last asked, one line a key, in the order of the first change of each.
  mutating func takeChanges() -> [Change] {
    var changes: [Change] = []
    changes.reserveCapacity(dirty.count)
    for slot in dirty.map(Int.init) {
      entries[slot].isDirty = false
      let entry = entries[slot]
      changes.append(Change(key: entry.key, value: entry.isLive ? entry.value : nil))
      if !entry.isLive { release(slot) }
    }
    dirty.removeAll(keepingCapacity: true)
    return changes
  }

  /// Takes over a line of the changelog, which is then no change of this store's own.
  mutating func restore(_ change: Change) {
    set(change.key, change.value)
    let slot = find(change.key, SlotTable.hash(change.key))
    guard slot >= 0, entries[slot].isDirty else { return }
    entries[slot].isDirty = false
    if dirty.last == Int32(slot) { dirty.removeLast() } else { dirty.removeAll { $0 == Int32(slot) } }
    if !entries[slot].isLive { release(slot) }
  }

  private mutating func release(_ slot: Int) {
    table.remove(slot, entries[slot].hash)
    entries[slot].key = []
    vacant.append(Int32(slot))
  }

  private func find(_ key: [UInt8], _ hash: UInt64) -> Int {
    table.find(hash) { entries[$0].hash == hash && entries[$0].key == key }
  }
}

/// From a key's hash to the slot of its entry: open addressing, linear probing.
///
/// Not a `Dictionary`: Swift's hashes a byte array byte by byte under a seed of the process, at five times the price.
struct SlotTable: Sendable {
  private static let empty: Int32 = -1
  private static let removed: Int32 = -2

  private var slots: [Int32]
  private var used = 0
  private var live = 0

  init() { slots = Array(repeating: Self.empty, count: 16) }

  /// The slot that `matches`, or -1.
  @inline(__always)
  func find(_ hash: UInt64, _ matches: (Int) -> Bool) -> Int {
    let mask = slots.count - 1
    var at = Int(truncatingIfNeeded: hash) & mask
    while slots[at] != Self.empty {
      if slots[at] >= 0, matches(Int(slots[at])) { return Int(slots[at]) }
      at = (at + 1) & mask
    }
    return -1
  }

  /// Adds a slot that is not there yet. `hashOf` is asked for the others' hashes when the table grows.
  mutating func insert(_ slot: Int, _ hash: UInt64, _ hashOf: (Int) -> UInt64) {
    if (used + 1) * 4 > slots.count * 3 { rebuild(hashOf) }
    if place(slot, hash) == Self.empty { used += 1 }
    live += 1
  }

  mutating func remove(_ slot: Int, _ hash: UInt64) {
    let mask = slots.count - 1
    var at = Int(truncatingIfNeeded: hash) & mask
    while slots[at] != Self.empty {
      if slots[at] == Int32(slot) {
        slots[at] = Self.removed
        live -= 1
        return
      }
      at = (at + 1) & mask
    }
  }

  private mutating func place(_ slot: Int, _ hash: UInt64) -> Int32 {
    let mask = slots.count - 1
    var at = Int(truncatingIfNeeded: hash) & mask
    while slots[at] >= 0 { at = (at + 1) & mask }
    defer { slots[at] = Int32(slot) }
    return slots[at]
  }

  private mutating func rebuild(_ hashOf: (Int) -> UInt64) {
    let old = slots
    var size = 16
    while size < (live + 1) * 2 { size *= 2 }
    slots = Array(repeating: Self.empty, count: size)
    for slot in old where slot >= 0 { _ = place(Int(slot), hashOf(Int(slot))) }
    used = live
  }

  /// Eight bytes at a time, multiplied and folded; the same in every process.
  static func hash(_ key: [UInt8]) -> UInt64 {
    key.withUnsafeBytes { bytes in
      var hash = UInt64(bytes.count) &* 0x9E37_79B9_7F4A_7C15
      var at = 0
      while at + 8 <= bytes.count {
        hash = fold(hash ^ bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
        at += 8
      }
      var rest: UInt64 = 0
      while at < bytes.count {
        rest = rest << 8 | UInt64(bytes[at])
        at += 1
      }
      return fold(hash ^ rest)
    }
  }

  @inline(__always)
  private static func fold(_ word: UInt64) -> UInt64 {
    let (high, low) = (word ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
    return high ^ low
  }
}

internal import CPrefetch

/// The fingerprints of the states seen so far: open addressing, eight bytes a slot, and four more for the states' numbers
/// where somebody asks for them.
///
/// 64 bits: among n states the chance that any two share a fingerprint, and one of them is missed, is about n² / 2⁶⁵
/// (a ten-thousandth for sixty million).
struct StateTable: Sendable {
  private var keys: [UInt64]
  /// Empty when no numbers are kept.
  private var numbers: [UInt32]
  private(set) var count = 0

  init(keepsNumbers: Bool) {
    keys = Array(repeating: 0, count: 1 << 14)
    numbers = Array(repeating: 0, count: keepsNumbers ? keys.count : 0)
  }

  var bytes: Int { keys.count * 8 + numbers.count * 4 }

  /// The next insertion has to make the table larger: to this many bytes, the old one beside the new one for a while.
  var bytesToGrow: Int? { isFull ? bytes * 3 : nil }

  private var isFull: Bool { (count + 1) * 10 > keys.count * 7 }

  /// Has the memory fetch where this fingerprint belongs: several of these at once cost little more than one.
  @inline(__always)
  func prefetch(_ print: UInt64) {
    let slot = Int(truncatingIfNeeded: print >> 20) & (keys.count - 1)
    keys.withUnsafeBufferPointer { baedal_prefetch($0.baseAddress! + slot) }
    if !numbers.isEmpty { numbers.withUnsafeBufferPointer { baedal_prefetch($0.baseAddress! + slot) } }
  }

  /// Nil when the state with this fingerprint is new, and has this number now. Otherwise the one that it has; 0 where no
  /// numbers are kept.
  @inline(__always)
  mutating func insert(_ print: UInt64, number: UInt32) -> UInt32? {
    if isFull { grow() }
    let key = print == 0 ? 1 : print
    let mask = keys.count - 1
    var slot = Int(truncatingIfNeeded: key >> 20) & mask
    while true {
      let found = keys[slot]
      if found == key { return numbers.isEmpty ? 0 : numbers[slot] }
      if found == 0 { break }
      slot = (slot + 1) & mask
    }
    keys[slot] = key
    if !numbers.isEmpty { numbers[slot] = number }
    count += 1
    return nil
  }

  private mutating func grow() {
    let (oldKeys, oldNumbers) = (keys, numbers)
    keys = Array(repeating: 0, count: oldKeys.count * 2)
    numbers = Array(repeating: 0, count: oldNumbers.count * 2)
    let mask = keys.count - 1
    for index in oldKeys.indices where oldKeys[index] != 0 {
      var slot = Int(truncatingIfNeeded: oldKeys[index] >> 20) & mask
      while keys[slot] != 0 { slot = (slot + 1) & mask }
      keys[slot] = oldKeys[index]
      if !numbers.isEmpty { numbers[slot] = oldNumbers[index] }
    }
  }
}

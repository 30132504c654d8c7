/// The fingerprints of the states seen so far, each with its number: open addressing, twelve bytes a slot.
///
/// 64 bits: among n states the chance that any two share a fingerprint, and one of them is missed, is about n² / 2⁶⁵
/// (a ten-thousandth for sixty million).
struct StateTable: Sendable {
  private var keys: [UInt64]
  private var numbers: [UInt32]
  private(set) var count = 0
  private var fetched: UInt64 = 0

  init() {
    keys = Array(repeating: 0, count: 1 << 14)
    numbers = Array(repeating: 0, count: 1 << 14)
  }

  var bytes: Int { keys.count * 12 }

  /// The next insertion has to make the table larger: to this many bytes, the old one beside the new one for a while.
  var bytesToGrow: Int? { (count + 1) * 10 > keys.count * 7 ? keys.count * 36 : nil }

  /// Has the memory fetch where this fingerprint belongs. Nobody needs the answer: it only keeps the look from being left
  /// out.
  @inline(__always)
  mutating func fetch(_ print: UInt64) {
    fetched ^= keys[Int(truncatingIfNeeded: print >> 20) & (keys.count - 1)]
  }

  /// The number of the state with this fingerprint; `number` when it is new.
  @inline(__always)
  mutating func insert(_ print: UInt64, number: UInt32) -> (number: UInt32, isNew: Bool) {
    if (count + 1) * 10 > keys.count * 7 { grow() }
    let key = print == 0 ? 1 : print
    let mask = keys.count - 1
    var slot = Int(truncatingIfNeeded: key >> 20) & mask
    while true {
      let found = keys[slot]
      if found == key { return (numbers[slot], false) }
      if found == 0 { break }
      slot = (slot + 1) & mask
    }
    keys[slot] = key
    numbers[slot] = number
    count += 1
    return (number, true)
  }

  private mutating func grow() {
    let (oldKeys, oldNumbers) = (keys, numbers)
    keys = Array(repeating: 0, count: oldKeys.count * 2)
    numbers = Array(repeating: 0, count: oldKeys.count * 2)
    let mask = keys.count - 1
    for index in oldKeys.indices where oldKeys[index] != 0 {
      var slot = Int(truncatingIfNeeded: oldKeys[index] >> 20) & mask
      while keys[slot] != 0 { slot = (slot + 1) & mask }
      keys[slot] = oldKeys[index]
      numbers[slot] = oldNumbers[index]
    }
  }
}

/// A fingerprint of state that is the same in every process, build and machine.
///
/// Swift's `Hasher` is seeded afresh in every process, so it cannot name a state in a pinned test or a replay. This is
/// FNV-1a over 64-bit words with a final avalanche: not cryptographic; collisions are 2^-64 per pair.
public struct StateHasher: Sendable {
  @usableFromInline var state: UInt64 = 0xcbf2_9ce4_8422_2325

  @inlinable public init() {}

  @inlinable public mutating func combine(_ word: UInt64) {
    state = (state ^ word) &* 0x0000_0100_0000_01B3
    state ^= state >> 29
  }

  @inlinable public mutating func combine(_ word: Int64) { combine(UInt64(bitPattern: word)) }
  @inlinable public mutating func combine(_ word: Int32) { combine(UInt64(UInt32(bitPattern: word))) }
  @inlinable public mutating func combine(_ word: Int) { combine(UInt64(bitPattern: Int64(word))) }
  @inlinable public mutating func combine(_ flag: Bool) { combine(flag ? 1 as UInt64 : 0) }

  @inlinable public mutating func combine(_ text: String) {
    for byte in text.utf8 { combine(UInt64(byte)) }
    combine(UInt64(text.utf8.count))
  }

  @inlinable public func finalize() -> UInt64 {
    var z = state
    z = (z ^ (z >> 33)) &* 0xff51_afd7_ed55_8ccd
    z = (z ^ (z >> 33)) &* 0xc4ce_b9fe_1a85_ec53
    return z ^ (z >> 33)
  }
}

/// The world's only source of chance: SplitMix64, one word of state, the same on every machine.
///
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014).
public struct Dice: Hashable, Sendable {
  public var state: UInt64

  @inlinable public init(seed: UInt64) { state = seed }

  @inlinable public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number in `0 ..< bound`; 0 when `bound` is 0 or 1, without using up a throw.
  @inlinable public mutating func roll(_ bound: UInt64) -> UInt64 {
    bound < 2 ? 0 : next().multipliedFullWidth(by: bound).high
  }

  /// True `perMille` times in a thousand. Never throws when the answer is certain.
  @inlinable public mutating func chance(perMille: Int) -> Bool {
    perMille > 0 && (perMille >= 1000 || roll(1000) < UInt64(perMille))
  }

  /// A generator of its own for a part of the world, so that a part's use of chance does not disturb the rest.
  public mutating func split() -> Dice { Dice(seed: next()) }
}

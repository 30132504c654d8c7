/// Where a node's nondeterminism comes from: dice in a simulated run, a script in a replay or an exhaustive search.
///
/// A script's choices are consumed first; beyond its end every choice is 0. Shrinking a failing run moves the script's
/// entries toward 0.
public struct Choices: Hashable, Sendable {
  @usableFromInline enum Source: Hashable, Sendable {
    case dice(Dice)
    case script([UInt32], next: Int)
  }

  @usableFromInline var source: Source

  @inlinable public init(seed: UInt64) { source = .dice(Dice(seed: seed)) }

  /// Plays back recorded choices, then zeros.
  @inlinable public init(script: [UInt32]) { source = .script(script, next: 0) }

  /// A number in `0 ..< bound`; 0 when there is nothing to choose. A scripted entry out of range is reduced into it.
  @inlinable public mutating func choose(_ bound: Int) -> Int {
    guard bound > 1 else { return 0 }
    switch source {
    case .dice(var dice):
      let rolled = dice.roll(UInt64(bound))
      source = .dice(dice)
      return Int(rolled)
    case .script(let script, let next):
      guard next < script.count else { return 0 }
      source = .script(script, next: next + 1)
      return Int(script[next]) % bound
    }
  }
}

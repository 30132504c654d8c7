/// Where a node's nondeterminism comes from: dice in a simulated run, a script in a replay or an exhaustive search.
///
/// A script's choices are consumed first; beyond its end every choice is 0. Shrinking a failing run moves the script's
/// entries toward 0.
public struct Choices: Hashable, Sendable {
  @usableFromInline enum Source: Hashable, Sendable {
    case dice(Dice)
    case script([UInt32], next: Int)
    /// A script that remembers how many ways there were at each choice.
    case odometer([UInt32], next: Int, bounds: [UInt32])
  }

  @usableFromInline var source: Source

  @inlinable public init(seed: UInt64) { source = .dice(Dice(seed: seed)) }

  /// Plays back recorded choices, then zeros.
  @inlinable public init(script: [UInt32]) { source = .script(script, next: 0) }

  /// As a script, and afterwards `nextScript` is the one to try next.
  public init(exploring script: [UInt32]) { source = .odometer(script, next: 0, bounds: []) }

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
    case .odometer: return explore(bound)
    }
  }
}

// MARK: - Trying everything

extension Choices {
  /// A choice among more than this many is taken for a name that is drawn (an incarnation, a first number), not for a
  /// decision: a search takes 0 and does not come back to it.
  public static let mostExplored = 64

  @usableFromInline mutating func explore(_ bound: Int) -> Int {
    guard bound <= Self.mostExplored, case .odometer(let script, let next, var bounds) = source else { return 0 }
    bounds.append(UInt32(bound))
    source = .odometer(script, next: next + 1, bounds: bounds)
    return next < script.count ? Int(script[next]) % bound : 0
  }

  /// What was chosen so far, zeros beyond the script's end included.
  public var explored: [UInt32] {
    guard case .odometer(let script, _, let bounds) = source else { return [] }
    return bounds.enumerated().map { place, bound in place < script.count ? script[place] % bound : 0 }
  }

  /// The script after this one, as an odometer counts: the last choice that has another way takes it, and what came
  /// after begins anew. Nil when every combination has been tried.
  public var nextScript: [UInt32]? {
    guard case .odometer(_, _, let bounds) = source else { return nil }
    var digits = explored
    while let last = digits.popLast() {
      if last + 1 < bounds[digits.count] { return digits + [last + 1] }
    }
    return nil
  }
}

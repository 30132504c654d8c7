/// Names one distributed transaction. Chosen by whoever begins it and never used twice: a coordinator that forgot an
/// aborted transaction (presumed abort) could not tell a second use from the first.
public struct TransactionID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var rawValue: UInt32

  @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }

  @inlinable public static func < (a: TransactionID, b: TransactionID) -> Bool { a.rawValue < b.rawValue }

  public var description: String { "t\(rawValue)" }
}

/// What a transaction comes to.
public enum Outcome: UInt8, Hashable, Sendable, CustomStringConvertible {
  case abort = 0
  case commit = 1

  public var description: String { self == .commit ? "commit" : "abort" }
}

/// What a participant answers when it is asked to commit. After a yes it may not abort by itself any more.
public enum Vote: UInt8, Hashable, Sendable, CustomStringConvertible {
  case no = 0
  case yes = 1

  public var description: String { self == .yes ? "yes" : "no" }
}

/// Which attempt at a decision this is: the original coordinator's is 0, those who take over use higher ones.
///
/// In three-phase commit ballot `k` belongs to the `k`th candidate of the election, in quorum three-phase commit and in
/// Paxos Commit to one of several rounds of it.
public struct Ballot: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var rawValue: UInt16

  @inlinable public init(_ rawValue: UInt16) { self.rawValue = rawValue }

  /// The coordinator's own.
  public static let first = Ballot(0)

  @inlinable public static func < (a: Ballot, b: Ballot) -> Bool { a.rawValue < b.rawValue }

  public var description: String { String(rawValue) }
}

/// A decision that was attempted in a ballot, and may or may not have been made.
public struct Attempt: Hashable, Sendable {
  public var ballot: Ballot
  public var outcome: Outcome

  public init(_ ballot: Ballot, _ outcome: Outcome) {
    self.ballot = ballot
    self.outcome = outcome
  }
}

/// A set of participants (or of acceptors), each by its place in the roster. One word: no allocation, one order.
public struct Members: Hashable, Sendable {
  public var bits: UInt32

  @inlinable public init(bits: UInt32 = 0) { self.bits = bits }

  /// The first `count` places, at most 32.
  @inlinable public init(first count: Int) { bits = count >= 32 ? .max : count > 0 ? (1 << UInt32(count)) - 1 : 0 }

  public static let none = Members()
  public static let most = 32

  @inlinable public var count: Int { bits.nonzeroBitCount }
  @inlinable public var isEmpty: Bool { bits == 0 }
  @inlinable public func contains(_ place: Int) -> Bool { bits & (1 << UInt32(place)) != 0 }
  @inlinable public func contains(all other: Members) -> Bool { other.bits & ~bits == 0 }
  @inlinable public mutating func insert(_ place: Int) { bits |= 1 << UInt32(place) }
  @inlinable public mutating func remove(_ place: Int) { bits &= ~(1 << UInt32(place)) }
  @inlinable public func without(_ other: Members) -> Members { Members(bits: bits & ~other.bits) }
  @inlinable public func union(_ other: Members) -> Members { Members(bits: bits | other.bits) }
  /// More than half of this set lies in `other`.
  @inlinable public func hasMajority(in other: Members) -> Bool {
    (bits & other.bits).nonzeroBitCount * 2 > count
  }
}

extension Members: Sequence {
  /// The places, lowest first.
  public struct Iterator: IteratorProtocol {
    @usableFromInline var rest: UInt32
    @inlinable init(_ bits: UInt32) { rest = bits }
    @inlinable public mutating func next() -> Int? {
      guard rest != 0 else { return nil }
      let place = rest.trailingZeroBitCount
      rest &= rest - 1
      return place
    }
  }

  @inlinable public func makeIterator() -> Iterator { Iterator(bits) }
}

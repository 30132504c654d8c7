/// A record's place in a partition's log, counted from 0.
public struct Offset: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var rawValue: Int64

  @inlinable public init(_ rawValue: Int64) { self.rawValue = rawValue }

  public static let zero = Offset(0)

  @inlinable public static func < (a: Offset, b: Offset) -> Bool { a.rawValue < b.rawValue }
  @inlinable public static func + (offset: Offset, n: Int64) -> Offset { Offset(offset.rawValue + n) }
  @inlinable public static func - (a: Offset, b: Offset) -> Int64 { a.rawValue - b.rawValue }

  public var description: String { String(rawValue) }
}

/// The reign of one partition leader. A higher epoch fences every lower one (KIP-101).
public struct LeaderEpoch: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var rawValue: Int32

  @inlinable public init(_ rawValue: Int32) { self.rawValue = rawValue }

  @inlinable public static func < (a: LeaderEpoch, b: LeaderEpoch) -> Bool { a.rawValue < b.rawValue }

  public var next: LeaderEpoch { LeaderEpoch(rawValue + 1) }
  public var description: String { String(rawValue) }
}

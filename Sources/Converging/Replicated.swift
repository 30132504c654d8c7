/// A copy of something that every region may change at once, without asking the others.
///
/// A change made at one copy goes to the others as a message. Networks deliver messages late, in any order, and
/// sometimes twice; the copies are good if they show the same once each has heard all.
public protocol Replicated: Hashable, Sendable {
  associatedtype Change: Hashable, Sendable
  associatedtype Message: Hashable, Sendable
  associatedtype View: Hashable, Sendable

  /// The copy in the region with this number.
  init(region: Int)
  /// Makes a change here, at once. `clock` is what this region's clock shows. What to tell the others.
  mutating func change(_ change: Change, clock: Int) -> Message
  /// Hears of a change made elsewhere.
  mutating func hear(_ message: Message)
  /// What a user in this region sees.
  var view: View { get }
}

/// When a change was made, and where: regions whose clocks show the same are told apart by their number.
public struct Stamp: Hashable, Comparable, Sendable {
  public var time: Int
  public var region: Int

  public init(_ time: Int, _ region: Int) { (self.time, self.region) = (time, region) }
  public static func < (a: Self, b: Self) -> Bool { (a.time, a.region) < (b.time, b.region) }
}

/// What can be done to a cart.
public enum CartChange: Hashable, Sendable {
  case add(String)
  case remove(String)
}

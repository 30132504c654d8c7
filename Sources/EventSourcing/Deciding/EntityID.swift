/// Names one entity: what kind of thing, and which.
///
/// Two numbers, not a text: it is hashed for every command and stands in every record. The kinds and their names belong
/// to the domain.
public struct EntityID: Hashable, Comparable, Sendable {
  public var kind: UInt8
  public var number: UInt64

  @inlinable public init(kind: UInt8, number: UInt64) {
    self.kind = kind
    self.number = number
  }

  @inlinable public static func < (a: EntityID, b: EntityID) -> Bool { (a.kind, a.number) < (b.kind, b.number) }
}

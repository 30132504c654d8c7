/// Entities that stand still because something of theirs could not be handled, each with what came after, in order.
///
/// One poisoned record stops its entity and nobody else. Once the cause is mended the records are handled again from the
/// first (`replay`); or the first is given up and the rest goes on (`release`).
public struct Holds<Item: Sendable & Equatable>: Sendable, Equatable {
  public struct Hold: Sendable, Equatable {
    /// Why the first could not be handled.
    public var reason: String
    /// The poisoned one, and what came after it.
    public var items: [Item]
  }

  public enum Refusal: Error, Hashable, Sendable {
    /// So much waits behind one poisoned record that the partition itself must stop.
    case full(most: Int)
  }

  public static var most: Int { 1000 }

  public private(set) var held: [EntityID: Hold] = [:]

  public init() {}

  public var isEmpty: Bool { held.isEmpty }
  public var entities: [EntityID] { held.keys.sorted() }
  public func isHeld(_ entity: EntityID) -> Bool { held[entity] != nil }

  /// Holds the entity for this reason, or queues behind what it is held for.
  public mutating func hold(_ entity: EntityID, _ item: Item, because reason: String) throws(Refusal) {
    guard (held[entity]?.items.count ?? 0) < Self.most else { throw .full(most: Self.most) }
    held[entity, default: Hold(reason: reason, items: [])].items.append(item)
  }

  /// What waits, in order; the entity is free.
  public mutating func take(_ entity: EntityID) -> Hold? { held.removeValue(forKey: entity) }
}

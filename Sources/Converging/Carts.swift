/// A cart kept as one value, of which the newest wins: every change writes the whole cart anew.
///
/// It converges in any order and with duplicates, and loses data: of two carts changed at once one goes.
public struct LastWriterCart: Replicated {
  public struct Message: Hashable, Sendable {
    var dishes: [String]
    var stamp: Stamp
  }

  private let region: Int
  private var dishes: [String] = []
  private var stamp = Stamp(.min, 0)

  public init(region: Int) { self.region = region }

  public mutating func change(_ change: CartChange, clock: Int) -> Message {
    var changed = dishes.filter { change != .remove($0) && change != .add($0) }
    if case .add(let dish) = change { changed.append(dish) }
    let message = Message(dishes: changed.sorted(), stamp: Stamp(clock, region))
    // Its own clock may be behind what it has heard: then its own change loses at once.
    hear(message)
    return message
  }

  public mutating func hear(_ message: Message) {
    if message.stamp > stamp { (dishes, stamp) = (message.dishes, message.stamp) }
  }

  public var view: [String] { dishes }
}

/// The same, but its clock never shows less than anything that it has heard of (Lamport 1978): what comes after
/// something known wins over it. Of changes made at once one is still lost.
public struct LogicalClockCart: Replicated {
  private var cart: LastWriterCart
  private var clock = 0

  public init(region: Int) { cart = LastWriterCart(region: region) }

  public mutating func change(_ change: CartChange, clock: Int) -> LastWriterCart.Message {
    self.clock += 1
    return cart.change(change, clock: self.clock)
  }

  public mutating func hear(_ message: LastWriterCart.Message) {
    clock = max(clock, message.stamp.time)
    cart.hear(message)
  }

  public var view: [String] { cart.view }
}

/// An observed-remove set: each addition has a tag of its own, and a removal takes away the tags that its region has
/// seen. What is added at the same time elsewhere stays (Shapiro et al., "A comprehensive study of convergent and
/// commutative replicated data types", 2011, section 3.3.5; tombstones are kept, so that any order will do).
public struct ObservedRemoveCart: Replicated {
  public struct Tag: Hashable, Comparable, Sendable {
    var dish: String
    var stamp: Stamp
    public static func < (a: Self, b: Self) -> Bool { (a.dish, a.stamp) < (b.dish, b.stamp) }
  }

  public enum Message: Hashable, Sendable {
    case added(Tag)
    case removed([Tag])
  }

  private let region: Int
  private var count = 0
  private var added: Set<Tag> = []
  private var removed: Set<Tag> = []

  public init(region: Int) { self.region = region }

  public mutating func change(_ change: CartChange, clock: Int) -> Message {
    let message: Message
    switch change {
    case .add(let dish):
      count += 1
      message = .added(Tag(dish: dish, stamp: Stamp(count, region)))
    case .remove(let dish): message = .removed(added.subtracting(removed).filter { $0.dish == dish }.sorted())
    }
    hear(message)
    return message
  }

  public mutating func hear(_ message: Message) {
    switch message {
    case .added(let tag): added.insert(tag)
    case .removed(let tags): removed.formUnion(tags)
    }
  }

  public var view: [String] { Set(added.subtracting(removed).map(\.dish)).sorted() }
}

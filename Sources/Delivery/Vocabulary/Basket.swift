public import Clockwork

/// How many of what, for how much each.
public struct OrderLine: Hashable, Sendable {
  public var item: String
  public var count: UInt64
  /// In won.
  public var price: Int64

  public init(_ item: String, count: UInt64 = 1, price: Int64 = 9_000) {
    self.item = item
    self.count = count
    self.price = price
  }
}

/// How the customer pays, and how the bank behind it behaves: the bank is the one part of the world that is played.
public enum Card: UInt8, Hashable, Sendable, CaseIterable {
  case good = 1
  /// The bank says no.
  case declined
  /// The bank says nothing.
  case silent

  public var name: String {
    switch self {
    case .good: "good"
    case .declined: "declined"
    case .silent: "silent"
    }
  }
}

/// What a customer wants from one restaurant.
public struct Basket: Hashable, Sendable {
  public var customer: UInt64
  public var restaurant: UInt64
  public var pickup: Location
  public var dropoff: Location
  public var lines: [OrderLine]
  public var card: Card
  /// For the rider at the door. Came with the second version of the events; older ones read as none.
  public var wish: String

  public init(
    customer: UInt64, restaurant: UInt64, pickup: Location, dropoff: Location, lines: [OrderLine], card: Card = .good,
    wish: String = ""
  ) {
    self.customer = customer
    self.restaurant = restaurant
    self.pickup = pickup
    self.dropoff = dropoff
    self.lines = lines
    self.card = card
    self.wish = wish
  }

  public var amount: Int64 {
    lines.reduce(0) { sum, line in sum &+ Int64(clamping: line.count) &* line.price }
  }
}

/// A place where a delivery collects something.
public struct Stop: Hashable, Sendable {
  /// The ticket that is collected there.
  public var ticket: EntityNumber
  public var restaurant: UInt64
  public var location: Location
  public var readyAt: Instant

  public init(ticket: EntityNumber, restaurant: UInt64, location: Location, readyAt: Instant) {
    self.ticket = ticket
    self.restaurant = restaurant
    self.location = location
    self.readyAt = readyAt
  }
}

/// The number of an entity whose kind goes without saying.
public typealias EntityNumber = UInt64

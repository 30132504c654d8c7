public import EventSourcing

/// What kinds of things have a name of their own.
public enum Kind: UInt8, CaseIterable, Sendable {
  case customer = 1
  case order
  case ticket
  case payment
  case rider
  /// A delivery, from the kitchen's door to the customer's.
  case delivery
  case zone
  case party
  case restaurant

  public var name: String {
    switch self {
    case .customer: "customer"
    case .order: "order"
    case .ticket: "ticket"
    case .payment: "payment"
    case .rider: "rider"
    case .delivery: "delivery"
    case .zone: "zone"
    case .party: "party"
    case .restaurant: "restaurant"
    }
  }
}

extension EntityID {
  public init(_ kind: Kind, _ number: UInt64) { self.init(kind: kind.rawValue, number: number) }

  public static func customer(_ number: UInt64) -> EntityID { EntityID(.customer, number) }
  public static func order(_ number: UInt64) -> EntityID { EntityID(.order, number) }
  public static func rider(_ number: UInt64) -> EntityID { EntityID(.rider, number) }
  public static func party(_ number: UInt64) -> EntityID { EntityID(.party, number) }
  public static func restaurant(_ number: UInt64) -> EntityID { EntityID(.restaurant, number) }
  public static func zone(_ zone: Zone) -> EntityID { EntityID(.zone, zone.hash.bits) }

  public var known: Kind? { Kind(rawValue: kind) }

  // What belongs to an order or a party is named after it, so that nobody must ask for a name: the lowest bit says
  // which of the two, and of tickets the next seven which line.

  /// The kitchen's part of an order (its only line, 0) or of a party.
  public static func ticket(of owner: EntityID, line: UInt8 = 0) -> EntityID {
    EntityID(.ticket, owner.number << 8 | UInt64(line & 0x7f) << 1 | (owner.known == .party ? 1 : 0))
  }

  public static func payment(of owner: EntityID) -> EntityID { EntityID(.payment, owner.ownerBits) }
  public static func delivery(of owner: EntityID) -> EntityID { EntityID(.delivery, owner.ownerBits) }

  private var ownerBits: UInt64 { number << 1 | (known == .party ? 1 : 0) }

  /// The order or party to which a ticket, a payment or a delivery belongs; itself for anything else.
  public var owner: EntityID {
    switch known {
    case .ticket: EntityID(number & 1 == 1 ? .party : .order, number >> 8)
    case .payment, .delivery: EntityID(number & 1 == 1 ? .party : .order, number >> 1)
    default: self
    }
  }

  /// Which line of its owner a ticket is.
  public var line: UInt8 { known == .ticket ? UInt8(number >> 1 & 0x7f) : 0 }

  /// `order 9`, `delivery of order 9`, `ticket 2 of party 4`, `zone wydm6`.
  public var name: String {
    switch known {
    case .ticket where owner.known == .order: "ticket of \(owner.name)"
    case .ticket: "ticket \(line) of \(owner.name)"
    case .payment, .delivery: "\(known?.name ?? "?") of \(owner.name)"
    case .zone: "zone \(Zone(bits: number))"
    case .some(let kind): "\(kind.name) \(number)"
    case nil: "entity \(kind)-\(number)"
    }
  }

  /// The key of its records: what has one key keeps its order.
  public var key: [UInt8] {
    known == .zone ? Array("zone-\(Zone(bits: number))".utf8) : Array("\(known?.name ?? String(kind))-\(number)".utf8)
  }
}

import Clockwork
import Delivery

extension Fault {
  /// The same fault where the log is: whatever strikes a machine strikes everything that runs on it, and between what
  /// runs on one machine there is no network.
  var onTheLog: [Fault] {
    switch self {
    case .crash(let id): id.residents.map { .crash($0) }
    case .losePower(let id): id.residents.map { .losePower($0) }
    case .restart(let id): id.residents.map { .restart($0) }
    case .pause(let id): id.residents.map { .pause($0) }
    case .resume(let id): id.residents.map { .resume($0) }
    case .cut(let links): [.cut(links.flatMap(\.onTheLog))]
    case .heal(let links): [.heal(links.flatMap(\.onTheLog))]
    case .latency(let latency, let links): [.latency(latency, on: links.onTheLog)]
    case .loss(let perMille, let links): [.loss(perMille: perMille, on: links.onTheLog)]
    case .duplication(let perMille, let links): [.duplication(perMille: perMille, on: links.onTheLog)]
    case .reordering(let on, let links): [.reordering(on, on: links.onTheLog)]
    case .skew(let id, let offset, let drift): id.residents.map { .skew($0, offset: offset, driftPPM: drift) }
    case .fsync(let latency, let id): id.map { $0.residents.map { .fsync(latency, on: $0) } } ?? [self]
    case .healAll, .calm: [self]
    }
  }
}

extension NodeID {
  /// What runs on a machine: brokers on the first three, engines on the last two; a device is itself.
  fileprivate var residents: [NodeID] {
    switch rawValue {
    case 3: [self, .engine(2)]
    case 4: [.engine(1)]
    default: [self]
    }
  }
}

extension Link {
  fileprivate var onTheLog: [Link] { from.residents.flatMap { from in to.residents.map { Link(from, $0) } } }
}

extension LinkSelection {
  fileprivate var onTheLog: LinkSelection {
    if case .only(let links) = self { .only(links.flatMap(\.onTheLog)) } else { .all }
  }
}

extension OrderFacts.Standing {
  init(_ phase: Order.Phase) {
    switch phase {
    case .unknown: self = .unknown
    case .placed, .paid, .cancelling: self = .open
    case .accepted, .cooking, .ready, .pickedUp: self = .confirmed
    case .delivered: self = .delivered
    case .cancelled, .rejected: self = .cancelled
    }
  }
}

extension OrderFacts.Money {
  init(_ phase: Payment.Phase) {
    switch phase {
    case .none, .requested: self = .none
    case .authorised: self = .held
    case .captured: self = .taken
    case .refunded, .declined, .voided: self = .givenBack
    }
  }
}

extension OrderFacts.Food {
  init(_ phase: KitchenTicket.Phase) {
    switch phase {
    case .unknown: self = .none
    case .proposed, .accepted, .cooking: self = .cooking
    case .ready, .handedOver: self = .cooked
    case .refused, .voided: self = .thrownAway
    }
  }
}

extension OrderFacts.Ride {
  /// `isTaken`: a rider still has it in hand, whatever the delivery itself says.
  init(_ phase: Trip.Phase, isTaken: Bool) {
    switch phase {
    case .unknown, .searching: self = isTaken ? .reserved : .none
    case .assigned: self = .reserved
    case .carrying: self = .riding
    case .delivered: self = isTaken ? .riding : .arrived
    case .aborted: self = isTaken ? .reserved : .released
    }
  }
}

public import Clockwork

/// An order of the comparison's workload: the same for every system that is compared.
public struct ShopOrder: Hashable, Sendable {
  public var number: UInt64
  public var at: Instant
  public var restaurant: UInt64
  public var amount: Int64
  /// How long the kitchen takes from accepting, and the rider from collecting.
  public var cooking: Interval
  public var riding: Interval
  /// When the customer changes her mind, if she does.
  public var cancelsAfter: Interval?

  public init(
    number: UInt64, at: Instant, restaurant: UInt64, amount: Int64, cooking: Interval, riding: Interval,
    cancelsAfter: Interval?
  ) {
    self.number = number
    self.at = at
    self.restaurant = restaurant
    self.amount = amount
    self.cooking = cooking
    self.riding = riding
    self.cancelsAfter = cancelsAfter
  }
}

/// How far an order is, as devices show it.
public enum ShopStatus: UInt8, Hashable, Sendable, CaseIterable {
  case placed, confirmed, ready, carried, delivered, cancelled

  /// Nothing comes after it.
  public var isFinal: Bool { self == .delivered || self == .cancelled }
}

/// What one service asks of another. Every one may be asked again: it is done once for each order.
public enum ShopCall: UInt8, Hashable, Sendable, CaseIterable {
  case authorise, capture, voidPayment
  case accept, voidTicket
  case assign, collect, release
  /// Back to the order service: the food is ready, is under way, is there.
  case tellReady, tellCarried, tellDelivered

  /// Who does it.
  public var service: NodeID {
    switch self {
    case .authorise, .capture, .voidPayment: .payments
    case .accept, .voidTicket: .kitchens
    case .assign, .collect, .release: .dispatch
    case .tellReady, .tellCarried, .tellDelivered: .orders
    }
  }

  /// What undoes it.
  var undoing: ShopCall? {
    switch self {
    case .authorise: .voidPayment
    case .accept: .voidTicket
    case .assign: .release
    default: nil
    }
  }
}

extension NodeID {
  public static let orders = NodeID(1)
  public static let payments = NodeID(2)
  public static let kitchens = NodeID(3)
  public static let dispatch = NodeID(4)
  /// The customers' phones, the restaurants' tablets and the riders' phones: a node each.
  public static let customers = NodeID.client(1)
  public static let tablets = NodeID.client(2)
  public static let riderPhones = NodeID.client(3)

  public static let shopDevices: [NodeID] = [.customers, .tablets, .riderPhones]
}

/// A status, and since when it is so.
public struct ShopNews: Hashable, Sendable {
  public var order: UInt64
  public var status: ShopStatus
  public var since: Instant

  public init(order: UInt64, status: ShopStatus, since: Instant) {
    self.order = order
    self.status = status
    self.since = since
  }
}

/// What is said in the world of services without a log.
public enum ShopMessage: Hashable, Sendable, Narratable {
  /// The customers' own alarm: time to place or to cancel.
  case place(ShopOrder)
  case cancel(UInt64)
  /// `accepted` nil: it is being worked on.
  case answer(UInt64, accepted: Bool?)
  /// `since`: when what it tells of happened.
  case call(ShopCall, ShopOrder, try: Int, since: Instant)
  case done(ShopCall, UInt64, ok: Bool)
  case push(ShopNews)
  /// What has changed since that version?
  case poll(since: UInt64)
  case changes([ShopNews], through: UInt64)

  public var summary: String {
    switch self {
    case .place(let order): "place \(order.number)"
    case .cancel(let order): "cancel \(order)"
    case .answer(let order, let accepted): "\(order) \(accepted.map { $0 ? "accepted" : "refused" } ?? "pending")"
    case .call(let call, let order, let attempt, _):
      "\(call) \(order.number)\(attempt > 0 ? " (try \(attempt + 1))" : "")"
    case .done(let call, let order, let ok): "\(call) \(order) \(ok ? "done" : "refused")"
    case .push(let news): "\(news.order) is \(news.status)"
    case .poll(let since): "poll since \(since)"
    case .changes(let news, _): "\(news.count) changes"
    }
  }

  public var isRoutine: Bool {
    switch self {
    case .poll: true
    case .changes(let news, _): news.isEmpty
    default: false
    }
  }
}

public enum ShopTimer: Hashable, Sendable {
  /// No answer to this try of a call yet?
  case patience(ShopCall, UInt64, try: Int)
  case retry(ShopCall, UInt64, try: Int)
  case arrival(Int)
  case resend(UInt64, try: Int)
  case changesMind(UInt64)
  case cooked(UInt64)
  case arrived(UInt64)
  case poll
  case sweep
}

/// How much care went into services without a log.
public struct ShopCare: Hashable, Sendable {
  /// Tries of a remote call, the first among them.
  public var tries: Int
  /// Undoes what was done of an order that cannot be finished.
  public var compensates: Bool
  /// At its start, and every 20 seconds, the order service looks for orders that are stuck in the middle, and undoes them.
  public var sweeps: Bool

  public init(tries: Int, compensates: Bool, sweeps: Bool) {
    self.tries = max(1, tries)
    self.compensates = compensates
    self.sweeps = sweeps
  }

  /// Calls in a row, and hope.
  public static let bare = ShopCare(tries: 1, compensates: false, sweeps: false)
  /// What a careful team builds: idempotent calls tried five times with growing pauses, compensation, and a sweep.
  public static let careful = ShopCare(tries: 5, compensates: true, sweeps: true)

  /// How often the order service looks for stuck orders, and how old they must be.
  static let sweepEvery = Interval.seconds(20)
  static let stuckAfter = Interval.seconds(15)

  static let patience = Interval.milliseconds(400)

  /// How long to wait before a try: 0.2 s, then double each time.
  static func pause(before attempt: Int) -> Interval { .milliseconds(200 << Int64(min(6, max(0, attempt - 1)))) }
}

public import Clockwork
public import EventSourcing

/// One customer's order at several restaurants, brought by one rider, timed to when everything is ready.
public enum Party: Decider {
  /// What a customer may do about something that is not to be had.
  public enum Choice: UInt8, CaseIterable, Hashable, Sendable {
    /// What the kitchen offers instead.
    case substitute = 1
    /// Without the item; its price goes back.
    case drop
    /// Without that restaurant; its price goes back.
    case without

    public var name: String {
      switch self {
      case .substitute: "substitute"
      case .drop: "drop"
      case .without: "without"
      }
    }
  }

  public enum Phase: UInt8, Hashable, Sendable {
    /// Can become open.
    case unknown
    /// Baskets join. Can become locked, cancelled.
    case open
    /// Waits for the bank. Can become paid, rejected, cancelled.
    case locked
    /// Waits for every kitchen's word. Can become preparing, cancelled, rejected.
    case paid
    /// Can become carrying, cancelling.
    case preparing
    /// Everything is collected. Can become delivered.
    case carrying
    case delivered
    case cancelling
    case cancelled
    case rejected

    public var isOver: Bool { self == .delivered || self == .cancelled || self == .rejected }
  }

  public struct Line: Hashable, Sendable {
    public enum Phase: UInt8, Hashable, Sendable { case waiting, accepted, ready, collected, dropped }

    public var basket: Basket
    public var phase = Phase.waiting
    public var readyAt: Instant?
    /// What the customer is asked about: the item and what is offered instead.
    public var offer: Offer?
  }

  public struct Offer: Hashable, Sendable {
    /// Empty: the whole line, which its kitchen refused.
    public var item: String
    public var substitute: String
    public var deadline: Instant

    /// What counts as chosen when nobody chooses: what the kitchen offers, else without.
    var declared: Choice { substitute.isEmpty ? .drop : .substitute }
  }

  public struct State: Hashable, Sendable {
    public var phase = Phase.unknown
    public var customer: UInt64 = 0
    public var dropoff = Location(latitude: 0, longitude: 0)
    /// Where its delivery lives: the zone of the first line's restaurant when it was locked, whatever is added or left out
    /// later.
    public var home: Zone?
    /// By line number, in their order.
    public var lines: [UInt8: Line] = [:]
    public var card = Card.good
    public var rider: UInt64?
    public var isAllReady = false
    public var reason: RejectReason?
    public var isEscalated = false

    public init() {}

    /// The lines that are still wanted, in order.
    public var wanted: [(number: UInt8, line: Line)] {
      lines.filter { $0.value.phase != .dropped }.map { (number: $0.key, line: $0.value) }
        .sorted { $0.number < $1.number }
    }
    public var amount: Int64 { lines.values.reduce(0) { $0 + $1.basket.amount } }
  }

  public enum Rejection: Error, Hashable, Sendable {
    case unknown
    case exists
    case notOpen
    case empty
    case lineTaken(UInt8)
    case noSuchLine(UInt8)
    case nothingOffered(UInt8)
    case noSubstitute
    case tooLate
    case over(Phase)
  }

  /// A ticket's number has seven bits for its line.
  public static let mostLines = 10
  /// How long the customer may think about an offer.
  public static let offerTime = Interval.seconds(120)

  public static var initial: State { State() }

  public static func isTerminal(_ state: State) -> Bool { state.phase.isOver }

  public static func evolve(_ state: inout State, _ event: Event) {
    switch event {
    case .opened(let customer, let dropoff):
      (state.phase, state.customer, state.dropoff) = (.open, customer, dropoff)
    case .basketJoined(let number, let basket), .pickupAdded(let number, let basket):
      state.lines[number] = Line(basket: basket)
      state.isAllReady = false
    case .locked(let card):
      (state.phase, state.card) = (.locked, card)
      state.home = state.wanted.first.map { Zone(of: $0.line.basket.pickup) }
    case .paid: state.phase = .paid
    case .lineAccepted(let number, let readyAt):
      state.lines[number]?.phase = .accepted
      state.lines[number]?.readyAt = readyAt
    case .preparing: state.phase = .preparing
    case .optionOffered(let number, let item, let substitute, let deadline):
      state.lines[number]?.offer = Offer(item: item, substitute: substitute, deadline: deadline)
    case .optionChosen(let number, let item, let choice, let other):
      state.lines[number]?.offer = nil
      if choice == .substitute {
        for place in state.lines[number]?.basket.lines.indices ?? 0..<0
        where state.lines[number]?.basket.lines[place].item == item {
          state.lines[number]?.basket.lines[place].item = other
        }
      }
    case .lineDropped(let number, _):
      state.lines[number]?.phase = .dropped
      state.lines[number]?.offer = nil
      leaveForTheDoor(&state)
    case .itemDropped(let number, let item, _): state.lines[number]?.basket.lines.removeAll { $0.item == item }
    case .lineDelayed(let number, let readyAt): state.lines[number]?.readyAt = readyAt
    case .lineReady(let number): state.lines[number]?.phase = .ready
    case .allReady: state.isAllReady = true
    case .riderAssigned(let rider): (state.rider, state.isEscalated) = (rider, false)
    case .riderLost: state.rider = nil
    case .lineCollected(let number):
      state.lines[number]?.phase = .collected
      state.lines[number]?.offer = nil
      leaveForTheDoor(&state)
    case .delivered: state.phase = .delivered
    case .cancelRequested: state.phase = .cancelling
    case .cancelRefused: state.phase = .preparing
    case .cancelled: state.phase = .cancelled
    case .rejected(let reason): (state.phase, state.reason) = (.rejected, reason)
    case .escalated: state.isEscalated = true
    }
  }

  private static func leaveForTheDoor(_ state: inout State) {
    let wanted = state.wanted
    if !wanted.isEmpty, wanted.allSatisfy({ $0.line.phase == .collected }) { state.phase = .carrying }
  }
}

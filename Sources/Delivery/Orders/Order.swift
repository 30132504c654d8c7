public import Clockwork
public import EventSourcing

/// Why an order came to nothing before it was cooked. The numbers stand in the log.
public enum RejectReason: UInt8, Hashable, Sendable {
  case paymentDeclined = 1
  case paymentOverdue
  case kitchenRefused
  case kitchenOverdue

  public var name: String {
    switch self {
    case .paymentDeclined: "payment declined"
    case .paymentOverdue: "the bank did not answer"
    case .kitchenRefused: "the kitchen refused"
    case .kitchenOverdue: "the kitchen did not answer"
    }
  }
}

/// One customer's order at one restaurant: what the customer, the kitchen and the rider look at.
///
/// What other entities have done arrives as commands. Those that come late or twice make nothing happen: only what a
/// person asks for is refused by name.
public enum Order: Decider {
  public enum Phase: UInt8, Hashable, Sendable {
    /// Can become placed.
    case unknown
    /// Waits for the bank. Can become paid, rejected, cancelled.
    case placed
    /// Waits for the kitchen. Can become accepted, rejected, cancelled.
    case paid
    /// Can become cooking, ready, picked up, cancelling.
    case accepted
    /// Can become ready, picked up, cancelling.
    case cooking
    /// Can become picked up, cancelling.
    case ready
    /// On its way. Can become delivered.
    case pickedUp
    case delivered
    /// Waits to hear whether the rider has it. Can become cancelled, picked up.
    case cancelling
    case cancelled
    case rejected

    public var name: String {
      switch self {
      case .unknown: "unknown"
      case .placed: "placed"
      case .paid: "paid"
      case .accepted: "accepted"
      case .cooking: "cooking"
      case .ready: "ready"
      case .pickedUp: "picked up"
      case .delivered: "delivered"
      case .cancelling: "cancelling"
      case .cancelled: "cancelled"
      case .rejected: "rejected"
      }
    }

    public var isOver: Bool { self == .delivered || self == .cancelled || self == .rejected }
  }

  public struct State: Hashable, Sendable {
    public var phase = Phase.unknown
    public var basket: Basket?
    public var readyAt: Instant?
    public var rider: UInt64?
    public var reason: RejectReason?
    /// Nobody could be found to bring it; somebody must look.
    public var isEscalated = false

    public init() {}
  }

  public enum Rejection: Error, Hashable, Sendable {
    case unknown
    case exists
    case empty
    /// It is being carried already.
    case tooLate
    case over(Phase)
  }

  public static var initial: State { State() }

  public static func isTerminal(_ state: State) -> Bool { state.phase.isOver }

  public static func decide(_ command: Command, _ state: State, at now: Instant) throws(Rejection) -> [Event] {
    switch command {
    case .place(let basket):
      guard state.phase == .unknown else { throw .exists }
      guard !basket.lines.isEmpty, basket.amount > 0 else { throw .empty }
      return [.placed(basket)]
    case .cancel: return try cancel(state)
    case .paymentAuthorised: return state.phase == .placed ? [.paid] : []
    case .paymentDeclined: return state.phase == .placed ? [.rejected(.paymentDeclined)] : []
    case .paymentOverdue: return state.phase == .placed ? [.rejected(.paymentOverdue)] : []
    case .kitchenAccepted(let readyAt): return state.phase == .paid ? [.accepted(readyAt: readyAt)] : []
    case .kitchenRefused: return state.phase == .paid ? [.rejected(.kitchenRefused)] : []
    case .kitchenOverdue: return state.phase == .paid ? [.rejected(.kitchenOverdue)] : []
    case .kitchenCooking: return state.phase == .accepted ? [.cooking] : []
    case .kitchenReady: return state.phase == .accepted || state.phase == .cooking ? [.ready] : []
    case .estimate(let readyAt):
      return isAwaited(state.phase) && state.readyAt != readyAt ? [.estimateChanged(readyAt: readyAt)] : []
    case .riderAssigned(let rider): return isAwaited(state.phase) && state.rider != rider ? [.riderAssigned(rider)] : []
    case .riderLost: return isAwaited(state.phase) && state.rider != nil ? [.riderLost] : []
    case .escalated: return isAwaited(state.phase) && !state.isEscalated ? [.escalated] : []
    case .pickedUp: return isAwaited(state.phase) || state.phase == .cancelling ? [.pickedUp] : []
    case .delivered: return state.phase == .pickedUp ? [.delivered] : []
    case .deliveryAborted: return state.phase == .cancelling ? [.cancelled] : []
    case .deliveryTooLate: return state.phase == .cancelling ? [.cancelRefused] : []
    }
  }

  /// Before anybody is sent for it, it is cancelled at once. Then the delivery decides: it alone knows whether the food
  /// has left the kitchen.
  private static func cancel(_ state: State) throws(Rejection) -> [Event] {
    switch state.phase {
    case .unknown: throw .unknown
    case .placed, .paid: return [.cancelRequested, .cancelled]
    case .accepted, .cooking, .ready: return [.cancelRequested]
    case .cancelling: return []
    case .pickedUp: throw .tooLate
    case .delivered, .cancelled, .rejected: throw .over(state.phase)
    }
  }

  /// Between the kitchen's yes and the rider's collecting it.
  private static func isAwaited(_ phase: Phase) -> Bool { phase == .accepted || phase == .cooking || phase == .ready }

  public static func evolve(_ state: inout State, _ event: Event) {
    switch event {
    case .placed(let basket): (state.phase, state.basket) = (.placed, basket)
    case .paid: state.phase = .paid
    case .accepted(let readyAt): (state.phase, state.readyAt) = (.accepted, readyAt)
    case .cooking: state.phase = .cooking
    case .ready: state.phase = .ready
    case .estimateChanged(let readyAt): state.readyAt = readyAt
    case .riderAssigned(let rider): (state.rider, state.isEscalated) = (rider, false)
    case .riderLost: state.rider = nil
    case .pickedUp, .cancelRefused: state.phase = .pickedUp
    case .delivered: state.phase = .delivered
    case .cancelRequested: state.phase = .cancelling
    case .cancelled: state.phase = .cancelled
    case .rejected(let reason): (state.phase, state.reason) = (.rejected, reason)
    case .escalated: state.isEscalated = true
    }
  }
}

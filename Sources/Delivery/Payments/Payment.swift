public import Clockwork
public import EventSourcing

/// The money for one order or party.
public enum Payment: Decider {
  public enum Phase: UInt8, Hashable, Sendable {
    /// Can become requested, voided.
    case none
    /// Waits for the bank. Can become authorised, declined, voided.
    case requested
    /// Can become captured, voided.
    case authorised
    /// Can become refunded.
    case captured
    case refunded
    case declined
    case voided
  }

  public struct State: Hashable, Sendable {
    public var phase = Phase.none
    public var amount: Int64 = 0
    public var refunded: Int64 = 0
    public var card = Card.good

    public init() {}
  }

  public enum Rejection: Error, Hashable, Sendable {
    /// More than is left of it.
    case tooMuch(left: Int64)
  }

  public static var initial: State { State() }

  public static func isTerminal(_ state: State) -> Bool {
    state.phase == .refunded || state.phase == .declined || state.phase == .voided
  }

  public static func decide(_ command: Command, _ state: State, at now: Instant) throws(Rejection) -> [Event] {
    switch command {
    case .request(let amount, let card): return state.phase == .none ? [.requested(amount: amount, card: card)] : []
    case .bankSaidYes: return state.phase == .requested ? [.authorised] : []
    case .bankSaidNo: return state.phase == .requested ? [.declined] : []
    case .capture: return state.phase == .authorised ? [.captured] : []
    case .refund(let amount):
      guard state.phase == .captured || state.phase == .authorised else { return [] }
      let left = state.amount - state.refunded
      guard amount > 0, amount <= left else { throw .tooMuch(left: left) }
      return [.refunded(amount: amount)]
    case .increase(let amount):
      guard state.phase == .captured || state.phase == .authorised, amount > 0 else { return [] }
      return [.increased(amount: amount)]
    case .cancel:
      switch state.phase {
      // Of a payment that has not been asked for yet too: then it never will be.
      case .none, .requested, .authorised: return [.authorisationVoided]
      case .captured: return [.refunded(amount: state.amount - state.refunded)]
      case .refunded, .declined, .voided: return []
      }
    }
  }

  public static func evolve(_ state: inout State, _ event: Event) {
    switch event {
    case .requested(let amount, let card): (state.phase, state.amount, state.card) = (.requested, amount, card)
    case .authorised: state.phase = .authorised
    case .declined: state.phase = .declined
    case .captured: state.phase = .captured
    case .authorisationVoided: state.phase = .voided
    case .refunded(let amount):
      state.refunded += amount
      if state.refunded >= state.amount { state.phase = .refunded }
    case .increased(let amount): state.amount += amount
    }
  }
}

/// Asks the bank, and tells the order or the party what it said.
public enum PaymentProcess: EntityProcess {
  public typealias Subject = Payment
  public static var name: String { "payment" }

  public static func react(_ input: Happened<Payment.Event>, _ state: Payment.State) -> [Effect<Addressed>] {
    let owner = input.entity.owner
    switch input.event {
    case .requested(_, let card):
      switch card {
      case .good: return [.send(.payment(of: owner, .bankSaidYes))]
      case .declined: return [.send(.payment(of: owner, .bankSaidNo))]
      case .silent: return []
      }
    case .authorised:
      return [.send(owner.known == .party ? .party(owner, .paymentAuthorised) : .order(owner, .paymentAuthorised))]
    case .declined:
      return [.send(owner.known == .party ? .party(owner, .paymentDeclined) : .order(owner, .paymentDeclined))]
    case .captured, .authorisationVoided, .refunded, .increased: return []
    }
  }
}

public import Clockwork
public import EventSourcing

/// What one kitchen has to do for an order, or for its part of a party.
public enum KitchenTicket: Decider {
  public enum Phase: UInt8, Hashable, Sendable {
    /// Can become proposed, voided.
    case unknown
    /// Lies on the tablet. Can become accepted, refused, voided.
    case proposed
    /// Can become cooking, ready, voided.
    case accepted
    /// Can become ready, voided.
    case cooking
    /// Can become handed over, voided.
    case ready
    case handedOver
    case refused
    case voided

    public var name: String { self == .handedOver ? "handed over" : "\(self)" }
  }

  public struct State: Hashable, Sendable {
    public var phase = Phase.unknown
    public var restaurant: UInt64 = 0
    public var lines: [OrderLine] = []
    public var readyAt: Instant?
    /// What the kitchen has run out of, and nobody has decided about.
    public var missing: [String] = []

    public init() {}
  }

  public enum Rejection: Error, Hashable, Sendable {
    case unknown
    case over(Phase)
    /// The ticket has no such item.
    case noSuchItem(String)
  }

  public static var initial: State { State() }

  public static func isTerminal(_ state: State) -> Bool {
    state.phase == .handedOver || state.phase == .refused || state.phase == .voided
  }

  public static func decide(_ command: Command, _ state: State, at now: Instant) throws(Rejection) -> [Event] {
    switch command {
    case .propose(let restaurant, let lines):
      return state.phase == .unknown ? [.proposed(restaurant: restaurant, lines: lines)] : []
    case .void:
      // Of a ticket that has not come yet too: then it never will.
      return isTerminal(state) ? [] : [.voided]
    default: break
    }
    guard state.phase != .unknown else { throw .unknown }
    guard !isTerminal(state) else { throw .over(state.phase) }
    switch command {
    case .accept(let readyAt): return state.phase == .proposed ? [.accepted(readyAt: readyAt)] : []
    case .refuse:
      guard state.phase == .proposed else { throw .over(state.phase) }
      return [.refused]
    case .startCooking: return state.phase == .accepted ? [.cookingStarted] : []
    case .delay(let readyAt):
      guard state.phase == .accepted || state.phase == .cooking else { throw .over(state.phase) }
      return state.readyAt == readyAt ? [] : [.estimateChanged(readyAt: readyAt)]
    case .soldOut(let item, let substitute):
      guard state.lines.contains(where: { $0.item == item }) else { throw .noSuchItem(item) }
      return state.missing.contains(item) ? [] : [.itemSoldOut(item: item, substitute: substitute)]
    case .substitute(let item, let other):
      return state.missing.contains(item) ? [.substituteChosen(item: item, with: other)] : []
    case .drop(let item): return state.missing.contains(item) ? [.itemDropped(item: item)] : []
    case .ready: return state.phase == .accepted || state.phase == .cooking ? [.ready] : []
    case .handOver: return state.phase == .proposed ? [] : [.handedOver]
    case .propose, .void: return []
    }
  }

  public static func evolve(_ state: inout State, _ event: Event) {
    switch event {
    case .proposed(let restaurant, let lines):
      (state.phase, state.restaurant, state.lines) = (.proposed, restaurant, lines)
    case .accepted(let readyAt): (state.phase, state.readyAt) = (.accepted, readyAt)
    case .refused: state.phase = .refused
    case .cookingStarted: state.phase = .cooking
    case .estimateChanged(let readyAt): state.readyAt = readyAt
    case .itemSoldOut(let item, _): state.missing.append(item)
    case .substituteChosen(let item, let other):
      state.missing.removeAll { $0 == item }
      for place in state.lines.indices where state.lines[place].item == item { state.lines[place].item = other }
    case .itemDropped(let item):
      state.missing.removeAll { $0 == item }
      state.lines.removeAll { $0.item == item }
    case .ready: state.phase = .ready
    case .handedOver: state.phase = .handedOver
    case .voided: state.phase = .voided
    }
  }
}

/// Tells the order, or the party, what its kitchen has done.
public enum KitchenProcess: EntityProcess {
  public typealias Subject = KitchenTicket
  public static var name: String { "kitchen" }

  public static func react(
    _ input: Happened<KitchenTicket.Event>, _ state: KitchenTicket.State
  ) -> [Effect<Addressed>] {
    let (owner, line) = (input.entity.owner, input.entity.line)
    if owner.known == .party {
      let told: Party.Command
      switch input.event {
      case .accepted(let readyAt): told = .kitchenAccepted(line: line, readyAt: readyAt)
      case .refused: told = .kitchenRefused(line: line)
      case .estimateChanged(let readyAt): told = .estimate(line: line, readyAt: readyAt)
      case .itemSoldOut(let item, let substitute): told = .soldOut(line: line, item: item, substitute: substitute)
      case .ready: told = .kitchenReady(line: line)
      case .proposed, .cookingStarted, .substituteChosen, .itemDropped, .handedOver, .voided: return []
      }
      return [.send(.party(owner, told))]
    }
    switch input.event {
    case .accepted(let readyAt): return [.send(.order(owner, .kitchenAccepted(readyAt: readyAt)))]
    case .refused: return [.send(.order(owner, .kitchenRefused))]
    case .cookingStarted: return [.send(.order(owner, .kitchenCooking))]
    case .estimateChanged(let readyAt): return [.send(.order(owner, .estimate(readyAt: readyAt)))]
    case .ready: return [.send(.order(owner, .kitchenReady))]
    // An order of one restaurant is not asked: the kitchen's substitute is taken, or the item is left out.
    case .itemSoldOut(let item, let substitute):
      let answer: KitchenTicket.Command =
        substitute.isEmpty ? .drop(item: item) : .substitute(item: item, with: substitute)
      return [.send(.ticket(of: owner, at: state.restaurant, answer))]
    case .proposed, .substituteChosen, .itemDropped, .handedOver, .voided: return []
    }
  }
}

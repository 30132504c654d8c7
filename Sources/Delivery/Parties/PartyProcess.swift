import Clockwork
public import EventSourcing

/// Several kitchens, one payment, one delivery (b1, b2, b3, b4, b5).
public enum PartyProcess: EntityProcess {
  public typealias Subject = Party
  public static var name: String { "party" }

  /// Of a party.
  enum Timer: UInt8 {
    case bank = 1
    case kitchens

    /// What is offered instead of something of a line.
    static func offer(_ line: UInt8) -> UInt8 { 16 + line }
    /// The kitchen of a line that was added.
    static func kitchen(_ line: UInt8) -> UInt8 { 32 + line }
  }

  public static func react(_ input: Happened<Party.Event>, _ state: Party.State) -> [Effect<Addressed>] {
    let party = input.entity
    switch input.event {
    case .opened, .basketJoined, .riderAssigned, .riderLost, .lineReady, .allReady, .delivered, .escalated,
      .cancelRefused:
      return []
    case .lineCollected(let number): return [.cancelTimer(name: Timer.offer(number))]
    case .locked(let card):
      return [
        .send(.payment(of: party, .request(amount: state.amount, card: card))),
        .schedule(.party(party, .paymentOverdue), after: OrderProcess.bankPatience, name: Timer.bank.rawValue),
      ]
    case .paid:
      return [.cancelTimer(name: Timer.bank.rawValue), .send(.payment(of: party, .capture))]
        + state.wanted.map { propose(party, $0.number, $0.line.basket) } + [
          .schedule(.party(party, .kitchenOverdue), after: OrderProcess.kitchenPatience, name: Timer.kitchens.rawValue)
        ]
    case .preparing:
      let stops = state.wanted.map { stop(party, $0.number, $0.line) }
      return [
        .cancelTimer(name: Timer.kitchens.rawValue),
        trip(party, state, .request(home: home(state), stops: stops, dropoff: state.dropoff)),
      ]
    case .lineAccepted(let number, _):
      // One more place to collect at, when the delivery is under way; otherwise `preparing` asks for all of them.
      guard state.phase == .preparing, let line = state.lines[number] else { return [] }
      return [.cancelTimer(name: Timer.kitchen(number)), trip(party, state, .add(stop: stop(party, number, line)))]
    case .pickupAdded(let number, let basket):
      return [
        propose(party, number, basket), .send(.payment(of: party, .increase(amount: basket.amount))),
        .schedule(
          .party(party, .lineOverdue(line: number)), after: OrderProcess.kitchenPatience, name: Timer.kitchen(number)),
      ]
    case .lineDelayed(let number, let readyAt):
      let ticket = EntityID.ticket(of: party, line: number).number
      return state.phase == .preparing ? [trip(party, state, .estimate(ticket: ticket, readyAt: readyAt))] : []
    case .optionOffered(let number, _, _, _):
      return [
        .schedule(.party(party, .offerOverdue(line: number)), after: Party.offerTime, name: Timer.offer(number))
      ]
    case .optionChosen(let number, let item, let choice, let other):
      return chosen(party, number, item, choice, other, state)
    case .itemDropped(_, _, let refund): return [.send(.payment(of: party, .refund(amount: refund)))]
    case .lineDropped(let number, let refund): return dropped(party, number, refund, state)
    case .cancelRequested: return [trip(party, state, .abort)]
    case .cancelled, .rejected:
      let timers: [Effect<Addressed>] = [
        .cancelTimer(name: Timer.bank.rawValue), .cancelTimer(name: Timer.kitchens.rawValue),
      ]
      let asked: [Effect<Addressed>] = state.lines.keys.sorted().flatMap { number in
        [.cancelTimer(name: Timer.offer(number)), .cancelTimer(name: Timer.kitchen(number))]
      }
      return timers + asked + state.wanted.map { void(party, $0.number, $0.line.basket) } + [
        .send(.payment(of: party, .cancel))
      ]
    }
  }

  private static func chosen(
    _ party: EntityID, _ number: UInt8, _ item: String, _ choice: Party.Choice, _ other: String,
    _ state: Party.State
  ) -> [Effect<Addressed>] {
    var effects: [Effect<Addressed>] = [.cancelTimer(name: Timer.offer(number))]
    guard !item.isEmpty, let basket = state.lines[number]?.basket else { return effects }
    switch choice {
    case .substitute:
      effects.append(
        .send(.ticket(of: party, line: number, at: basket.restaurant, .substitute(item: item, with: other))))
    case .drop: effects.append(.send(.ticket(of: party, line: number, at: basket.restaurant, .drop(item: item))))
    case .without: break
    }
    return effects
  }

  private static func dropped(
    _ party: EntityID, _ number: UInt8, _ refund: Int64, _ state: Party.State
  ) -> [Effect<Addressed>] {
    guard let basket = state.lines[number]?.basket else { return [] }
    var effects: [Effect<Addressed>] = [
      void(party, number, basket), .send(.payment(of: party, .refund(amount: refund))),
      .cancelTimer(name: Timer.offer(number)), .cancelTimer(name: Timer.kitchen(number)),
    ]
    if state.phase == .preparing {
      effects.append(trip(party, state, .remove(ticket: EntityID.ticket(of: party, line: number).number)))
    }
    return effects
  }

  private static func propose(_ party: EntityID, _ line: UInt8, _ basket: Basket) -> Effect<Addressed> {
    .send(
      .ticket(
        of: party, line: line, at: basket.restaurant, .propose(restaurant: basket.restaurant, lines: basket.lines)))
  }

  private static func void(_ party: EntityID, _ line: UInt8, _ basket: Basket) -> Effect<Addressed> {
    .send(.ticket(of: party, line: line, at: basket.restaurant, .void))
  }

  private static func stop(_ party: EntityID, _ number: UInt8, _ line: Party.Line) -> Stop {
    Stop(
      ticket: EntityID.ticket(of: party, line: number).number, restaurant: line.basket.restaurant,
      location: line.basket.pickup, readyAt: line.readyAt ?? .start)
  }

  private static func home(_ state: Party.State) -> Zone { state.home ?? Zone(of: state.dropoff) }

  private static func trip(_ party: EntityID, _ state: Party.State, _ command: Trip.Command) -> Effect<Addressed> {
    .send(.trip(of: party, home: home(state), command))
  }
}

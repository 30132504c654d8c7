public import Clockwork
public import EventSourcing

/// What an order sets in motion: payment, kitchen, delivery, and their undoing (a1, a2, a3, a6).
public enum OrderProcess: EntityProcess {
  public typealias Subject = Order
  public static var name: String { "order" }

  /// How long the bank and the kitchen may say nothing.
  public static let bankPatience = Interval.seconds(30)
  public static let kitchenPatience = Interval.seconds(180)

  enum Timer: UInt8 {
    case bank = 1
    case kitchen
  }

  public static func react(_ input: Happened<Order.Event>, _ state: Order.State) -> [Effect<Addressed>] {
    let order = input.entity
    guard let basket = state.basket else { return [] }
    switch input.event {
    case .placed:
      return [
        .send(.payment(of: order, .request(amount: basket.amount, card: basket.card))),
        .schedule(.order(order, .paymentOverdue), after: bankPatience, name: Timer.bank.rawValue),
      ]
    case .paid:
      return [
        .cancelTimer(name: Timer.bank.rawValue),
        .send(.ticket(of: order, at: basket.restaurant, .propose(restaurant: basket.restaurant, lines: basket.lines))),
        .schedule(.order(order, .kitchenOverdue), after: kitchenPatience, name: Timer.kitchen.rawValue),
      ]
    case .accepted(let readyAt):
      let stop = Stop(
        ticket: EntityID.ticket(of: order).number, restaurant: basket.restaurant, location: basket.pickup,
        readyAt: readyAt)
      return [
        .cancelTimer(name: Timer.kitchen.rawValue),
        .send(.payment(of: order, .capture)),
        .send(
          .trip(
            of: order, home: Zone(of: basket.pickup),
            .request(home: Zone(of: basket.pickup), stops: [stop], dropoff: basket.dropoff))),
      ]
    case .estimateChanged(let readyAt):
      return [
        .send(
          .trip(
            of: order, home: Zone(of: basket.pickup),
            .estimate(ticket: EntityID.ticket(of: order).number, readyAt: readyAt)))
      ]
    case .cancelRequested: return [.send(.trip(of: order, home: Zone(of: basket.pickup), .abort))]
    case .cancelled, .rejected:
      return [
        .cancelTimer(name: Timer.bank.rawValue), .cancelTimer(name: Timer.kitchen.rawValue),
        .send(.ticket(of: order, at: basket.restaurant, .void)),
        .send(.payment(of: order, .cancel)),
      ]
    case .cooking, .ready, .riderAssigned, .riderLost, .pickedUp, .delivered, .cancelRefused, .escalated: return []
    }
  }
}

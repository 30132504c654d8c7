import Clockwork

/// Payments, kitchens and dispatch: each does what it is asked, once for each order, and answers when it is on disk.
extension ShopService {
  mutating func perform(
    _ call: ShopCall, _ order: ShopOrder, _ since: Instant, _ from: NodeID, _ fx: inout ShopEffects
  ) {
    let state = database.row(order.number)?.state
    switch call {
    case .tellReady, .tellCarried, .tellDelivered: told(call, order, since, from, &fx)
    case .authorise: settle(call, order, state, from: [nil], to: .authorised, from, &fx)
    case .capture: settle(call, order, state, from: [.authorised], to: .captured, from, &fx)
    // Voiding what is not there leaves a mark, so that a late request to authorise finds it and is refused.
    case .voidPayment: settle(call, order, state, from: [nil, .authorised], to: .voided, from, &fx)
    case .accept:
      let due = fx.now + order.cooking
      if settle(call, order, state, from: [nil], to: .cooking, due: due, from, &fx) {
        fx.set(.cooked(order.number), at: due)
      }
    case .voidTicket: settle(call, order, state, from: [nil, .cooking, .cooked], to: .voided, from, &fx)
    case .assign: settle(call, order, state, from: [nil], to: .assigned, from, &fx)
    case .collect:
      let due = fx.now + order.riding
      if settle(call, order, state, from: [.assigned], to: .carrying, due: due, from, &fx) {
        fx.set(.arrived(order.number), at: due)
        self.call(.tellCarried, order, &fx)
      }
    case .release: settle(call, order, state, from: [nil, .assigned], to: .released, from, &fx)
    }
  }

  /// Goes from one of some states to another, and answers. Where it is already, it only answers; elsewhere it refuses.
  /// True when it went.
  @discardableResult
  private mutating func settle(
    _ call: ShopCall, _ order: ShopOrder, _ state: ShopDatabase.State?, from states: [ShopDatabase.State?],
    to next: ShopDatabase.State, due: Instant = .never, _ from: NodeID, _ fx: inout ShopEffects
  ) -> Bool {
    guard states.contains(state) else {
      fx.send(.done(call, order.number, ok: state.map { $0 == next || follows($0, next) } ?? false), to: from)
      return false
    }
    let written = write(order, next, due: due, &fx)
    fx.send(.done(call, order.number, ok: true), to: from, after: written)
    return true
  }

  /// Whether a state is further along the same way: to be asked for the way again is no mistake.
  private func follows(_ state: ShopDatabase.State, _ next: ShopDatabase.State) -> Bool {
    switch (next, state) {
    case (.authorised, .captured), (.cooking, .cooked), (.assigned, .carrying), (.assigned, .arrived),
      (.carrying, .arrived):
      true
    default: false
    }
  }

  mutating func cooked(_ number: UInt64, _ fx: inout ShopEffects) {
    guard id == .kitchens, let row = database.row(number), row.state == .cooking else { return }
    let written = write(row.order, .cooked, &fx)
    call(.tellReady, row.order, after: written, &fx)
  }

  mutating func arrived(_ number: UInt64, _ fx: inout ShopEffects) {
    guard id == .dispatch, let row = database.row(number), row.state == .carrying else { return }
    let written = write(row.order, .arrived, &fx)
    call(.tellDelivered, row.order, after: written, &fx)
  }
}

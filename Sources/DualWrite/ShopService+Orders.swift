import Clockwork

/// The order service: it leads every order through the others.
extension ShopService {
  mutating func place(_ order: ShopOrder, _ from: NodeID, _ fx: inout ShopEffects) {
    if let row = database.row(order.number) {
      // Asked again: the same answer, or none yet.
      let accepted: Bool? =
        switch row.state {
        case .placed, .cancelling: nil
        case .cancelled: false
        default: true
        }
      asking[order.number] = from
      return fx.send(.answer(order.number, accepted: accepted), to: from)
    }
    asking[order.number] = from
    let written = write(order, .placed, &fx)
    push(order.number, .placed, after: written, &fx)
    call(.authorise, order, after: written, &fx)
  }

  mutating func cancel(_ number: UInt64, _ from: NodeID, _ fx: inout ShopEffects) {
    guard let row = database.row(number) else { return }
    switch row.state {
    // Once it is ready a rider is on the way, and it is too late.
    case .placed, .confirmed: undo(row, &fx)
    default: break
    }
  }

  /// The next step, now that one is done.
  mutating func advance(_ call: ShopCall, _ order: ShopOrder, _ ok: Bool, _ fx: inout ShopEffects) {
    guard let row = database.row(order.number) else { return }
    if row.state == .cancelling {
      // A step that was under way when it was cancelled has been done after all.
      if ok, let undoing = call.undoing { self.call(undoing, order, &fx) }
      return finishUndoing(row, &fx)
    }
    guard ok else {
      if call.undoing != nil { care.compensates ? undo(row, &fx) : fail(row, &fx) }
      return
    }
    switch call {
    case .authorise: self.call(.accept, order, &fx)
    case .accept: self.call(.assign, order, &fx)
    case .assign:
      let written = write(order, .confirmed, &fx)
      push(order.number, .confirmed, after: written, &fx)
      if let customer = asking.removeValue(forKey: order.number) {
        fx.send(.answer(order.number, accepted: true), to: customer, after: written)
      }
    default: break
    }
  }

  /// Undoes what was or may have been done, in the order in which money matters most.
  mutating func undo(_ row: ShopDatabase.Row, _ fx: inout ShopEffects) {
    stuck.remove(row.order.number)
    let written = row.state == .cancelling ? nil : write(row.order, .cancelling, &fx)
    for step in [ShopCall.voidPayment, .voidTicket, .release] { call(step, row.order, after: written, &fx) }
  }

  private mutating func finishUndoing(_ row: ShopDatabase.Row, _ fx: inout ShopEffects) {
    let steps = [ShopCall.voidPayment, .voidTicket, .release]
    guard !stuck.contains(row.order.number) else { return }
    guard steps.allSatisfy({ pending[PendingKey(call: $0, order: row.order.number)] == nil }) else { return }
    fail(row, &fx)
  }

  /// Ends an order as cancelled, whatever else may stand elsewhere.
  mutating func fail(_ row: ShopDatabase.Row, _ fx: inout ShopEffects) {
    let written = write(row.order, .cancelled, &fx)
    push(row.order.number, .cancelled, after: written, &fx)
    if let customer = asking.removeValue(forKey: row.order.number) {
      fx.send(.answer(row.order.number, accepted: false), to: customer, after: written)
    }
  }

  /// News from the kitchen or the rider.
  mutating func told(
    _ call: ShopCall, _ order: ShopOrder, _ since: Instant, _ from: NodeID, _ fx: inout ShopEffects
  ) {
    guard let row = database.row(order.number) else { return fx.send(.done(call, order.number, ok: false), to: from) }
    let next: (from: [ShopDatabase.State], to: ShopDatabase.State, shown: ShopStatus) =
      switch call {
      case .tellReady: ([.confirmed], .ready, .ready)
      case .tellCarried: ([.confirmed, .ready], .carried, .carried)
      default: ([.confirmed, .ready, .carried], .delivered, .delivered)
      }
    // Ready before the last step was answered: it must be told again, or nobody collects the food.
    guard row.state != .placed else { return }
    guard next.from.contains(row.state) else { return fx.send(.done(call, order.number, ok: true), to: from) }
    let written = write(order, next.to, since: since, &fx)
    push(order.number, next.shown, since: since, after: written, &fx)
    fx.send(.done(call, order.number, ok: true), to: from, after: written)
    if call == .tellReady { self.call(.collect, order, after: written, &fx) }
    if call == .tellDelivered { self.call(.capture, order, after: written, &fx) }
  }

  /// To all three devices, once and unasked; what they miss they see when they ask.
  private func push(
    _ order: UInt64, _ status: ShopStatus, since: Instant? = nil, after: SyncToken, _ fx: inout ShopEffects
  ) {
    for device in NodeID.shopDevices {
      fx.send(.push(ShopNews(order: order, status: status, since: since ?? fx.now)), to: device, after: after)
    }
  }
}

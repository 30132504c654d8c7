import Clockwork

/// One service: its database, and in memory what it is in the middle of.
public struct ShopService: Sendable {
  /// A remote call that has not been answered.
  struct Pending: Hashable, Sendable {
    var call: ShopCall
    var order: ShopOrder
    var attempt: Int
    var since: Instant
  }

  struct PendingKey: Hashable {
    var call: ShopCall
    var order: UInt64
  }

  let id: NodeID
  let care: ShopCare
  var database: ShopDatabase
  var pending: [PendingKey: Pending] = [:]
  /// Who waits for the answer to an order.
  var asking: [UInt64: NodeID] = [:]
  /// Orders of which something could not be undone: they stay as they are until somebody looks, or the next start.
  var stuck: Set<UInt64> = []
  /// Calls that were given up after the last try: what an operator finds in the error log.
  public private(set) var givenUp = 0

  init(_ id: NodeID, _ care: ShopCare, recovering disk: consuming ShopDatabase, _ fx: inout ShopEffects) {
    self.id = id
    self.care = care
    database = disk
    let rows = database.all
    for row in rows {
      switch row.state {
      // What the hands do goes on though the process died: food cooks, riders ride.
      case .cooking: fx.set(.cooked(row.order.number), at: row.due)
      case .carrying: fx.set(.arrived(row.order.number), at: row.due)
      case .placed where care.sweeps, .cancelling where care.sweeps: undo(row, &fx)
      default: break
      }
    }
    if id == .orders, care.sweeps { fx.set(.sweep, at: fx.now + ShopCare.sweepEvery) }
  }

  mutating func hear(_ message: ShopMessage, from: NodeID, _ fx: inout ShopEffects) {
    switch message {
    case .place(let order): place(order, from, &fx)
    case .cancel(let order): cancel(order, from, &fx)
    case .call(let call, let order, _, let since): perform(call, order, since, from, &fx)
    case .done(let call, let order, let ok): finished(call, order, ok, &fx)
    case .poll(let since):
      let changed = database.all.filter { $0.version > since }.sorted { $0.version < $1.version }.prefix(64)
      let news = changed.compactMap { row in
        row.status.map { ShopNews(order: row.order.number, status: $0, since: row.since) }
      }
      fx.send(.changes(news, through: changed.last?.version ?? since), to: from)
    case .answer, .push, .changes: break
    }
  }

  mutating func ring(_ timer: ShopTimer, _ fx: inout ShopEffects) {
    switch timer {
    case .patience(let call, let order, let attempt):
      guard let waiting = pending[PendingKey(call: call, order: order)], waiting.attempt == attempt else { return }
      guard attempt + 1 < care.tries else {
        pending[PendingKey(call: call, order: order)] = nil
        givenUp += 1
        return gaveUp(call, waiting.order, &fx)
      }
      fx.set(.retry(call, order, try: attempt + 1), at: fx.now + ShopCare.pause(before: attempt + 1))
    case .retry(let call, let order, let attempt):
      guard let waiting = pending[PendingKey(call: call, order: order)], waiting.attempt + 1 == attempt else { return }
      send(call, waiting.order, attempt, since: waiting.since, &fx)
    case .cooked(let order): cooked(order, &fx)
    case .arrived(let order): arrived(order, &fx)
    case .sweep:
      for row in database.all where row.since + ShopCare.stuckAfter < fx.now {
        if row.state == .placed || row.state == .cancelling { undo(row, &fx) }
      }
      fx.set(.sweep, at: fx.now + ShopCare.sweepEvery)
    default: break
    }
  }

  // MARK: Rows

  /// Writes a row and gives what is to be waited for before anybody hears of it.
  @discardableResult
  mutating func write(
    _ order: ShopOrder, _ state: ShopDatabase.State, since: Instant? = nil, due: Instant = .never,
    _ fx: inout ShopEffects
  ) -> SyncToken {
    database.write(ShopDatabase.Row(order: order, state: state, since: since ?? fx.now, due: due))
    return fx.sync(through: database.position)
  }

  // MARK: Calls

  /// Calls another service. The answer comes by `finished`, its absence by `gaveUp`.
  mutating func call(_ call: ShopCall, _ order: ShopOrder, after: SyncToken? = nil, _ fx: inout ShopEffects) {
    guard pending[PendingKey(call: call, order: order.number)] == nil else { return }
    send(call, order, 0, since: fx.now, after: after, &fx)
  }

  private mutating func send(
    _ call: ShopCall, _ order: ShopOrder, _ attempt: Int, since: Instant, after: SyncToken? = nil,
    _ fx: inout ShopEffects
  ) {
    pending[PendingKey(call: call, order: order.number)] = Pending(
      call: call, order: order, attempt: attempt, since: since)
    fx.send(.call(call, order, try: attempt, since: since), to: call.service, after: after)
    fx.set(.patience(call, order.number, try: attempt), at: fx.now + ShopCare.patience)
  }

  private mutating func finished(_ call: ShopCall, _ order: UInt64, _ ok: Bool, _ fx: inout ShopEffects) {
    guard let was = pending.removeValue(forKey: PendingKey(call: call, order: order)) else { return }
    if id == .orders { advance(call, was.order, ok, &fx) }
  }

  private mutating func gaveUp(_ call: ShopCall, _ order: ShopOrder, _ fx: inout ShopEffects) {
    fx.note("gives up \(call) \(order.number)")
    guard id == .orders, let row = database.row(order.number) else { return }
    switch call {
    case .authorise, .accept, .assign:
      // Perhaps it was done and only the answer was lost: so it is undone too.
      if row.state != .cancelling { care.compensates ? undo(row, &fx) : fail(row, &fx) }
    case .voidPayment, .voidTicket, .release: stuck.insert(order.number)
    default: break
    }
  }
}

extension ShopDatabase.Row {
  /// What devices show of an order service's row.
  var status: ShopStatus? {
    switch state {
    case .placed, .cancelling: .placed
    case .confirmed: .confirmed
    case .ready: .ready
    case .carried: .carried
    case .delivered: .delivered
    case .cancelled: .cancelled
    default: nil
    }
  }
}

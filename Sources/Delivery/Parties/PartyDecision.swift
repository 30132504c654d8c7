public import Clockwork
import EventSourcing

extension Party {
  public static func decide(_ command: Command, _ state: State, at now: Instant) throws(Rejection) -> [Event] {
    switch command {
    case .open(let customer, let dropoff):
      guard state.phase == .unknown else { throw .exists }
      return [.opened(customer: customer, dropoff: dropoff)]
    case .join(let line, let basket):
      try need(state, .open)
      try free(line, basket, state)
      return [.basketJoined(line: line, basket: basket)]
    case .lock(let card):
      try need(state, .open)
      guard !state.lines.isEmpty else { throw .empty }
      return [.locked(card: card)]
    case .add(let line, let basket): return try add(line, basket, state)
    case .choose(let line, let choice): return try choose(line, choice, state)
    case .cancel: return try cancel(state)
    default: return hear(command, state, now)
    }
  }

  // MARK: What the customer asks for

  private static func need(_ state: State, _ phase: Phase) throws(Rejection) {
    if state.phase == .unknown { throw .unknown }
    guard state.phase == phase else { throw .notOpen }
  }

  private static func free(_ line: UInt8, _ basket: Basket, _ state: State) throws(Rejection) {
    guard line >= 1, line <= mostLines else { throw .noSuchLine(line) }
    guard state.lines[line] == nil else { throw .lineTaken(line) }
    guard !basket.lines.isEmpty else { throw .empty }
  }

  /// One restaurant more, as long as the rider has not left for the door. The same line again changes nothing.
  private static func add(_ line: UInt8, _ basket: Basket, _ state: State) throws(Rejection) -> [Event] {
    if state.phase == .unknown { throw .unknown }
    if state.phase.isOver { throw .over(state.phase) }
    guard state.phase == .paid || state.phase == .preparing else { throw .tooLate }
    if state.lines[line]?.basket == basket { return [] }
    try free(line, basket, state)
    return [.pickupAdded(line: line, basket: basket)]
  }

  private static func choose(_ line: UInt8, _ choice: Choice, _ state: State) throws(Rejection) -> [Event] {
    guard let open = state.lines[line] else { throw .noSuchLine(line) }
    guard let offer = open.offer else { throw .nothingOffered(line) }
    if state.phase.isOver { throw .over(state.phase) }
    guard isLive(state) else { throw .tooLate }
    if choice == .substitute, offer.substitute.isEmpty { throw .noSubstitute }
    return answered(line, open.basket, offer, choice, state)
  }

  private static func answered(
    _ line: UInt8, _ basket: Basket, _ offer: Offer, _ choice: Choice, _ state: State
  ) -> [Event] {
    let chosen = Event.optionChosen(line: line, item: offer.item, choice: choice, with: offer.substitute)
    switch choice {
    case .substitute: return [chosen]
    case .drop where !offer.item.isEmpty:
      let price = basket.lines.filter { $0.item == offer.item }.reduce(0) { $0 + Int64(clamping: $1.count) * $1.price }
      if price < basket.amount { return [chosen, .itemDropped(line: line, item: offer.item, refund: price)] }
      return [chosen] + dropped(line, basket, state)
    case .drop, .without: return [chosen] + dropped(line, basket, state)
    }
  }

  /// Without a restaurant; without the last one, without the party. Once a rider is on the way, one that has not said yes
  /// does not count: there would be nothing to ride for.
  private static func dropped(_ line: UInt8, _ basket: Basket, _ state: State) -> [Event] {
    let others = state.wanted.filter { $0.number != line && (state.phase == .paid || $0.line.phase != .waiting) }
    if others.isEmpty { return [.cancelRequested] + (state.phase == .preparing ? [] : [.cancelled]) }
    let event = Event.lineDropped(line: line, refund: basket.amount)
    return settled([event], state)
  }

  private static func cancel(_ state: State) throws(Rejection) -> [Event] {
    switch state.phase {
    case .unknown: throw .unknown
    case .open, .locked, .paid: return [.cancelRequested, .cancelled]
    case .preparing:
      if state.lines.values.contains(where: { $0.phase == .collected }) { throw .tooLate }
      return [.cancelRequested]
    case .cancelling: return []
    case .carrying: throw .tooLate
    case .delivered, .cancelled, .rejected: throw .over(state.phase)
    }
  }

  // MARK: What others have done

  private static func hear(_ command: Command, _ state: State, _ now: Instant) -> [Event] {
    switch command {
    case .paymentAuthorised: return state.phase == .locked ? [.paid] : []
    case .paymentDeclined: return state.phase == .locked ? [.rejected(.paymentDeclined)] : []
    case .paymentOverdue: return state.phase == .locked ? [.rejected(.paymentOverdue)] : []
    case .kitchenAccepted(let line, let readyAt):
      guard isLive(state), state.lines[line]?.phase == .waiting else { return [] }
      return settled([.lineAccepted(line: line, readyAt: readyAt)], state)
    case .kitchenRefused(let line):
      guard isLive(state), state.lines[line]?.phase == .waiting, state.lines[line]?.offer?.item != "" else { return [] }
      return [.optionOffered(line: line, item: "", substitute: "", deadline: now + offerTime)]
    case .kitchenOverdue: return overdue(state)
    case .kitchenReady(let line):
      guard isLive(state), state.lines[line]?.phase == .accepted else { return [] }
      return settled([.lineReady(line: line)], state)
    case .estimate(let line, let readyAt):
      guard isLive(state), state.lines[line]?.phase == .accepted, state.lines[line]?.readyAt != readyAt else {
        return []
      }
      return [.lineDelayed(line: line, readyAt: readyAt)]
    case .soldOut(let line, let item, let substitute):
      guard isLive(state), let phase = state.lines[line]?.phase, phase == .waiting || phase == .accepted else {
        return []
      }
      return soldOut(line, item, substitute, state, now)
    case .offerOverdue(let line):
      return byDefault(line, state)
    case .riderAssigned(let rider): return isLive(state) && state.rider != rider ? [.riderAssigned(rider)] : []
    case .riderLost: return isLive(state) && state.rider != nil ? [.riderLost] : []
    case .escalated: return isLive(state) && !state.isEscalated ? [.escalated] : []
    case .collected(let line):
      guard let phase = state.lines[line]?.phase, phase != .collected, phase != .dropped else { return [] }
      guard state.phase == .preparing || state.phase == .cancelling else { return [] }
      return asDeclared(line, state) + [.lineCollected(line: line)]
    case .delivered: return delivered(state)
    case .lineOverdue(let line):
      guard isLive(state), let open = state.lines[line], open.phase == .waiting, open.offer == nil else { return [] }
      return dropped(line, open.basket, state)
    case .pickupTooLate(let line):
      guard isLive(state), let open = state.lines[line], open.phase != .collected, open.phase != .dropped else {
        return []
      }
      return dropped(line, open.basket, state)
    case .deliveryAborted: return state.phase == .cancelling ? [.cancelled] : []
    case .deliveryTooLate: return state.phase == .cancelling ? [.cancelRefused] : []
    case .open, .join, .lock, .add, .choose, .cancel: return []
    }
  }

  private static func byDefault(_ line: UInt8, _ state: State) -> [Event] {
    guard isLive(state), let open = state.lines[line], let offer = open.offer else { return [] }
    return answered(line, open.basket, offer, offer.declared, state)
  }

  /// What nobody has decided about when the rider collects it is as the kitchen declared. But what was handed over is not
  /// left out.
  private static func asDeclared(_ line: UInt8, _ state: State) -> [Event] {
    guard let open = state.lines[line], let offer = open.offer, !offer.item.isEmpty else { return [] }
    let others = open.basket.lines.filter { $0.item != offer.item }
    if offer.substitute.isEmpty, others.allSatisfy({ $0.price == 0 }) { return [] }
    return answered(line, open.basket, offer, offer.declared, state)
  }

  /// One question at a time: who is asked about a second item of a line is not asked about the first any more.
  private static func soldOut(
    _ line: UInt8, _ item: String, _ substitute: String, _ state: State, _ now: Instant
  ) -> [Event] {
    let before = state.lines[line]?.offer?.item == item ? [] : byDefault(line, state)
    let after = fold(before, from: state)
    guard isLive(after), after.lines[line]?.phase != .dropped else { return before }
    return before + [.optionOffered(line: line, item: item, substitute: substitute, deadline: now + offerTime)]
  }

  /// What a kitchen of a line that was added late has not handed over is left out.
  private static func delivered(_ state: State) -> [Event] {
    if state.phase == .carrying { return [.delivered] }
    let late = state.wanted.filter { $0.line.phase != .collected }
    guard state.phase == .preparing, late.count < state.wanted.count else { return [] }
    return late.map { .lineDropped(line: $0.number, refund: $0.line.basket.amount) } + [.delivered]
  }

  private static func isLive(_ state: State) -> Bool { state.phase == .paid || state.phase == .preparing }

  /// Kitchens that never answered count as having refused; with nobody left the party is rejected.
  private static func overdue(_ state: State) -> [Event] {
    guard state.phase == .paid else { return [] }
    let silent = state.wanted.filter { $0.line.phase == .waiting }
    guard !silent.isEmpty else { return [] }
    if silent.count == state.wanted.count { return [.rejected(.kitchenOverdue)] }
    let events = silent.map { Event.lineDropped(line: $0.number, refund: $0.line.basket.amount) }
    return settled(events, state)
  }

  /// What follows when these were the last words that were waited for. Sets, not counters: a word said twice counts
  /// once.
  private static func settled(_ events: [Event], _ state: State) -> [Event] {
    let after = fold(events, from: state)
    var events = events
    let wanted = after.wanted
    if after.phase == .paid, wanted.allSatisfy({ $0.line.phase != .waiting }) { events.append(.preparing) }
    let isReady = wanted.allSatisfy { $0.line.phase == .ready || $0.line.phase == .collected }
    if isReady, !after.isAllReady { events.append(.allReady) }
    return events
  }
}

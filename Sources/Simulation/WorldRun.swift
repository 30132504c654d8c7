public import Clockwork

/// Why a run ended.
public enum RunEnd: Hashable, Sendable {
  /// The instant or the number of events asked for.
  case reached
  /// Nothing is left that could happen.
  case idle
  /// An invariant failed at the last event.
  case violated
  /// The caller said stop.
  case cancelled
}

extension World {
  /// Lets one event happen. False when nothing is left.
  @discardableResult
  public mutating func step(_ observer: inout some TraceObserver) -> Bool {
    run(events: 1, &observer) != .idle
  }

  /// Lets everything happen that is due up to and at `limit`, but no more than `events` events; then it is `limit`.
  ///
  /// When `events` ran out first it is the time of the last event.
  @discardableResult
  public mutating func run(
    until limit: Instant = .never, events: Int = .max, _ observer: inout some TraceObserver
  ) -> RunEnd {
    guard events > 0 else { return .reached }
    let last = eventCount.addingReportingOverflow(events)
    let stop = last.overflow ? Int.max : last.partialValue
    var fx = Effects<N>(me: .console, now: now, choices: Choices(script: []), narrating: observer.isListening)
    let mayStop = stopsAtViolation && violation == nil
    while eventCount < stop {
      let due = queue.nextTime
      guard due <= limit, due != .never else { return settle(at: limit) }
      happen(at: due, &fx, &observer)
      if mayStop, violation != nil { return .violated }
    }
    return .reached
  }

  /// As above, with nobody watching.
  @discardableResult
  public mutating func run(until limit: Instant = .never, events: Int = .max) -> RunEnd {
    var nobody = NoObserver()
    return run(until: limit, events: events, &nobody)
  }

  private mutating func settle(at limit: Instant) -> RunEnd {
    advance(to: limit)
    return queue.nextTime == .never ? .idle : .reached
  }

  /// Moves the clock to a later moment before the next event.
  mutating func advance(to moment: Instant) {
    if moment != .never { now = max(now, min(moment, queue.nextTime)) }
  }

  mutating func beginEvent(at time: Instant) {
    now = time
    lastEventTime = time
    eventCount += 1
  }

  private mutating func happen(at due: Instant, _ fx: inout Effects<N>, _ observer: inout some TraceObserver) {
    beginEvent(at: due)
    let pending = queue.popFirst()
    let (slot, hasArrived) = (pending.to, pending.hasArrived)
    guard hosts[slot].status == .up else { return miss(pending, &observer) }
    hear((consume pending).body, in: slot, hasArrived, &fx, &observer)
    judge(touched: hosts[slot].id, &observer)
  }
}

// MARK: - What a node hears

extension World {
  private mutating func hear(
    _ body: consuming Pending<N>.Body, in slot: Int, _ hasArrived: Bool, _ fx: inout Effects<N>,
    _ observer: inout some TraceObserver
  ) {
    switch consume body {
    case .vacant: break
    case .message(let message, let from, let sender, let number):
      hear(message, from, sender, number, in: slot, hasArrived, &fx, &observer)
    case .timer(let timer, _):
      hear(timer, in: slot, &fx, &observer)
    case .durable(let token):
      hear(token, in: slot, hasArrived, &fx, &observer)
    }
  }

  private mutating func hear(
    _ message: consuming N.Message, _ from: NodeID, _ sender: Int, _ number: UInt64, in slot: Int, _ hasArrived: Bool,
    _ fx: inout Effects<N>, _ observer: inout some TraceObserver
  ) {
    if sender >= 0, !hasArrived, network.isCut(sender, slot) {
      return drop(message, from, number, in: slot, .cut, &observer)
    }
    record(.message, hosts[slot].id, from, number)
    if observer.isListening {
      tell(&observer, .delivered, hosts[slot].id, from, number, message.summary, message.isRoutine)
    }
    act(slot, .message(message, from: from), &fx, &observer)
  }

  private mutating func hear(
    _ timer: consuming N.Timer, in slot: Int, _ fx: inout Effects<N>, _ observer: inout some TraceObserver
  ) {
    record(.timer, hosts[slot].id, .console, 0)
    if observer.isListening { tell(&observer, .timer, hosts[slot].id, nil, nil, "\(timer)", true) }
    act(slot, .timer(timer), &fx, &observer)
  }

  private mutating func hear(
    _ token: SyncToken, in slot: Int, _ hasArrived: Bool, _ fx: inout Effects<N>, _ observer: inout some TraceObserver
  ) {
    record(.durable, hosts[slot].id, .console, token.position)
    if !hasArrived { completeSync(token, in: slot, &observer) }
    releaseHeld(of: slot, &observer)
    act(slot, .durable(token), &fx, &observer)
  }

  private mutating func act(
    _ slot: Int, _ event: consuming Event<N>, _ fx: inout Effects<N>, _ observer: inout some TraceObserver
  ) {
    let written = observer.isListening ? members[slot].disk.position : 0
    begin(slot, &fx)
    members[slot].on(event, &fx)
    finish(slot, written, &fx, &observer)
  }

  func begin(_ slot: Int, _ fx: inout Effects<N>) {
    fx.me = hosts[slot].id
    fx.now = hosts[slot].clock.reads(at: now)
    fx.choices = choices
  }

  /// Carries out what the node in the slot wants; `written` was its disk's position before.
  mutating func finish(
    _ slot: Int, _ written: UInt64, _ fx: inout Effects<N>, _ observer: inout some TraceObserver
  ) {
    choices = fx.choices
    if observer.isListening {
      for note in fx.notes { tell(&observer, .note, hosts[slot].id, nil, nil, note, false) }
      fx.notes.removeAll(keepingCapacity: true)
      let position = members[slot].disk.position
      if position != written {
        tell(&observer, .wrote(through: position), hosts[slot].id, nil, nil, "", false)
      }
    }
    carryOut(slot, &fx, &observer)
  }

  func tell(
    _ observer: inout some TraceObserver, _ kind: TraceEvent.Kind, _ node: NodeID, _ peer: NodeID?, _ number: UInt64?,
    _ summary: String, _ isRoutine: Bool
  ) {
    observer.saw(
      TraceEvent(
        index: eventCount, time: now, kind: kind, node: node, peer: peer, number: number, summary: summary,
        isRoutine: isRoutine))
  }
}

// MARK: - What a node does not hear

extension World {
  /// An event came due for a node that is paused or down.
  private mutating func miss(_ pending: consuming Pending<N>, _ observer: inout some TraceObserver) {
    let slot = pending.to
    let isPaused = hosts[slot].status == .paused
    switch pending.body {
    case .vacant: break
    case .message(let message, let from, let sender, let number):
      if sender >= 0, !pending.hasArrived, network.isCut(sender, slot) {
        drop(message, from, number, in: slot, .cut, &observer)
      } else if isPaused {
        park(pending, .message, from, number, &observer)
        if observer.isListening {
          tell(&observer, .waiting, hosts[slot].id, from, number, message.summary, message.isRoutine)
        }
      } else {
        drop(message, from, number, in: slot, .down, &observer)
      }
    case .timer:
      park(pending, .timer, .console, 0, &observer)
    case .durable(let token):
      // The platter does not wait for the process.
      if !pending.hasArrived { completeSync(token, in: slot, &observer) }
      park(pending, .durable, .console, token.position, &observer)
    }
    judge(touched: hosts[slot].id, &observer)
  }

  private mutating func park(
    _ pending: Pending<N>, _ kind: HashedKind, _ from: NodeID, _ number: UInt64, _ observer: inout some TraceObserver
  ) {
    record(.waiting, hosts[pending.to].id, from, number)
    var parked = pending
    parked.hasArrived = true
    guard belongings[pending.to].waiting.count < queue.limit else { return accuseOfFlooding() }
    belongings[pending.to].waiting.append(parked)
  }

  private mutating func drop(
    _ message: borrowing N.Message, _ from: NodeID, _ number: UInt64, in slot: Int, _ reason: TraceEvent.DropReason,
    _ observer: inout some TraceObserver
  ) {
    record(.dropped, hosts[slot].id, from, number)
    if observer.isListening {
      tell(&observer, .dropped(reason), hosts[slot].id, from, number, message.summary, message.isRoutine)
    }
  }
}

// MARK: - The running hash

/// What the running hash calls an event. The numbers are pinned: changing one changes every recorded hash.
enum HashedKind: UInt64 {
  case message = 1
  case timer = 2
  case durable = 3
  case dropped = 4
  case waiting = 5
  case boot = 6
  case reconfigure = 7
  case command = 8
  case fault = 9
}

extension World {
  mutating func record(_ kind: HashedKind, _ node: NodeID, _ peer: NodeID, _ number: UInt64) {
    let who = UInt64(UInt32(bitPattern: node.rawValue)) << 8 | UInt64(UInt32(bitPattern: peer.rawValue)) << 36
    trace.combine(now.nanoseconds)
    trace.combine(kind.rawValue | who)
    trace.combine(number)
  }
}

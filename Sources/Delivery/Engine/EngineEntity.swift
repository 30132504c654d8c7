internal import Clockwork
public import EventSourcing

/// A decider of an entity that the engine keeps, and as what it keeps one that has ended.
///
/// Late and second copies of commands come to what has ended as well, and are to be answered as if all of it were still
/// there: the same events, the same refusals, the same that follows from them. Most of a state decides nothing any more
/// then, and what does fits into 32 bits. For whoever wants to see the rest the log has it.
public protocol EngineEntity: Decider {
  /// What still decides something; nil while all of the state is needed, or where it does not fit.
  static func remains(of state: State, _ number: EntityNumber) -> UInt32?
  /// A state that answers every command as the one did of which this is left.
  static func state(from remains: UInt32, _ number: EntityNumber) -> State
}

extension EngineEntity {
  public static func remains(of state: State, _ number: EntityNumber) -> UInt32? { nil }
  public static func state(from remains: UInt32, _ number: EntityNumber) -> State { initial }
}

/// Riders do not end.
extension Rider: EngineEntity {}
/// Boards do not end.
extension ZoneBoard: EngineEntity {}

/// A state of which, once its entity has ended, the phase decides alone.
public protocol PhasedState {
  associatedtype PhaseValue: RawRepresentable<UInt8>
  var phase: PhaseValue { get set }
}

extension EngineEntity where State: PhasedState {
  public static func remains(of state: State, _ number: EntityNumber) -> UInt32? {
    isTerminal(state) ? UInt32(state.phase.rawValue) : nil
  }

  public static func state(from remains: UInt32, _ number: EntityNumber) -> State {
    var state = initial
    state.phase = State.PhaseValue(rawValue: UInt8(truncatingIfNeeded: remains)) ?? state.phase
    return state
  }
}

extension Order.State: PhasedState {}
extension Order: EngineEntity {}
extension KitchenTicket.State: PhasedState {}
extension KitchenTicket: EngineEntity {}

extension Payment: EngineEntity {
  /// What was taken can still go back, in parts: a payment does not hear that its order has ended. How much is left
  /// decides, not of how much.
  public static func remains(of state: State, _ number: EntityNumber) -> UInt32? {
    let phase = UInt32(state.phase.rawValue)
    if isTerminal(state) { return phase }
    guard state.phase == .captured, let left = UInt32(exactly: state.amount - state.refunded), left < 1 << 29 else {
      return nil
    }
    return left << 3 | phase
  }

  public static func state(from remains: UInt32, _ number: EntityNumber) -> State {
    var state = initial
    state.phase = Phase(rawValue: UInt8(remains & 7)) ?? .none
    state.amount = Int64(remains >> 3)
    return state
  }
}

extension Trip: EngineEntity {
  /// How it ended; which lines of its owner had a stop, since a stop that is added too late is turned away once; and the
  /// plan that the rider's phone has not acknowledged, which it still may.
  public static func remains(of state: State, _ number: EntityNumber) -> UInt32? {
    guard state.isOver else { return nil }
    let unheard = state.acknowledged < state.plan ? state.plan : 0
    guard unheard < 1 << 15 else { return nil }
    let owner = EntityID(.delivery, number).owner
    var bits = UInt32(unheard) << 17 | (state.phase == .aborted ? 1 : 0)
    for stop in state.stops {
      let line = EntityID(.ticket, stop.ticket).line
      guard line < 16, stop.ticket == EntityID.ticket(of: owner, line: line).number else { return nil }
      bits |= 2 << UInt32(line)
    }
    return bits
  }

  public static func state(from remains: UInt32, _ number: EntityNumber) -> State {
    var state = initial
    state.phase = remains & 1 == 1 ? .aborted : .delivered
    state.plan = UInt64(remains >> 17)
    let owner = EntityID(.delivery, number).owner
    for line in 0..<UInt8(16) where remains & 2 << UInt32(line) != 0 {
      let ticket = EntityID.ticket(of: owner, line: line).number
      state.stops.append(Stop(ticket: ticket, restaurant: 0, location: state.dropoff, readyAt: .start))
    }
    return state
  }
}

extension Party: EngineEntity {
  /// How it ended, and which lines it had. With something still offered it is needed whole.
  public static func remains(of state: State, _ number: EntityNumber) -> UInt32? {
    guard isTerminal(state) else { return nil }
    var bits = UInt32(state.phase.rawValue)
    for (number, line) in state.lines {
      guard line.offer == nil, (1...UInt8(mostLines)).contains(number) else { return nil }
      bits |= 1 << (UInt32(number) + 8)
    }
    return bits
  }

  public static func state(from remains: UInt32, _ number: EntityNumber) -> State {
    var state = initial
    state.phase = Phase(rawValue: UInt8(truncatingIfNeeded: remains)) ?? .unknown
    for number in 1...UInt8(mostLines) where remains & 1 << (UInt32(number) + 8) != 0 {
      let nothing = Basket(customer: 0, restaurant: 0, pickup: state.dropoff, dropoff: state.dropoff, lines: [])
      state.lines[number] = Line(basket: nothing)
    }
    return state
  }
}

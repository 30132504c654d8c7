public import Clockwork
public import EventSourcing

/// A delivery: from one kitchen's door, or several, to the customer's. The domain calls it a delivery; the module has
/// that name already.
///
/// It alone knows whether the food has left the kitchen, so it alone decides the race between cancelling and assigning.
public enum Trip: Decider {
  public enum Phase: UInt8, Hashable, Sendable {
    /// Can become searching, aborted.
    case unknown
    /// Can become assigned, aborted.
    case searching
    /// Somebody comes. Can become searching, carrying, aborted.
    case assigned
    /// Everything is collected. Can become delivered.
    case carrying
    case delivered
    case aborted
  }

  public struct State: Hashable, Sendable {
    public var phase = Phase.unknown
    /// The zone whose board seeks the rider.
    public var home = Zone(of: Location(latitude: 0, longitude: 0))
    public var stops: [Stop] = []
    public var dropoff = Location(latitude: 0, longitude: 0)
    public var rider: UInt64?
    public var epoch: UInt64 = 0
    public var riderAt = Location(latitude: 0, longitude: 0)
    /// The rider is to leave then, to be there when things are ready.
    public var departure = Instant.start
    public var plan: UInt64 = 0
    public var acknowledged: UInt64 = 0
    public var at: UInt64?
    public var collected: [UInt64] = []
    public var widened: [Zone] = []
    public var isEscalated = false
    /// Riders who had it and did not keep it: others are asked first.
    public var lost: [UInt64] = []

    public init() {}

    public var left: [Stop] { stops.filter { !collected.contains($0.ticket) } }
    public var isOver: Bool { phase == .delivered || phase == .aborted }
  }

  public enum Rejection: Error, Hashable, Sendable {
    case unknown
  }

  /// How long a rider's phone may leave a plan unanswered.
  public static let planPatience = Interval.seconds(15)

  public static var initial: State { State() }

  public static func isTerminal(_ state: State) -> Bool { state.isOver }

  public static func decide(_ command: Command, _ state: State, at now: Instant) throws(Rejection) -> [Event] {
    switch command {
    case .request(let home, let stops, let dropoff):
      guard state.phase == .unknown, !stops.isEmpty else { return [] }
      return [.requested(home: home, stops: stops, dropoff: dropoff)]
    case .assign(let rider, let epoch, let place):
      if state.rider == rider, state.epoch == epoch, !state.isOver { return [] }
      guard state.phase == .searching else { return [.assignmentRefused(rider: rider, epoch: epoch)] }
      let plan = schedule(state.stops, state, from: place, at: now)
      return [.assigned(rider: rider, epoch: epoch, at: place, order: plan.order, departure: plan.departure)]
    case .riderLost(let rider, let epoch):
      guard state.phase == .assigned, state.rider == rider, state.epoch == epoch, state.collected.isEmpty else {
        return []
      }
      return [.riderLost(rider: rider)]
    case .widen(let zone):
      return state.phase == .searching && !state.widened.contains(zone) ? [.widened(to: zone)] : []
    case .escalate: return state.phase == .searching && !state.isEscalated ? [.escalated] : []
    case .arrived(let ticket):
      return state.phase == .assigned && state.left.contains { $0.ticket == ticket } ? [.arrived(ticket: ticket)] : []
    case .collected(let ticket):
      return state.phase == .assigned && state.left.contains { $0.ticket == ticket } ? [.collected(ticket: ticket)] : []
    // A rider whose phone never heard of a stop hands over what there is: the rider's word counts.
    case .delivered:
      return state.phase == .carrying || state.phase == .assigned && !state.collected.isEmpty ? [.delivered] : []
    case .abort: return abort(state)
    case .estimate, .add, .remove: return replan(command, state, at: now)
    case .planAcknowledged(let version):
      return version == state.plan && version > state.acknowledged ? [.planAcknowledged(version: version)] : []
    case .planOverdue(let version):
      guard version == state.plan, version > state.acknowledged, state.phase == .assigned else { return [] }
      return [.planResent(version: version)]
    }
  }

  private static func abort(_ state: State) -> [Event] {
    switch state.phase {
    // Of one that was not asked for yet too: then it never will be.
    case .unknown, .searching: [.aborted]
    case .assigned: state.collected.isEmpty ? [.aborted] : [.abortRefused]
    case .carrying, .delivered: [.abortRefused]
    case .aborted: []
    }
  }

  /// Something about the stops has changed: a plan of a higher version, with the stop where the rider is kept first.
  private static func replan(_ command: Command, _ state: State, at now: Instant) -> [Event] {
    guard state.phase == .searching || state.phase == .assigned else {
      if case .add(let stop) = command, state.phase != .unknown,
        !state.stops.contains(where: { $0.ticket == stop.ticket })
      {
        return [.additionRefused(ticket: stop.ticket)]
      }
      return []
    }
    var stops = state.stops
    switch command {
    case .estimate(let ticket, let readyAt):
      guard let at = stops.firstIndex(where: { $0.ticket == ticket }), stops[at].readyAt != readyAt else { return [] }
      stops[at].readyAt = readyAt
    case .add(let stop):
      guard !stops.contains(where: { $0.ticket == stop.ticket }) else { return [] }
      stops.append(stop)
    case .remove(let ticket):
      guard stops.contains(where: { $0.ticket == ticket }), stops.count > 1, !state.collected.contains(ticket) else {
        return []
      }
      stops.removeAll { $0.ticket == ticket }
    default: return []
    }
    guard state.phase == .assigned else {
      return [.planRevised(version: state.plan + 1, stops: stops, departure: state.departure)]
    }
    let done = stops.filter { state.collected.contains($0.ticket) }
    let plan = schedule(stops.filter { !state.collected.contains($0.ticket) }, state, from: state.riderAt, at: now)
    let ordered = plan.order.compactMap { ticket in stops.first { $0.ticket == ticket } }
    return [.planRevised(version: state.plan + 1, stops: done + ordered, departure: plan.departure)]
  }

  private static func schedule(
    _ stops: [Stop], _ state: State, from place: Location, at now: Instant
  ) -> PickupSchedule {
    let current = stops.first { $0.ticket == state.at }?.ticket
    let stops = stops.map { PickupStop(id: $0.ticket, location: $0.location, readyAt: $0.readyAt) }
    return PickupPlanner.plan(
      PickupRound(start: place, at: now, stops: stops, destination: state.dropoff, current: current))
  }

  public static func evolve(_ state: inout State, _ event: Event) {
    switch event {
    case .requested(let home, let stops, let dropoff):
      (state.phase, state.home, state.stops, state.dropoff) = (.searching, home, stops, dropoff)
    case .widened(let zone): state.widened.append(zone)
    case .assigned(let rider, let epoch, let place, let order, let departure):
      state.phase = .assigned
      (state.rider, state.epoch, state.riderAt, state.departure) = (rider, epoch, place, departure)
      state.stops.sort { a, b in
        (order.firstIndex(of: a.ticket) ?? .max, a.ticket) < (order.firstIndex(of: b.ticket) ?? .max, b.ticket)
      }
      state.isEscalated = false
    case .assignmentRefused: break
    case .riderLost(let rider):
      (state.phase, state.rider, state.at) = (.searching, nil, nil)
      state.lost.append(rider)
      state.widened = []
    case .planRevised(let version, let stops, let departure):
      (state.plan, state.stops, state.departure) = (version, stops, departure)
      if !stops.contains(where: { $0.ticket == state.at }) { state.at = nil }
    case .planAcknowledged(let version): state.acknowledged = version
    case .planResent: break
    case .arrived(let ticket):
      state.at = ticket
      if let stop = state.stops.first(where: { $0.ticket == ticket }) { state.riderAt = stop.location }
    case .collected(let ticket):
      state.collected.append(ticket)
      state.at = nil
      if state.left.isEmpty { state.phase = .carrying }
    case .delivered: state.phase = .delivered
    case .aborted: state.phase = .aborted
    case .abortRefused, .additionRefused: break
    case .escalated: state.isEscalated = true
    }
  }
}

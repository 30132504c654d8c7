public import Clockwork
public import EventSourcing

/// A rider, and the sole authority on what the rider has taken on: nobody else can assign two deliveries to one.
///
/// Every reservation has an epoch of its own. What speaks of an older one is about somebody else's delivery by now, and
/// changes nothing: so a late confirmation after the lease, or a late release, can do no harm.
public enum Rider: Decider {
  public enum Phase: Hashable, Sendable {
    /// Can become idle.
    case offline
    /// Can become offline, reserved.
    case idle
    /// Held for a delivery until the lease ends. Can become carrying, idle.
    case reserved(until: Instant)
    /// Has a delivery to do: on the way to a stop, at one, or to the door. Can become idle.
    case busy
  }

  public struct State: Hashable, Sendable {
    public var phase = Phase.offline
    public var location = Location(latitude: 0, longitude: 0)
    /// Counts the reservations.
    public var epoch: UInt64 = 0
    public var trip: UInt64?
    public var home = Zone(of: Location(latitude: 0, longitude: 0))
    public var by = Zone(of: Location(latitude: 0, longitude: 0))
    public var plan: UInt64 = 0
    public var stops: [Stop] = []
    public var dropoff = Location(latitude: 0, longitude: 0)
    public var at: UInt64?
    public var collected: [UInt64] = []
    public var suggestion: Zone?
    /// Whether the phone can be reached: what it cannot be told, nobody acknowledges.
    public var hasSignal = true

    public init() {}

    public var isIdle: Bool { phase == .idle }
    public var left: [Stop] { stops.filter { !collected.contains($0.ticket) } }
  }

  public enum Rejection: Error, Hashable, Sendable {
    case offline
    case busy
    /// Has no delivery to do that with.
    case nothingToDo
    case noSuchStop
    case somethingLeft(stops: Int)
    case noSuggestion
  }

  /// How long a reservation holds.
  public static let lease = Interval.seconds(20)
  /// How long a suggestion stands.
  public static let suggestionLease = Interval.seconds(60)

  public static var initial: State { State() }

  public static func decide(_ command: Command, _ state: State, at now: Instant) throws(Rejection) -> [Event] {
    switch command {
    case .goOnline(let place): return state.phase == .offline ? [.wentOnline(place)] : []
    case .goOffline:
      if state.phase == .offline { return [] }
      guard state.isIdle else { throw .busy }
      return [.wentOffline]
    case .move(let place):
      guard state.phase != .offline else { throw .offline }
      return place == state.location ? [] : [.moved(place, from: state.location)]
    case .reserve(let trip, let home, let by):
      if state.trip == trip { return [] }
      guard state.isIdle else { return [.reservationRefused(trip: trip, by: by)] }
      return [.reserved(trip: trip, epoch: state.epoch + 1, home: home, by: by, until: now + lease)]
    case .leaseOver(let epoch):
      guard case .reserved = state.phase, state.epoch == epoch, let trip = state.trip else { return [] }
      return [.leaseExpired(trip: trip, epoch: epoch, home: state.home, by: state.by)]
    case .refuse:
      guard let trip = state.trip, state.collected.isEmpty else { throw .nothingToDo }
      return [.offerRefused(trip: trip, epoch: state.epoch, home: state.home, by: state.by)]
    case .confirm(let trip, let epoch, let stops, let dropoff):
      guard state.trip == trip, state.epoch == epoch else {
        return [.confirmationRefused(trip: trip, epoch: epoch, home: Zone(of: stops.first?.location ?? dropoff))]
      }
      guard case .reserved = state.phase else { return [] }
      return [.confirmed(trip: trip, epoch: epoch, stops: stops, dropoff: dropoff)]
    case .release(let trip, let epoch):
      return state.trip == trip && state.epoch == epoch ? [.released(trip: trip, epoch: epoch)] : []
    case .revise(let trip, let version, let stops):
      guard state.trip == trip, state.phase == .busy, version > state.plan, state.hasSignal else { return [] }
      return [.planReceived(version: version, stops: stops)]
    case .arrive, .collect, .deliver: return try ride(command, state)
    case .suggest(let zone):
      return state.isIdle && state.suggestion == nil ? [.repositionSuggested(zone, until: now + suggestionLease)] : []
    case .suggestionOver: return state.suggestion.map { [.repositionRefused($0)] } ?? []
    case .acceptSuggestion:
      guard let zone = state.suggestion else { throw .noSuggestion }
      return [.repositioned(to: zone.centre, from: state.location)]
    case .refuseSuggestion:
      guard let zone = state.suggestion else { throw .noSuggestion }
      return [.repositionRefused(zone)]
    case .loseSignal: return state.hasSignal ? [.signalLost] : []
    case .regainSignal: return state.hasSignal ? [] : [.signalRegained]
    }
  }

  /// What the person on the scooter does.
  private static func ride(_ command: Command, _ state: State) throws(Rejection) -> [Event] {
    guard state.phase == .busy, let trip = state.trip else { throw .nothingToDo }
    switch command {
    case .arrive(let ticket):
      guard state.left.contains(where: { $0.ticket == ticket }) else { throw .noSuchStop }
      return state.at == ticket ? [] : [.arrived(ticket: ticket)]
    case .collect(let ticket):
      if state.collected.contains(ticket) { return [] }
      guard state.left.contains(where: { $0.ticket == ticket }) else { throw .noSuchStop }
      return state.at == ticket ? [.collected(ticket: ticket)] : [.arrived(ticket: ticket), .collected(ticket: ticket)]
    default:
      guard state.left.isEmpty else { throw .somethingLeft(stops: state.left.count) }
      return [.delivered(trip: trip, home: state.home)]
    }
  }

  public static func evolve(_ state: inout State, _ event: Event) {
    switch event {
    case .wentOnline(let place): (state.phase, state.location) = (.idle, place)
    case .wentOffline: (state.phase, state.suggestion) = (.offline, nil)
    case .moved(let place, _): state.location = place
    case .reserved(let trip, let epoch, let home, let by, let until):
      state.phase = .reserved(until: until)
      (state.trip, state.epoch, state.home, state.by) = (trip, epoch, home, by)
    case .reservationRefused, .confirmationRefused: break
    case .leaseExpired, .offerRefused, .released: free(&state)
    case .confirmed(_, _, let stops, let dropoff):
      (state.phase, state.stops, state.dropoff, state.suggestion) = (.busy, stops, dropoff, nil)
    case .planReceived(let version, let stops):
      (state.plan, state.stops) = (version, stops)
      if !stops.contains(where: { $0.ticket == state.at }) { state.at = nil }
    case .arrived(let ticket):
      state.at = ticket
      if let stop = state.stops.first(where: { $0.ticket == ticket }) { state.location = stop.location }
    case .collected(let ticket):
      state.collected.append(ticket)
      state.at = nil
    case .delivered:
      state.location = state.dropoff
      free(&state)
    case .repositionSuggested(let zone, _): state.suggestion = zone
    case .repositioned(let place, _): (state.location, state.suggestion) = (place, nil)
    case .repositionRefused: state.suggestion = nil
    case .signalLost: state.hasSignal = false
    case .signalRegained: state.hasSignal = true
    }
  }

  private static func free(_ state: inout State) {
    (state.phase, state.trip, state.plan, state.at) = (.idle, nil, 0, nil)
    (state.stops, state.collected) = ([], [])
  }
}

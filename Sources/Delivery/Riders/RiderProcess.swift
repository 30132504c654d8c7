import Clockwork
public import EventSourcing

/// Tells boards where riders are free, and deliveries what their riders do (a4, a5, b4, c1).
public enum RiderProcess: EntityProcess {
  public typealias Subject = Rider
  public static var name: String { "rider" }

  enum Timer: UInt8 {
    case lease = 1
    case suggestion
  }

  public static func react(_ input: Happened<Rider.Event>, _ state: Rider.State) -> [Effect<Addressed>] {
    let rider = input.entity
    let number = rider.number
    switch input.event {
    case .wentOnline(let place): return [.send(list(number, place))]
    case .wentOffline: return [.send(unlist(number, state.location)), .cancelTimer(name: Timer.suggestion.rawValue)]
    case .moved(let place, let from):
      return state.isIdle ? moved(number, place, from) : []
    case .reserved(let trip, let epoch, let home, _, _):
      return [
        .send(.trip(trip, home: home, .assign(rider: number, epoch: epoch, at: state.location))),
        .schedule(.rider(rider, .leaseOver(epoch: epoch)), after: Rider.lease, name: Timer.lease.rawValue),
      ]
    case .reservationRefused(let trip, let by):
      return [.send(.board(by, .refused(trip: trip, rider: number)))]
    case .leaseExpired(let trip, let epoch, let home, let by), .offerRefused(let trip, let epoch, let home, let by):
      // Free again, first: whoever is told that the job has nobody may look for this rider.
      return [
        .cancelTimer(name: Timer.lease.rawValue), .send(list(number, state.location)),
        .send(.board(by, .refused(trip: trip, rider: number))),
        .send(.trip(trip, home: home, .riderLost(rider: number, epoch: epoch))),
      ]
    case .confirmed: return [.cancelTimer(name: Timer.lease.rawValue)]
    // The delivery sends its plan again until it is acknowledged: nothing is to be fetched.
    case .signalLost, .signalRegained: return []
    case .confirmationRefused(let trip, let epoch, let home):
      return [.send(.trip(trip, home: home, .riderLost(rider: number, epoch: epoch)))]
    case .released:
      return [.cancelTimer(name: Timer.lease.rawValue), .send(list(number, state.location))]
    case .planReceived(let version, _):
      guard let trip = state.trip else { return [] }
      return [.send(.trip(trip, home: state.home, .planAcknowledged(version: version)))]
    case .arrived(let ticket): return tell(state, .arrived(ticket: ticket))
    case .collected(let ticket): return tell(state, .collected(ticket: ticket))
    case .delivered(let trip, let home):
      return [.send(.trip(trip, home: home, .delivered)), .send(list(number, state.location))]
    case .repositionSuggested:
      return [
        .schedule(.rider(rider, .suggestionOver), after: Rider.suggestionLease, name: Timer.suggestion.rawValue)
      ]
    case .repositioned(let place, let from):
      return [.cancelTimer(name: Timer.suggestion.rawValue)] + (state.isIdle ? moved(number, place, from) : [])
    case .repositionRefused(let zone):
      return [
        .cancelTimer(name: Timer.suggestion.rawValue),
        .send(.board(Zone(of: state.location), .lendRefused(to: zone, rider: number))),
      ]
    }
  }

  private static func list(_ rider: UInt64, _ place: Location) -> Addressed {
    .board(Zone(of: place), .list(rider: rider, at: place))
  }

  private static func unlist(_ rider: UInt64, _ place: Location) -> Addressed {
    .board(Zone(of: place), .unlist(rider: rider))
  }

  private static func moved(_ rider: UInt64, _ place: Location, _ from: Location) -> [Effect<Addressed>] {
    let leaves: [Effect<Addressed>] = Zone(of: place) == Zone(of: from) ? [] : [.send(unlist(rider, from))]
    return leaves + [.send(list(rider, place))]
  }

  private static func tell(_ state: Rider.State, _ command: Trip.Command) -> [Effect<Addressed>] {
    state.trip.map { [.send(.trip($0, home: state.home, command))] } ?? []
  }
}

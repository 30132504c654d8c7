import Clockwork
public import EventSourcing

/// Finds a rider, confirms, replans, and tells the order or the party (a4, a5, a6, b2, b4).
public enum TripProcess: EntityProcess {
  public typealias Subject = Trip
  public static var name: String { "delivery" }

  enum Timer: UInt8 { case plan = 1 }

  public static func react(_ input: Happened<Trip.Event>, _ state: Trip.State) -> [Effect<Addressed>] {
    let trip = input.entity.number
    let home = state.home
    let owner = input.entity.owner
    switch input.event {
    case .requested: return [.send(seek(trip, state))]
    case .widened: return []
    case .assigned(let rider, let epoch, _, _, _):
      return [
        .send(.rider(.rider(rider), .confirm(trip: trip, epoch: epoch, stops: state.stops, dropoff: state.dropoff))),
        .send(.board(home, .drop(trip: trip))), .send(tell(owner, order: .riderAssigned(rider), .riderAssigned(rider))),
      ]
    case .assignmentRefused(let rider, let epoch):
      return [.send(.rider(.rider(rider), .release(trip: trip, epoch: epoch)))]
    case .riderLost:
      return [.send(seek(trip, state)), .send(tell(owner, order: .riderLost, .riderLost))]
    case .planRevised(let version, _, _), .planResent(let version):
      guard state.phase == .assigned, let rider = state.rider else { return [] }
      return [
        .send(.rider(.rider(rider), .revise(trip: trip, version: version, stops: state.stops))),
        .schedule(
          .trip(trip, home: home, .planOverdue(version: version)), after: Trip.planPatience,
          name: Timer.plan.rawValue),
      ]
    case .planAcknowledged: return [.cancelTimer(name: Timer.plan.rawValue)]
    case .arrived: return []
    case .collected(let ticket): return collected(ticket, owner, state)
    case .delivered:
      return [.send(tell(owner, order: .delivered, .delivered)), .cancelTimer(name: Timer.plan.rawValue)]
    case .aborted:
      var effects: [Effect<Addressed>] = [
        .cancelTimer(name: Timer.plan.rawValue), .send(tell(owner, order: .deliveryAborted, .deliveryAborted)),
      ]
      // What was never asked for is on no board.
      if !state.stops.isEmpty { effects.append(.send(.board(home, .drop(trip: trip)))) }
      if let rider = state.rider {
        effects.append(.send(.rider(.rider(rider), .release(trip: trip, epoch: state.epoch))))
      }
      return effects
    case .abortRefused: return [.send(tell(owner, order: .deliveryTooLate, .deliveryTooLate))]
    case .escalated: return [.send(tell(owner, order: .escalated, .escalated))]
    case .additionRefused(let ticket):
      return owner.known == .party ? [.send(.party(owner, .pickupTooLate(line: EntityID(.ticket, ticket).line)))] : []
    }
  }

  private static func seek(_ trip: UInt64, _ state: Trip.State) -> Addressed {
    .board(
      state.home,
      .seek(
        trip: trip, pickup: state.stops.first?.location ?? state.dropoff, home: state.home, backup: false,
        not: state.lost))
  }

  private static func collected(_ ticket: UInt64, _ owner: EntityID, _ state: Trip.State) -> [Effect<Addressed>] {
    guard let stop = state.stops.first(where: { $0.ticket == ticket }) else { return [] }
    let line = EntityID(.ticket, ticket).line
    var effects: [Effect<Addressed>] = [
      .send(.ticket(of: owner, line: line, at: stop.restaurant, .handOver))
    ]
    if owner.known == .party {
      effects.append(.send(.party(owner, .collected(line: line))))
    } else {
      effects.append(.send(.order(owner, .pickedUp)))
    }
    return effects
  }

  private static func tell(_ owner: EntityID, order: Order.Command, _ party: Party.Command) -> Addressed {
    owner.known == .party ? .party(owner, party) : .order(owner, order)
  }
}

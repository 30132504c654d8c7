import Clockwork
public import EventSourcing

/// Carries a board's decisions to riders, deliveries and neighbours (a4, c1).
public enum BoardProcess: EntityProcess {
  public typealias Subject = ZoneBoard
  public static var name: String { "board" }

  enum Timer: UInt8 { case batch = 1 }

  /// How long jobs are gathered before they are matched together.
  public static let clock = BatchClock()

  public static func react(_ input: Happened<ZoneBoard.Event>, _ state: ZoneBoard.State) -> [Effect<Addressed>] {
    let zone = Zone(bits: input.entity.number)
    var effects: [Effect<Addressed>] = []
    if state.beganBatch {
      let due = clock.due(first: input.at, jobs: state.jobs.count, riders: state.riders.count)
      effects.append(.schedule(.board(zone, .match), after: due - input.at, name: Timer.batch.rawValue))
    }
    switch input.event {
    case .matched(let trip, let rider, let home):
      effects.append(.send(.rider(.rider(rider), .reserve(trip: trip, home: home, by: zone))))
    case .widened(let trip, let to):
      guard let job = state.jobs[trip] else { break }
      effects.append(
        .send(
          .board(
            to, .seek(trip: trip, pickup: job.pickup, home: job.home, backup: true, not: job.refusedBy))))
      effects.append(.send(.trip(trip, home: job.home, .widen(to: to))))
    case .jobDropped(let trip, let widened):
      effects += widened.map { .send(.board($0, .drop(trip: trip))) }
    case .escalated(let trip, let home): effects.append(.send(.trip(trip, home: home, .escalate)))
    case .pressureRose(let need, _):
      let asked = zone.ring((max(1, state.askings) - 1) % ZoneBoard.reach + 1)
      // Each a share, not the whole: who is asked does not know who else is.
      let share = (need + UInt64(asked.count) - 1) / UInt64(max(1, asked.count))
      effects += asked.map { .send(.board($0, .lend(to: zone, most: share))) }
    case .lent(let rider, let to): effects.append(.send(.rider(.rider(rider), .suggest(to))))
    case .riderListed, .riderUnlisted, .jobListed, .unmatched, .roundPassed, .pressureFell: break
    }
    return effects
  }
}

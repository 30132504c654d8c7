public import Clockwork
import EventSourcing

/// Plays kitchens and riders: the same process effects as any, so that what it does survives a crash and is never done
/// twice.
public struct Autopilot: Hashable, Sendable {
  public var playsKitchens: Bool
  public var playsRiders: Bool
  /// From yes to ready.
  public var cooking: Interval
  /// From place to place.
  public var riding: Interval
  /// So many of a hundred offers are refused by the rider, decided by who and what: a rerun refuses the same.
  public var refusalsPercent: UInt64

  public init(
    kitchens: Bool = true, riders: Bool = true, cooking: Interval = .seconds(5), riding: Interval = .seconds(3),
    refusalsPercent: UInt64 = 0
  ) {
    playsKitchens = kitchens
    playsRiders = riders
    self.cooking = cooking
    self.riding = riding
    self.refusalsPercent = refusalsPercent
  }

  /// Its timers' names: no process uses such high ones.
  private static let timer: UInt8 = 200

  func react(
    _ entity: EntityID, _ event: EngineEvent, _ memory: borrowing TaskMemory, _ now: Instant
  ) -> [Effect<Addressed>] {
    switch event {
    case .ticket(let event) where playsKitchens: cook(entity, event, memory.tickets[entity.number].state, now)
    case .rider(let event) where playsRiders: ride(entity, event, memory.riders[entity.number].state, now)
    default: []
    }
  }

  private func cook(
    _ ticket: EntityID, _ event: KitchenTicket.Event, _ state: KitchenTicket.State, _ now: Instant
  ) -> [Effect<Addressed>] {
    func later(_ command: KitchenTicket.Command, _ wait: Interval) -> [Effect<Addressed>] {
      let addressed = Addressed(to: ticket, key: .restaurant(state.restaurant), .ticket(command))
      return [.schedule(addressed, after: wait, name: Self.timer)]
    }
    switch event {
    case .proposed: return later(.accept(readyAt: now + cooking + .milliseconds(500)), .milliseconds(500))
    case .accepted(let readyAt), .estimateChanged(let readyAt): return later(.ready, readyAt - now)
    default: return []
    }
  }

  private func ride(
    _ rider: EntityID, _ event: Rider.Event, _ state: Rider.State, _ now: Instant
  ) -> [Effect<Addressed>] {
    func later(_ command: Rider.Command, _ wait: Interval) -> [Effect<Addressed>] {
      [.schedule(.rider(rider, command), after: wait, name: Self.timer)]
    }
    switch event {
    case .confirmed(let trip, let epoch, _, _):
      if refuses(rider.number, trip, epoch) { return later(.refuse, .seconds(1)) }
      return later(state.left.first.map { .arrive(ticket: $0.ticket) } ?? .deliver, riding)
    case .arrived(let ticket):
      let readyAt = state.stops.first { $0.ticket == ticket }?.readyAt ?? now
      return later(.collect(ticket: ticket), max(.seconds(1), readyAt - now + .seconds(1)))
    case .collected: return later(state.left.first.map { .arrive(ticket: $0.ticket) } ?? .deliver, riding)
    case .planReceived:
      // Whatever was next is so no more, unless the rider stands at a stop.
      return state.at != nil ? [] : later(state.left.first.map { .arrive(ticket: $0.ticket) } ?? .deliver, riding)
    case .repositionSuggested: return later(.acceptSuggestion, .seconds(2))
    default: return []
    }
  }

  private func refuses(_ rider: UInt64, _ trip: UInt64, _ epoch: UInt64) -> Bool {
    guard refusalsPercent > 0 else { return false }
    var hasher = StateHasher()
    hasher.combine(rider)
    hasher.combine(trip)
    hasher.combine(epoch)
    return hasher.finalize() % 100 < refusalsPercent
  }
}

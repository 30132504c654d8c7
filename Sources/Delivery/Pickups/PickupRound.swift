public import Clockwork

/// A place where a rider collects something that is ready at some moment.
public struct PickupStop: Hashable, Sendable {
  public var id: UInt64
  public var location: Location
  /// When the kitchen says it will be ready.
  public var readyAt: Instant
  /// How long collecting takes once it is ready.
  public var service: Interval

  public init(id: UInt64, location: Location, readyAt: Instant, service: Interval = .seconds(60)) {
    self.id = id
    self.location = location
    self.readyAt = readyAt
    self.service = service
  }
}

/// One rider, several places to collect at, one door to deliver to.
public struct PickupRound: Hashable, Sendable {
  /// Where the rider is, and since when free to leave.
  public var start: Location
  public var startAt: Instant
  public var stops: [PickupStop]
  public var destination: Location
  /// The stop where the rider is, or on the way to: it stays first whatever else changes.
  public var current: UInt64?
  public var travel: Travel

  public init(
    start: Location, at startAt: Instant, stops: [PickupStop], destination: Location, current: UInt64? = nil,
    travel: Travel = .scooter
  ) {
    self.start = start
    self.startAt = startAt
    self.stops = stops
    self.destination = destination
    self.current = current
    self.travel = travel
  }

  /// One stop more, with the current one staying first.
  public func adding(_ stop: PickupStop) -> PickupRound {
    var longer = self
    longer.stops.removeAll { $0.id == stop.id }
    longer.stops.append(stop)
    return longer
  }

  /// The schedule of visiting the stops in this order, leaving the start as early as possible.
  ///
  /// The moment of arrival at a stop is that of leaving the one before plus the way; food that is not ready is waited
  /// for, and collecting takes its time.
  public func schedule(_ order: [PickupStop]) -> PickupSchedule {
    var visits: [PickupSchedule.Visit] = []
    var (place, clock) = (start, startAt)
    for stop in order {
      let arrival = clock + travel.time(from: place, to: stop.location)
      let leaving = max(arrival, stop.readyAt) + stop.service
      visits.append(PickupSchedule.Visit(stop: stop, arrival: arrival, leaving: leaving))
      (place, clock) = (stop.location, leaving)
    }
    let delivered = clock + travel.time(from: place, to: destination)
    return PickupSchedule(departure: startAt, visits: visits, delivered: delivered)
  }
}

/// In which order to collect, and when to be where.
public struct PickupSchedule: Hashable, Sendable {
  public struct Visit: Hashable, Sendable {
    public var stop: PickupStop
    public var arrival: Instant
    public var leaving: Instant

    /// How long the rider stands there before it is ready.
    public var waiting: Interval { max(.zero, stop.readyAt - arrival) }
    /// How long the food stands there before the rider comes.
    public var standing: Interval { max(.zero, arrival - stop.readyAt) }
  }

  /// When to leave the start.
  public var departure: Instant
  public var visits: [Visit]
  public var delivered: Instant

  public var order: [UInt64] { visits.map(\.stop.id) }
  public var waiting: Interval { visits.reduce(.zero) { $0 + $1.waiting } }
  /// How long food stands ready or rides along before it is at the door, over all stops: what makes it cold.
  public var cooling: Interval { visits.reduce(.zero) { $0 + (delivered - $1.stop.readyAt) } }
}

import Clockwork

/// Finds the order of collecting that has everything at the door first.
///
/// Up to `exact` stops by Held and Karp over all orders, O(2^k k²); above that every further stop goes where it costs
/// least. Then the rider's departure is put off by the slack: as late as still delivers at the same moment, so that the
/// rider arrives when things are ready instead of standing in kitchens.
///
/// Source: Held and Karp, "A dynamic programming approach to sequencing problems" (1962). Travelling earlier is never
/// worse here (one can always wait), so the earliest leaving of each set and last stop is all that must be kept.
public enum PickupPlanner {
  /// Above so many stops the exact method is not tried: 2^10 sets of 10 take a tenth of a millisecond, 2^20 do not.
  public static let exact = 10

  public static func plan(_ round: PickupRound) -> PickupSchedule {
    let order = round.stops.count <= exact ? heldKarp(round) : inserted(round)
    return putOff(round, order)
  }

  // MARK: All orders

  static func heldKarp(_ round: PickupRound) -> [PickupStop] {
    let stops = round.stops
    let count = stops.count
    guard count > 1 else { return stops }
    let way = stops.map { from in stops.map { round.travel.time(from: from.location, to: $0.location) } }
    let sets = 1 << count
    // When the last stop of a set can be left at the earliest, and which stop came before it.
    var leaving = Array(repeating: Instant.never, count: sets * count)
    var before = Array(repeating: -1, count: sets * count)
    for stop in stops.indices where round.current == nil || stops[stop].id == round.current || !hasCurrent(round) {
      let arrival = round.startAt + round.travel.time(from: round.start, to: stops[stop].location)
      leaving[(1 << stop) * count + stop] = max(arrival, stops[stop].readyAt) + stops[stop].service
    }
    for set in 1..<sets {
      for last in 0..<count where set & (1 << last) != 0 {
        let left = leaving[set * count + last]
        if left == .never { continue }
        for next in 0..<count where set & (1 << next) == 0 {
          let done = max(left + way[last][next], stops[next].readyAt) + stops[next].service
          let slot = (set | 1 << next) * count + next
          // Strictly earlier, so that of equal orders the one found first stays.
          if done < leaving[slot] { (leaving[slot], before[slot]) = (done, last) }
        }
      }
    }
    var (best, last) = (Instant.never, 0)
    for stop in 0..<count {
      let left = leaving[(sets - 1) * count + stop]
      let delivered = left + round.travel.time(from: stops[stop].location, to: round.destination)
      if left != .never, delivered < best { (best, last) = (delivered, stop) }
    }
    var order: [PickupStop] = []
    var set = sets - 1
    while last >= 0 {
      order.append(stops[last])
      let previous = before[set * count + last]
      set &= ~(1 << last)
      last = previous
    }
    return order.reversed()
  }

  private static func hasCurrent(_ round: PickupRound) -> Bool { round.stops.contains { $0.id == round.current } }

  // MARK: One by one

  /// The stops in the order in which they will be ready, each put where the whole is delivered earliest.
  static func inserted(_ round: PickupRound) -> [PickupStop] {
    var order = round.stops.filter { $0.id == round.current }
    let fixed = order.count
    let rest = round.stops.enumerated().filter { $0.element.id != round.current }
      .sorted { ($0.element.readyAt, $0.offset) < ($1.element.readyAt, $1.offset) }
    for (_, stop) in rest {
      var best: (delivered: Instant, place: Int)?
      for place in fixed...order.count {
        var tried = order
        tried.insert(stop, at: place)
        let delivered = round.schedule(tried).delivered
        if best.map({ delivered < $0.delivered }) ?? true { best = (delivered, place) }
      }
      order.insert(stop, at: best?.place ?? order.count)
    }
    return order
  }

  // MARK: Slack

  /// Leaves as late as delivers no later: from the door back, each stop is reached just in time.
  static func putOff(_ round: PickupRound, _ order: [PickupStop]) -> PickupSchedule {
    let earliest = round.schedule(order)
    // A rider who is at a stop already has no departure to put off.
    guard round.current == nil || !hasCurrent(round) else { return earliest }
    var (latest, place) = (earliest.delivered, round.destination)
    for stop in order.reversed() {
      latest = latest - round.travel.time(from: stop.location, to: place) - stop.service
      place = stop.location
    }
    if let first = order.first { latest = latest - round.travel.time(from: round.start, to: first.location) }
    guard order.count > 0, latest > round.startAt else { return earliest }
    var later = round
    later.startAt = latest
    return later.schedule(order)
  }
}

extension Instant {
  /// An earlier instant; saturates at the beginning of 64 bits, far before any world began.
  static func - (instant: Instant, interval: Interval) -> Instant {
    instant + Interval(nanoseconds: -interval.nanoseconds)
  }
}

/// How much is wanted of a zone, and who is there.
public struct ZoneLoad: Hashable, Sendable {
  public var zone: Zone
  /// Orders to collect there in the next ten minutes.
  public var orders: Int
  /// Riders who are free there.
  public var riders: Int

  public init(_ zone: Zone, orders: Int, riders: Int) {
    (self.zone, self.orders, self.riders) = (zone, orders, riders)
  }

  /// Orders that a free rider can take in that time.
  public static let perRider = 3

  /// Riders beyond what the orders need; negative when some are missing.
  public var spare: Int { riders - (orders + Self.perRider - 1) / Self.perRider }
}

/// Riders to be asked to go where they are missing.
public struct Reposition: Hashable, Sendable {
  public var from: Zone
  public var to: Zone
  public var riders: Int

  /// Who should go where: the zones that lack most are served first, from the nearest that can spare some.
  ///
  /// Not farther than `reach` metres, and a zone is asked only for what it has left over, so that helping one does not
  /// make the next one poor.
  public static func plan(_ loads: [ZoneLoad], reach: Int64 = 8_000) -> [Reposition] {
    var spare = loads.map(\.spare)
    var moves: [Reposition] = []
    let needy = loads.indices.filter { spare[$0] < 0 }
      .sorted { (spare[$0], loads[$0].zone.hash.bits) < (spare[$1], loads[$1].zone.hash.bits) }
    for to in needy {
      let near = loads.indices.map { (index: $0, away: loads[$0].zone.centre.distance(to: loads[to].zone.centre)) }
        .filter { $0.away <= reach }.sorted { ($0.away, $0.index) < ($1.away, $1.index) }
      for from in near where spare[to] < 0 && spare[from.index] > 0 {
        let count = min(-spare[to], spare[from.index])
        spare[to] += count
        spare[from.index] -= count
        moves.append(Reposition(from: loads[from.index].zone, to: loads[to].zone, riders: count))
      }
    }
    return moves
  }
}

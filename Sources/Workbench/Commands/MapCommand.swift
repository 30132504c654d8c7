import ArgumentParser
import Clockwork
import Delivery

/// Which day it is, as it is typed.
enum DayArgument: String, ExpressibleByArgument, CaseIterable {
  case ordinary
  case worldCup = "world-cup"

  var curve: DemandCurve { self == .ordinary ? .ordinaryDay() : .worldCupEvening() }
}

/// A time of the day, as it is typed: `19:30`.
struct TimeOfDay: Hashable, Sendable, ExpressibleByArgument {
  var instant: Instant

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let hour = Int64(parts[0]), let minute = Int64(parts[1]), (0..<24).contains(hour),
      (0..<60).contains(minute)
    else { return nil }
    instant = .start + .seconds(hour * 3_600 + minute * 60)
  }
}

/// The city, drawn.
struct MapCommand: BenchCommand {
  static let examples = ["map", "map --at 19:30", "map --at 20:00 --day world-cup", "map --at 12:30 --ascii"]
  static let configuration = help(
    "map", "Draw the city: its zones, what is ordered there, and the riders.",
    "Each field is a zone, a geohash of five letters, as one matcher owns it. Without a time: what the boards of the engine have, the orders that seek a rider and the riders who are free, and who was asked to go where. With --at: what restaurants there are asked for in ten minutes, as the generator of load has it for the bench's seed, and the riders who are there. A zone is marked ! when its riders cannot take what is ordered; below stands who could be asked to go where."
  )

  @Option(help: ArgumentHelp("The time of the day.", valueName: "time")) var at: TimeOfDay?
  @Option(help: ArgumentHelp("Which day.", valueName: "day")) var day = DayArgument.ordinary
  @Option(help: ArgumentHelp("How many riders there are, at most 5000.", valueName: "count")) var riders = 1_200
  @Flag(help: "Only characters of ASCII.") var ascii = false

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    guard let at else {
      try bench.needEngine()
      return Answer(.done, LiveMap(bench.engineLogs, bench.city(riders: 1)).lines(isASCII: ascii || bench.isASCII))
    }
    guard (0...5_000).contains(riders) else {
      throw Refusal("--riders \(riders) is out of bounds.", expected: "Expected 0 to 5000.", attempt: Self.examples[1])
    }
    let city = City.seoul(riders: riders, seed: bench.seed)
    let loads = Self.loads(city, day.curve, at: at.instant, seed: bench.seed)
    let moves = Reposition.plan(loads)
    let total = loads.reduce(0) { $0 + $1.orders }
    var lines = [
      Line("\(counted(total, "order")) in ten minutes, \(counted(city.riders.count, "rider")).", .heading)
    ]
    lines += CityMap(city, loads).lines(isASCII: ascii || bench.isASCII)
    let lacking = loads.filter { $0.spare < 0 }
    if lacking.isEmpty {
      lines.append("Every zone has the riders it needs.")
    } else {
      lines.append(Line("! \(counted(lacking.count, "zone")) with too few riders."))
      for move in moves.prefix(6) {
        lines.append(Line("  ask \(counted(move.riders, "rider")) of \(move.from) to go to \(move.to)"))
      }
      let moved = moves.reduce(0) { $0 + $1.riders }
      let missing = lacking.reduce(0) { $0 - $1.spare } - moved
      if moves.count > 6 { lines.append(Line("  and \(moves.count - 6) more", .faint)) }
      if missing > 0 { lines.append(Line("\(counted(missing, "rider")) too few even so.", .doubtful)) }
    }
    return Answer(.done, lines)
  }

  /// What is ordered in ten minutes from a time on, and who is free, by zone.
  static func loads(_ city: City, _ curve: DemandCurve, at start: Instant, seed: UInt64) -> [ZoneLoad] {
    var orders: [Zone: Int] = [:]
    for order in OrderLoad(city, curve, seed: seed, from: start) {
      guard order.at < start + .seconds(600) else { break }
      orders[Zone(of: city.restaurants[order.restaurant].location), default: 0] += 1
    }
    var riders: [Zone: Int] = [:]
    for rider in city.riders { riders[Zone(of: rider.location), default: 0] += 1 }
    return Set(orders.keys).union(riders.keys).sorted().map {
      ZoneLoad($0, orders: orders[$0] ?? 0, riders: riders[$0] ?? 0)
    }
  }
}

/// Zones as fields, north above.
struct CityMap {
  private let loads: [ZoneLoad]
  private let names: [Zone: String]
  /// Orders that a rider can take.
  private let perRider: Int

  init(_ city: City, _ loads: [ZoneLoad], perRider: Int = ZoneLoad.perRider) {
    (self.loads, self.perRider) = (loads, max(1, perRider))
    names = Dictionary(city.quarters.map { ($0.zone, $0.name) }, uniquingKeysWith: { first, _ in first })
  }

  private static let width = 9

  func lines(isASCII: Bool) -> [Line] {
    let places = loads.map { (load: $0, column: Int($0.zone.hash.place.column), row: Int($0.zone.hash.place.row)) }
    guard let west = places.map(\.column).min(), let east = places.map(\.column).max(),
      let south = places.map(\.row).min(), let north = places.map(\.row).max()
    else { return [] }
    // As many columns as fit; what lies further out has next to nothing.
    let last = min(east, west + 7)
    let most = max(1, loads.map(\.orders).max() ?? 1)
    let wall = isASCII ? "|" : "│"
    let rule = Line(
      (west...last).map { _ in String(repeating: isASCII ? "-" : "─", count: Self.width) }
        .joined(separator: isASCII ? "+" : "┼"), .faint)
    var lines: [Line] = []
    for row in (max(south, north - 8)...north).reversed() {
      var rows: [[Line.Span]] = [[], [], []]
      for column in west...last {
        let load = places.first { $0.column == column && $0.row == row }?.load
        var cell = [Line.Span(""), Line.Span(""), Line.Span("")]
        if let load { cell = self.cell(load, most, isASCII) }
        for index in 0..<3 {
          if column > west { rows[index].append(Line.Span(wall, .faint)) }
          rows[index].append(Line.Span(DisplayWidth.padded(cell[index].text, to: Self.width), cell[index].tone))
        }
      }
      if !lines.isEmpty { lines.append(rule) }
      lines += rows.map { Line($0) }
    }
    return lines
  }

  private func cell(_ load: ZoneLoad, _ most: Int, _ isASCII: Bool) -> [Line.Span] {
    let bars = isASCII ? ["", ".", ":", "#", "##", "###"] : ["", "░", "▒", "▓", "▓▓", "█▓█"]
    let shade = bars[min(bars.count - 1, (load.orders * 5 + most - 1) / most)]
    let name = names[load.zone] ?? load.zone.description
    let spare = load.riders - (load.orders + perRider - 1) / perRider
    return [
      Line.Span(String(name.prefix(Self.width - 1)), names[load.zone] == nil ? .faint : .strong),
      Line.Span("\(load.orders) \(shade)"),
      Line.Span("\(load.riders)r\(spare < 0 ? " !\(-spare)" : "")", spare < 0 ? .bad : .plain),
    ]
  }
}

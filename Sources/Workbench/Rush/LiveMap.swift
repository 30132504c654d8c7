import Clockwork
import Delivery
import EventSourcing
import Simulation

/// The city as the boards of the engine have it now: by their logs.
struct LiveMap {
  private let city: City
  let loads: [ZoneLoad]
  /// Riders who were asked to go to a zone, and riders who went, by zone.
  private(set) var asked: [Zone: Int] = [:]
  private(set) var went: [Zone: Int] = [:]

  init(_ logs: EngineLogs, _ city: City) {
    self.city = city
    var loads: [Zone: ZoneLoad] = [:]
    for memory in logs.memories where memory.input == .dispatchJobs {
      for number in memory.boards.numbers {
        let (zone, board) = (Zone(bits: number), memory.boards[number].state)
        let seeking = board.jobs.values.count { !$0.isBackup && $0.offered == nil }
        if seeking > 0 || !board.riders.isEmpty {
          loads[zone] = ZoneLoad(zone, orders: seeking, riders: board.riders.count)
        }
      }
    }
    self.loads = loads.values.sorted { $0.zone < $1.zone }
    for partition in 0..<logs.partitions {
      for placed in logs.log(.riderEvents, partition) {
        guard case .event(.rider(let event), _) = placed.entry.body else { continue }
        switch event {
        case .repositionSuggested(let zone, _): asked[zone, default: 0] += 1
        case .repositioned(let place, _): went[Zone(of: place), default: 0] += 1
        default: break
        }
      }
    }
  }

  var moved: Int { went.values.reduce(0, +) }

  func lines(isASCII: Bool) -> [Line] {
    let (orders, riders) = (loads.reduce(0) { $0 + $1.orders }, loads.reduce(0) { $0 + $1.riders })
    var lines = [Line("\(counted(orders, "order")) seek a rider, \(counted(riders, "rider")) are free.", .heading)]
    lines += CityMap(city, loads, perRider: 1).lines(isASCII: isASCII)
    for zone in asked.keys.sorted() {
      let name = city.quarters.first { $0.zone == zone }.map { "\($0.name) (\(zone))" } ?? "\(zone)"
      lines.append(Line("\(counted(asked[zone] ?? 0, "rider")) asked to go to \(name); \(went[zone] ?? 0) went."))
    }
    return lines
  }
}

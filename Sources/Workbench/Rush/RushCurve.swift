import Clockwork
import Delivery
import EventSourcing
import Simulation

/// A burst over time, told by the logs and by what the door said.
struct RushCurve: Sendable {
  struct Point: Hashable, Sendable {
    var at: Instant
    /// Let in by then.
    var accepted = 0
    /// In the log, and not looked at by any engine.
    var unread = 0
    /// Accepted and not over.
    var open = 0
    /// Over since the point before, in a second, in thousandths.
    var ratePerMille: Int64 = 0
    /// What was promised to the last who came.
    var promise: Interval?
  }

  private(set) var points: [Point] = []
  /// Promises whose time has come, and how many of them were kept.
  private(set) var due = 0
  private(set) var kept = 0

  /// When things happened to the orders of a burst.
  init(_ rush: Rush, _ logs: EngineLogs, until now: Instant, points most: Int = 12) {
    var placed: [Instant] = []
    var over: [UInt64: Instant] = [:]
    for partition in 0..<logs.partitions {
      for entry in logs.log(.orderEvents, partition).map(\.entry) where rush.promises[entry.entity.number] != nil {
        guard case .event(.order(let event), _) = entry.body else { continue }
        switch event {
        case .placed: placed.append(entry.at)
        case .delivered, .cancelled, .rejected: over[entry.entity.number] = entry.at
        default: break
        }
      }
    }
    judge(rush, over, now)
    draw(rush, placed.sorted(), over.values.sorted(), now, most)
  }

  private mutating func judge(_ rush: Rush, _ over: [UInt64: Instant], _ now: Instant) {
    for (number, promise) in rush.promises {
      let end = over[number]
      guard end != nil || promise.at + promise.eta < now else { continue }
      due += 1
      if let end, end <= promise.at + promise.eta { kept += 1 }
    }
  }

  private mutating func draw(_ rush: Rush, _ placed: [Instant], _ over: [Instant], _ now: Instant, _ most: Int) {
    let promises = rush.promises.values.sorted { ($0.at, $0.eta) < ($1.at, $1.eta) }
    let last = over.count >= promises.count ? over.last ?? now : now
    let length = max(.milliseconds(1), last - rush.began)
    var before = Point(at: rush.began)
    for step in 1...max(1, most) {
      let at = rush.began + .nanoseconds(length.nanoseconds / Int64(max(1, most)) * Int64(step)) + .milliseconds(1)
      var point = Point(at: at)
      let told = promises.prefix { $0.at <= at }
      point.accepted = told.count
      let (read, through) = (Self.count(placed, at), Self.count(over, at))
      (point.unread, point.open) = (max(0, point.accepted - read), max(0, point.accepted - through))
      let passed = (at - before.at).milliseconds
      let since = through - (before.accepted - before.open)
      point.ratePerMille = passed > 0 ? Int64(max(0, since)) * 1_000_000 / passed : 0
      point.promise = told.last?.eta
      points.append(point)
      before = point
    }
  }

  private static func count(_ sorted: [Instant], _ at: Instant) -> Int { sorted.prefix { $0 <= at }.count }

  /// As a table, with bars for the backlog.
  func lines(_ rush: Rush, isASCII: Bool) -> [Line] {
    var table = TextTable(["after", "accepted", "unread", "open", "", "through/s", "promised"])
    let most = max(1, points.map(\.open).max() ?? 1)
    for point in points {
      let bar = String(repeating: isASCII ? "#" : "█", count: (point.open * 20 + most - 1) / most)
      let rate = "\(point.ratePerMille / 1_000).\(point.ratePerMille % 1_000 / 100)"
      table.add([
        Self.rounded(point.at - rush.began), String(point.accepted), String(point.unread), String(point.open), bar,
        rate,
        point.promise.map { Self.rounded($0) } ?? "",
      ])
    }
    return table.lines
  }

  /// To a tenth of a second.
  static func rounded(_ time: Interval) -> String { Interval.milliseconds(time.milliseconds / 100 * 100).description }
}

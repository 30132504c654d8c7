import Clockwork
import Delivery
import EventSourcing
import RecordLog
import Simulation

/// A discount that is given on the bench: where, since when, and how much.
struct LiveDiscount: Hashable, Sendable {
  var treated: [Zone]
  var since: Instant
  var percent: Int

  /// Whether it makes somebody order who would not have: of every percent of discount, 1.2 percent more orders come.
  func brings(_ intent: OrderIntent, tapped: Instant, _ dice: inout Dice) -> Bool {
    tapped >= since && treated.contains(Zone(of: intent.door)) && dice.chance(perMille: percent * 12)
  }
}

/// Counts orders by zone in windows, and holds the zones with a discount against those without.
///
/// The stream tells a window's count anew whenever a late order changes it; the trial keeps the newest.
struct UpliftStream: Sendable {
  private var scenario: TopologyScenario
  private(set) var trial: DiscountTrial

  init(treated: [Zone], control: [Zone], since: Instant, window: Interval, grace: Interval) {
    let builder = TopologyBuilder("discount")
    builder.stream("orders", .text, .text)
      .windowed(.tumbling(window, grace: grace)).count(into: "orders-by-zone").to("counts")
    scenario = TopologyScenario(builder.build())
    trial = DiscountTrial(treated: treated, control: control, startedAt: since)
  }

  var counts: StreamCounts { scenario.tasks[0].counts }

  mutating func feed(_ zone: Zone, _ order: String, at time: Instant) {
    for told in scenario.when([StreamRecord("orders", zone.description, order, at: time)]) {
      guard let key = try? Serde<String>.text.windowed.value(told.key ?? []), let zone = Zone(key.key),
        let count = told.value.flatMap({ try? Serde<Int64>.number.value($0) })
      else { continue }
      trial.note(zone, windowFrom: key.start, orders: count)
    }
  }

  /// `+36.2 %`
  static func percent(_ perMille: Int64) -> String {
    "\(perMille < 0 ? "−" : "+")\(abs(perMille) / 10).\(abs(perMille) % 10) %"
  }

  /// Before against during, on both sides.
  ///
  /// Where the two took not equally long, as orders in a window.
  func lines(_ before: String, _ during: String, perWindow: Bool = false) -> [Line] {
    let uplift = trial.uplift
    let (old, new) = (Int64(max(1, uplift.windowsBefore)), Int64(max(1, uplift.windowsDuring)))
    var table = TextTable(["orders", before, during, "change"])
    func row(_ name: String, _ before: Int64, _ during: Int64) {
      let change = before > 0 ? Self.percent(during * old * 1_000 / (before * new) - 1_000) : "–"
      func text(_ count: Int64, _ windows: Int64) -> String {
        perWindow ? "\(count / windows).\(count * 10 / windows % 10)" : String(count)
      }
      table.add([name, text(before, old), text(during, new), change])
    }
    row("with the discount", uplift.treatedBefore, uplift.treatedDuring)
    row("without", uplift.controlBefore, uplift.controlDuring)
    guard let perMille = uplift.perMille else {
      return table.lines + [Line("uplift unknown: one side has no orders to compare with", .doubtful)]
    }
    var lines = table.lines
    if let naive = uplift.naivePerMille {
      lines.append(Line("against the time before alone \(Self.percent(naive))", .faint))
    }
    return lines + [Line("uplift \(Self.percent(perMille))", .strong)]
  }
}

extension LiveDiscount {
  /// How long a window is, and how long it waits for phones in tunnels.
  static let window = Interval.seconds(5)
  static let grace = Interval.seconds(30)

  /// What the log of commands says by now: each order that was accepted counts in the window in which it was tapped.
  func measured(_ bench: Bench) -> UpliftStream {
    let orders = bench.tappedOrders
    let zones = Set(orders.map { $0.zone }).subtracting(treated).sorted()
    var stream = UpliftStream(
      treated: treated, control: zones, since: since, window: Self.window, grace: Self.grace)
    for order in orders { stream.feed(order.zone, String(order.number), at: order.tapped) }
    return stream
  }
}

extension Bench {
  /// Orders of bursts in the log of commands, partition by partition, with when they were tapped and for which zone.
  var tappedOrders: [(number: UInt64, zone: Zone, tapped: Instant)] {
    var orders: [(number: UInt64, zone: Zone, tapped: Instant, place: Int64)] = []
    for partition in 0..<enginePartitions {
      var newest: Int64 = 0
      for record in world.committedRecords(of: Topic.orderCommands.name, partition) {
        guard record.timestamp > 0, let envelope = try? Envelope(encoded: record.value ?? []),
          case .order(.place(let basket)) = envelope.addressed.command
        else { continue }
        newest = max(newest, record.timestamp)
        orders.append(
          (envelope.addressed.to.number, Zone(of: basket.dropoff), .start + .milliseconds(record.timestamp), newest))
      }
    }
    // One reader of all partitions, that takes from the one that is furthest back in time.
    return orders.sorted { ($0.place, $0.number) < ($1.place, $1.number) }
      .map { (number: $0.number, zone: $0.zone, tapped: $0.tapped) }
  }
}

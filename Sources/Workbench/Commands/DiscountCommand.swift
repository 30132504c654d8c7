import ArgumentParser
import Clockwork
import Delivery
import EventSourcing

/// A discount, and what it brought.
struct Discount: BenchCommand {
  static let examples = [
    "discount Gangnam Hongdae --at 19:00", "discount Gangnam --at 18:30 --day world-cup --percent 30",
  ]
  static let configuration = help(
    "discount", "Give a discount in some quarters, and measure what it brings.",
    "Half an hour without it, half an hour with it, from the generator of load. Customers are played: of every percent of discount, 1.2 percent more orders come. What is measured knows nothing of that: a stream counts orders in windows of five minutes by zone, some reports come late, and the change in the discounted zones is held against the change in the others."
  )

  @ArgumentParser.Argument(help: ArgumentHelp("Where it is given.", valueName: "quarter")) var quarters: [String]
  @Option(help: ArgumentHelp("When it begins.", valueName: "time")) var at: TimeOfDay
  @Option(help: ArgumentHelp("How much cheaper, 0 to 80.", valueName: "percent")) var percent = 20
  @Option(help: ArgumentHelp("Which day.", valueName: "day")) var day = DayArgument.ordinary

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    let city = City.seoul(seed: bench.seed)
    guard (0...80).contains(percent) else {
      throw Refusal("--percent \(percent) is out of bounds.", expected: "Expected 0 to 80.", attempt: Self.examples[1])
    }
    var treated: Set<Int> = []
    for name in quarters {
      guard let index = city.quarters.firstIndex(where: { $0.name.lowercased() == name.lowercased() }) else {
        let names = city.quarters.map(\.name)
        throw Refusal(
          "No quarter \(name).",
          expected: Refusal.didYouMean(name, among: names) ?? "Quarters: \(names.joined(separator: " ")).",
          attempt: Self.examples[0])
      }
      treated.insert(index)
    }
    guard at.instant >= .start + .seconds(1_800) else {
      throw Refusal(
        "There is no half hour before that.", expected: "Expected 00:30 or later.", attempt: Self.examples[0])
    }
    return Answer(.done, measure(city, treated, seed: bench.seed))
  }

  private func measure(_ city: City, _ treated: Set<Int>, seed: UInt64) -> [Line] {
    let builder = TopologyBuilder("discount")
    builder.stream("orders", .text, .text)
      .windowed(.tumbling(.seconds(300), grace: .seconds(120))).count(into: "orders-by-zone").to("counts")
    var scenario = TopologyScenario(builder.build())
    func zone(_ index: Int) -> Zone { city.quarters[index].zone }
    let cells = Set(treated.map(zone))
    var trial = DiscountTrial(
      treated: Array(cells), control: city.quarters.indices.map(zone).filter { !cells.contains($0) },
      startedAt: at.instant)
    var dice = Dice(seed: seed ^ 0xd15c)
    var late: [StreamRecord] = []
    for order in OrderLoad(city, day.curve, seed: seed, from: at.instant + .seconds(-1_800)) {
      guard order.at < at.instant + .seconds(1_800) else { break }
      let isExtra = order.at >= at.instant && treated.contains(order.quarter) && dice.chance(perMille: percent * 12)
      let place = zone(order.quarter)
      for copy in 0..<(isExtra ? 2 : 1) {
        let record = StreamRecord("orders", place.description, "\(order.number).\(copy)", at: order.at)
        // One phone in fifty is in a tunnel, and tells a minute later.
        if dice.roll(50) == 0 {
          late.append(record)
        } else {
          Self.note(scenario.when([record]), in: &trial)
        }
      }
      while let first = late.first, first.time + .seconds(60) <= order.at {
        Self.note(scenario.when([late.removeFirst()]), in: &trial)
      }
    }
    Self.note(scenario.when(late), in: &trial)
    return report(trial, scenario.tasks[0].counts)
  }

  /// Every count that was told, and every correction.
  private static func note(_ told: [StreamRecord], in trial: inout DiscountTrial) {
    for record in told {
      guard let key = try? Serde<String>.text.windowed.value(record.key ?? []), let zone = Zone(key.key),
        let count = record.value.flatMap({ try? Serde<Int64>.number.value($0) })
      else { continue }
      trial.note(zone, windowFrom: key.start, orders: count)
    }
  }

  private func report(_ trial: DiscountTrial, _ counts: StreamCounts) -> [Line] {
    let uplift = trial.uplift
    var table = TextTable(["orders", "half an hour before", "half an hour with it", "change"])
    func change(_ before: Int64, _ during: Int64) -> String {
      before > 0 ? Self.percent(during * 1_000 / before - 1_000) : "–"
    }
    table.add([
      "with the discount", String(uplift.treatedBefore), String(uplift.treatedDuring),
      change(uplift.treatedBefore, uplift.treatedDuring),
    ])
    table.add([
      "without", String(uplift.controlBefore), String(uplift.controlDuring),
      change(uplift.controlBefore, uplift.controlDuring),
    ])
    var lines = table.lines
    if let perMille = uplift.perMille {
      lines.append(Line("uplift \(Self.percent(perMille))", .strong))
    } else {
      lines.append(Line("uplift unknown: one side has no orders", .doubtful))
    }
    lines.append(
      Line(
        "played: \(Self.percent(Int64(percent) * 12)). late and counted: \(counts.lateCounted), too late: \(counts.lateDropped).",
        .faint))
    return lines
  }

  private static func percent(_ perMille: Int64) -> String {
    "\(perMille < 0 ? "−" : "+")\(abs(perMille) / 10).\(abs(perMille) % 10) %"
  }
}

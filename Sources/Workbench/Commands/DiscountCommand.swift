import ArgumentParser
import Clockwork
import Delivery
import EventSourcing

struct DiscountCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "discount", abstract: "A discount, and what it brought: against zones that did not have it.",
    subcommands: [DiscountPlay.self, DiscountStart.self, DiscountStop.self, DiscountShow.self])
}

/// A discount on a whole city's half hour, without an engine.
struct DiscountPlay: BenchCommand {
  static let examples = [
    "discount play Gangnam Hongdae --at 19:00", "discount play Gangnam --at 18:30 --day world-cup --percent 30",
  ]
  static let configuration = help(
    "play", "Give a discount in some quarters of the generated city, and measure what it brings.",
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
    let treated = try city.quarters(named: quarters, Self.examples[0])
    guard at.instant >= .start + .seconds(1_800) else {
      throw Refusal(
        "There is no half hour before that.", expected: "Expected 00:30 or later.", attempt: Self.examples[0])
    }
    return Answer(.done, measure(city, treated, seed: bench.seed))
  }

  private func measure(_ city: City, _ treated: Set<Int>, seed: UInt64) -> [Line] {
    func zone(_ index: Int) -> Zone { city.quarters[index].zone }
    let cells = Set(treated.map(zone))
    var stream = UpliftStream(
      treated: Array(cells), control: city.quarters.indices.map(zone).filter { !cells.contains($0) },
      since: at.instant, window: .seconds(300), grace: .seconds(120))
    var dice = Dice(seed: seed ^ 0xd15c)
    var late: [(zone: Zone, order: String, at: Instant)] = []
    for order in OrderLoad(city, day.curve, seed: seed, from: at.instant + .seconds(-1_800)) {
      guard order.at < at.instant + .seconds(1_800) else { break }
      // Quarters may share a zone, and what is counted by zones is given by zones.
      let isTreated = order.at >= at.instant && cells.contains(zone(order.quarter))
      let isExtra = isTreated && dice.chance(perMille: percent * 12)
      for copy in 0..<(isExtra ? 2 : 1) {
        let told = (zone: zone(order.quarter), order: "\(order.number).\(copy)", at: order.at)
        // One phone in fifty is in a tunnel, and tells a minute later.
        if dice.roll(50) == 0 { late.append(told) } else { stream.feed(told.zone, told.order, at: told.at) }
      }
      while let first = late.first, first.at + .seconds(60) <= order.at {
        late.removeFirst()
        stream.feed(first.zone, first.order, at: first.at)
      }
    }
    for told in late { stream.feed(told.zone, told.order, at: told.at) }
    let counts = stream.counts
    return stream.lines("half an hour before", "half an hour with it") + [
      Line(
        "played: \(UpliftStream.percent(Int64(percent) * 12)). late and counted: \(counts.lateCounted), too late: \(counts.lateDropped).",
        .faint)
    ]
  }
}

import ArgumentParser
import Clockwork
import Delivery
import EventSourcing
import Simulation

/// A discount for the customers of bursts that come from now on.
struct DiscountStart: BenchCommand {
  static let examples = ["discount start Gangnam Hongdae", "discount start Gangnam --percent 0"]
  static let changesWorld = true
  static let configuration = help(
    "start", "Give a discount in the zones of some quarters, for bursts from now on.",
    "Customers are played: of every percent of discount, 1.2 percent more orders come from there. It begins with the next window of five seconds, so that no window holds some of both."
  )

  @ArgumentParser.Argument(help: ArgumentHelp("Where it is given.", valueName: "quarter")) var quarters: [String]
  @Option(help: ArgumentHelp("How much cheaper, 0 to 80.", valueName: "percent")) var percent = 20

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    try bench.needEngine()
    guard (0...80).contains(percent) else {
      throw Refusal("--percent \(percent) is out of bounds.", expected: "Expected 0 to 80.", attempt: Self.examples[1])
    }
    let city = bench.city(riders: 1)
    let zones = Set(try city.quarters(named: quarters, Self.examples[0]).map { city.quarters[$0].zone }).sorted()
    let window = LiveDiscount.window.nanoseconds
    let since = Instant.start + .nanoseconds(((bench.now - .start).nanoseconds + window - 1) / window * window)
    bench.apparatus.discount = LiveDiscount(treated: zones, since: since, percent: percent)
    bench.timeline.run(until: since)
    return Answer(
      .done,
      [Line("\(percent) percent less in \(zones.map(\.description).joined(separator: " ")). It is \(bench.now).")])
  }
}

struct DiscountStop: BenchCommand {
  static let examples = ["discount stop"]
  static let changesWorld = true
  static let configuration = help("stop", "Everybody pays the full price again, and nothing is measured any more.")

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    guard bench.apparatus.discount != nil else {
      throw Refusal("There is no discount.", attempt: "discount start Gangnam")
    }
    bench.apparatus.discount = nil
    return Answer(.done, ["There is no discount any more."])
  }
}

struct DiscountShow: BenchCommand {
  static let examples = ["discount show"]
  static let configuration = help(
    "show", "Show what the discount has brought, by the orders in the log.",
    "A stream reads the log of orders, counts them by zone in windows of five seconds, by when they were tapped, and tells a window anew when a late one comes. The change in the zones with the discount is divided by the change in all others: more orders than before proves nothing on an evening when everybody orders more."
  )

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    try bench.needEngine()
    guard let discount = bench.apparatus.discount else {
      throw Refusal("There is no discount.", attempt: "discount start Gangnam")
    }
    let stream = discount.measured(bench)
    let counts = stream.counts
    return Answer(
      .done,
      stream.lines("before, a window", "since \(discount.since)", perWindow: true) + [
        Line(
          "late and counted: \(counts.lateCounted), too late: \(counts.lateDropped), counts told anew: \(stream.trial.corrections).",
          .faint)
      ])
  }
}

import ArgumentParser
import Broker
import Clockwork
import Delivery
import DeliveryEngine
import EventSourcing
import RecordLog
import Simulation

struct BurstCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "burst", abstract: "Many orders at once: what the door says, what the log keeps, when it is over.",
    subcommands: [Start.self, Drain.self, Show.self])

  struct Start: BenchCommand {
    static let examples = [
      "burst start 300 --over 1s --riders 40", "burst start 600 --over 2s --room 200",
      "burst start 60 --quarter Gangnam --over 5s",
    ]
    static let changesWorld = true
    static let configuration = help(
      "start", "Let many customers order within a short time, and wait until each has an answer.",
      "They order as on the evening of a World Cup match: who, where and what comes from the generator of load. At the door each is told when the food will come, by how many orders are open and how fast they are got through; the order is in the log then. Only when the log has no room the door says when to come again, and then surely nothing was written. Kitchens and riders must act by themselves: engine start 2 --autopilot."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("How many orders, at most 20000.", valueName: "count")) var count: Int
    @Option(help: ArgumentHelp("Within which time.", valueName: "time")) var over = Interval.seconds(1)
    @Option(help: ArgumentHelp("How many riders are to be awake, all over the city.", valueName: "count")) var riders =
      0
    @Option(help: ArgumentHelp("How many open orders there is room for.", valueName: "count")) var room: Int64 = 100_000
    @Option(help: ArgumentHelp("Only customers from this quarter; may be said again.", valueName: "quarter"))
    var quarter: [String] = []
    @Option(help: ArgumentHelp("What share comes late, from phones in tunnels.", valueName: "share"))
    var late: Share?

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needEngine()
      guard (1...20_000).contains(count), (0...2_000).contains(riders), (1...1_000_000).contains(room),
        over > .zero, over <= .seconds(3_600)
      else {
        throw Refusal(
          "That is out of bounds.",
          expected: "Expected 1 to 20000 orders within at most an hour, at most 2000 riders, room for 1 to 1000000.",
          attempt: Self.examples[0])
      }
      guard let autopilot = bench.engineSetup?.settings.autopilot else {
        throw Refusal(
          "Nobody cooks.", expected: "Kitchens and riders must act by themselves.", attempt: "engine autopilot on")
      }
      try bench.needClient(.client(1))
      let city = bench.city(riders: max(riders, 1))
      let quarters = try city.quarters(named: quarter, Self.examples[2])
      if riders > 0 { try bench.wake(city.riders.prefix(riders), errand) }
      let plan = RushPlan(
        city: city, quarters: quarters, count: count, over: over, latePerMille: late?.perMille ?? 20,
        discount: bench.apparatus.discount)
      return bench.rush(plan, door: bench.door(autopilot, room: room), errand)
    }
  }

  struct Drain: BenchCommand {
    static let examples = ["burst drain", "burst drain --within 60s"]
    static let changesWorld = true
    static let configuration = help("drain", "Let time pass until every order is over, and show the curve.")

    @Option(help: ArgumentHelp("How long at most.", valueName: "time")) var within = Interval.seconds(1_200)

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needEngine()
      guard bench.apparatus.rush != nil else { throw Refusal("There was no burst.", attempt: Start.examples[0]) }
      let deadline = bench.now + within
      while bench.now < deadline {
        let (open, rush) = (bench.openOrders, bench.apparatus.rush)
        if open == 0 { break }
        let eta = rush.map { RushCurve.rounded($0.door.wait) } ?? ""
        errand.progress("\(open) open, \(bench.throughput) a second, over in \(eta)", nil)
        if errand.isCancelled() { return .interrupted(bench) }
        bench.timeline.run(until: min(deadline, bench.now + .seconds(1)))
        bench.lookFromTheDoor()
      }
      bench.settle()
      return Answer(bench.openOrders == 0 ? .done : .failed, try bench.rushLines())
    }
  }

  struct Show: BenchCommand {
    static let examples = ["burst show"]
    static let configuration = help(
      "show", "Show the curve of the last burst as the logs have it.",
      "Accepted: in the log by then. Unread: of those, not looked at by any engine. Open: not over. Through: how many were over a second since the line above. Promised: what the door told the last who came."
    )

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needEngine()
      return Answer(.done, try bench.rushLines())
    }
  }
}

extension City {
  func quarters(named names: [String], _ example: String) throws(Refusal) -> Set<Int> {
    var found: Set<Int> = []
    for name in names {
      guard let index = quarters.firstIndex(where: { $0.name.lowercased() == name.lowercased() }) else {
        let names = quarters.map(\.name)
        throw Refusal(
          "No quarter \(name).",
          expected: Refusal.didYouMean(name, among: names) ?? "Quarters: \(names.joined(separator: " ")).",
          attempt: example)
      }
      found.insert(index)
    }
    return found
  }
}

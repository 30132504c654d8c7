import ArgumentParser
import Clockwork
import Delivery
import EventSourcing
import Simulation

struct KitchenCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kitchen", abstract: "The kitchens' tablets.",
    subcommands: [Accept.self, Refuse.self, Ready.self, Delay.self, SoldOut.self, Show.self])

  /// Which ticket: of an order, or a line of a party.
  struct Which: ParsableArguments {
    @ArgumentParser.Argument(help: ArgumentHelp("The order, or with --line the party.", valueName: "order"))
    var number: UInt64
    @Option(help: ArgumentHelp("Of a party: which line.", valueName: "count")) var line: UInt8?

    var owner: EntityID { line == nil ? .order(number) : .party(number) }

    func address(_ command: KitchenTicket.Command, _ bench: Bench) throws(Refusal) -> Addressed {
      try bench.needEngine()
      guard let ticket = bench.engineLogs.ticket(of: owner, line: line ?? 0) else {
        throw Refusal(
          "No kitchen has a ticket for \(owner.name).", expected: "A ticket comes once the order is paid.",
          attempt: "run 1s")
      }
      return .ticket(of: owner, line: line ?? 0, at: ticket.restaurant, command)
    }
  }

  struct Accept: AddressedCommand {
    static let examples = ["kitchen accept 9", "kitchen accept 9 --ready-in 5m", "kitchen accept 4 --line 2"]
    static let configuration = help("accept", "The kitchen says yes, and when it will be ready.")

    @OptionGroup var which: Which
    @Option(help: ArgumentHelp("How long it takes.", valueName: "time")) var readyIn = Interval.seconds(600)

    func addressed(_ bench: Bench) throws(Refusal) -> Addressed {
      try which.address(.accept(readyAt: bench.now + readyIn), bench)
    }
  }

  struct Refuse: AddressedCommand {
    static let examples = ["kitchen refuse 9"]
    static let configuration = help("refuse", "The kitchen says no.")

    @OptionGroup var which: Which

    func addressed(_ bench: Bench) throws(Refusal) -> Addressed {
      try which.address(.refuse, bench)
    }
  }

  struct Ready: AddressedCommand {
    static let examples = ["kitchen ready 9"]
    static let configuration = help("ready", "The food is ready to be collected.")

    @OptionGroup var which: Which

    func addressed(_ bench: Bench) throws(Refusal) -> Addressed {
      try which.address(.ready, bench)
    }
  }

  struct Delay: AddressedCommand {
    static let examples = ["kitchen delay 9 --ready-in 20m"]
    static let configuration = help("delay", "The kitchen needs longer: the rider's plan is made anew.")

    @OptionGroup var which: Which
    @Option(help: ArgumentHelp("How long from now.", valueName: "time")) var readyIn = Interval.seconds(1200)

    func addressed(_ bench: Bench) throws(Refusal) -> Addressed {
      try which.address(.delay(readyAt: bench.now + readyIn), bench)
    }
  }

  struct SoldOut: AddressedCommand {
    static let examples = ["kitchen soldout 9 kimbap --substitute rice", "kitchen soldout 4 cake --line 2"]
    static let configuration = help(
      "soldout", "The kitchen has run out of something, and may offer something else.",
      "Of a party the customer is asked, with two minutes to choose; of a single order the substitute is taken.")

    @OptionGroup var which: Which
    @ArgumentParser.Argument(help: ArgumentHelp("What it has run out of.", valueName: "item")) var item: String
    @Option(help: ArgumentHelp("What it offers instead.", valueName: "item")) var substitute = ""

    func addressed(_ bench: Bench) throws(Refusal) -> Addressed {
      try which.address(.soldOut(item: item, substitute: substitute), bench)
    }
  }

  struct Show: BenchCommand {
    static let examples = ["kitchen show"]
    static let configuration = help("show", "Show every ticket.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needEngine()
      var table = TextTable(["restaurant", "ticket", "state", "ready at", "items"])
      var rows: [(UInt64, UInt64, [String])] = []
      for memory in bench.engineLogs.memories where memory.input == .ticketCommands {
        for number in memory.tickets.numbers {
          let state = memory.tickets[number].state
          let cells = [
            String(state.restaurant), EntityID(.ticket, number).name, state.phase.name,
            state.readyAt.map(\.description) ?? "", state.lines.map(\.item).joined(separator: ", "),
          ]
          rows.append((state.restaurant, number, cells))
        }
      }
      for row in rows.sorted(by: { ($0.0, $0.1) < ($1.0, $1.1) }) { table.add(row.2) }
      return Answer(.done, table.lines)
    }
  }
}

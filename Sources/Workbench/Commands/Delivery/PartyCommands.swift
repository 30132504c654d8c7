import ArgumentParser
import Clockwork
import Delivery
import EventSourcing
import Simulation

enum ChoiceArgument: String, ExpressibleByArgument, CaseIterable {
  case substitute, drop, without

  var choice: Party.Choice {
    switch self {
    case .substitute: .substitute
    case .drop: .drop
    case .without: .without
    }
  }
}

struct PartyCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "party", abstract: "Orders at several restaurants, brought by one rider.",
    subcommands: [Open.self, Join.self, Lock.self, Add.self, Choose.self, Cancel.self, Show.self, History.self])

  struct Open: AddressedCommand {
    static let examples = ["party open 4"]
    static let configuration = help("open", "A customer opens a party order, for baskets to join.")

    @ArgumentParser.Argument(help: ArgumentHelp("Its number.", valueName: "party")) var number: UInt64
    @Option(help: ArgumentHelp("Who gives the party.", valueName: "count")) var customer: UInt64 = 1

    func addressed(_ bench: Bench) -> Addressed {
      .party(.party(number), .open(customer: customer, dropoff: Seoul.home))
    }
  }

  /// A basket at one restaurant: a line of the party.
  struct LineArguments: ParsableArguments {
    @ArgumentParser.Argument(help: ArgumentHelp("The party.", valueName: "party")) var number: UInt64
    @ArgumentParser.Argument(help: ArgumentHelp("Which line, from 1.", valueName: "line")) var line: UInt8
    @ArgumentParser.Argument(help: ArgumentHelp("What is ordered.", valueName: "item")) var items: [String]
    @Option(help: ArgumentHelp("Where; the line's own number if not said.", valueName: "count")) var restaurant: UInt64?

    var basket: Basket {
      let place = restaurant ?? UInt64(line)
      return Basket(
        customer: 1, restaurant: place, pickup: Seoul.restaurant(place), dropoff: Seoul.home,
        lines: items.map { OrderLine($0) })
    }
  }

  struct Join: AddressedCommand {
    static let examples = ["party join 4 1 pizza", "party join 4 2 cake coffee --restaurant 5"]
    static let configuration = help("join", "A basket at one restaurant joins the party.")

    @OptionGroup var arguments: LineArguments

    func addressed(_ bench: Bench) -> Addressed {
      .party(.party(arguments.number), .join(line: arguments.line, basket: arguments.basket))
    }
  }

  struct Lock: AddressedCommand {
    static let examples = ["party lock 4"]
    static let configuration = help("lock", "The party is complete: one payment, a ticket for each kitchen.")

    @ArgumentParser.Argument(help: ArgumentHelp("The party.", valueName: "party")) var number: UInt64
    @Option(help: ArgumentHelp("How the bank behind it behaves.", valueName: "card")) var card = CardArgument.good

    func addressed(_ bench: Bench) -> Addressed {
      .party(.party(number), .lock(card: card.card))
    }
  }

  struct Add: AddressedCommand {
    static let examples = ["party add 4 3 chicken"]
    static let configuration = help("add", "One restaurant more, while the rider is on the way already.")

    @OptionGroup var arguments: LineArguments

    func addressed(_ bench: Bench) -> Addressed {
      .party(.party(arguments.number), .add(line: arguments.line, basket: arguments.basket))
    }
  }

  struct Choose: AddressedCommand {
    static let examples = ["party choose 4 2 substitute", "party choose 4 2 without"]
    static let configuration = help("choose", "The customer decides about something that is sold out or refused.")

    @ArgumentParser.Argument(help: ArgumentHelp("The party.", valueName: "party")) var number: UInt64
    @ArgumentParser.Argument(help: ArgumentHelp("Which line.", valueName: "line")) var line: UInt8
    @ArgumentParser.Argument(help: ArgumentHelp("substitute, drop or without.", valueName: "choice"))
    var choice: ChoiceArgument

    func addressed(_ bench: Bench) -> Addressed {
      .party(.party(number), .choose(line: line, choice: choice.choice))
    }
  }

  struct Cancel: AddressedCommand {
    static let examples = ["party cancel 4"]
    static let configuration = help("cancel", "Take the whole party back, until something is collected.")

    @ArgumentParser.Argument(help: ArgumentHelp("The party.", valueName: "party")) var number: UInt64

    func addressed(_ bench: Bench) -> Addressed {
      .party(.party(number), .cancel)
    }
  }

  struct Show: BenchCommand {
    static let examples = ["party show 4"]
    static let configuration = help(
      "show", "Show a party: its lines, what is asked, who brings it, and by which plan.",
      "The plan names the restaurants in the order of the rider's stops, and when the rider leaves to be there when things are ready. Every change makes a plan of a higher number; the rider's phone acknowledges it."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("The party.", valueName: "party")) var number: UInt64

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needEngine()
      let logs = bench.engineLogs
      guard let state = logs.parties.first(where: { $0.number == number })?.state else {
        throw Refusal("No party \(number).", attempt: "party open \(number)")
      }
      return Answer(.done, PartyLines.lines(number, state, logs))
    }
  }

  struct History: BenchCommand {
    static let examples = ["party history 4"]
    static let configuration = help("history", "Show every event of a party, with its place in the log.")

    @ArgumentParser.Argument(help: ArgumentHelp("The party.", valueName: "party")) var number: UInt64

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needEngine()
      let history = bench.engineLogs.history(of: .party(number))
      guard !history.isEmpty else { throw Refusal("No party \(number).", attempt: "party open \(number)") }
      return Answer(.done, HistoryTable.lines(history))
    }
  }
}

/// A party in words.
enum PartyLines {
  static func lines(_ number: UInt64, _ state: Party.State, _ logs: EngineLogs) -> [Line] {
    let rider = state.rider.map { ", rider \($0)" } ?? ""
    var lines = [
      Line("party \(number): \(state.statusText)\(rider), \(money(state, logs.payment(of: .party(number))))")
    ]
    var table = TextTable(["line", "restaurant", "state", "ready at", "items", "asked"])
    for number in state.lines.keys.sorted() {
      guard let line = state.lines[number] else { continue }
      let items = line.basket.lines.map(\.item).joined(separator: ", ")
      let asked =
        line.offer.map {
          $0.item.isEmpty ? "without it?" : "\($0.item) → \($0.substitute.isEmpty ? "drop" : $0.substitute)?"
        } ?? ""
      table.add([
        String(number), String(line.basket.restaurant), "\(line.phase)", line.readyAt.map(\.description) ?? "", items,
        asked,
      ])
    }
    lines += table.lines
    if let trip = logs.trip(of: .party(number)), trip.rider != nil {
      lines += plan(trip, saidAgain: logs.resent(trip.plan, to: .delivery(of: .party(number))))
    }
    return lines
  }

  private static func money(_ state: Party.State, _ payment: Payment.State?) -> String {
    guard let payment, payment.amount > 0 else { return "\(state.amount) won" }
    return "\(payment.amount) won" + (payment.refunded > 0 ? ", \(payment.refunded) paid back" : "")
  }

  private static func plan(_ trip: Trip.State, saidAgain: Int) -> [Line] {
    let stops = trip.stops.map { stop in
      let mark = trip.collected.contains(stop.ticket) ? " (collected)" : trip.at == stop.ticket ? " (here)" : ""
      return "\(stop.restaurant)\(mark)"
    }
    let leaves = trip.at == nil && trip.collected.isEmpty ? "; leaves at \(trip.departure)" : ""
    let again = saidAgain > 0 ? "; said again \(counted(saidAgain, "time"))" : ""
    let isHeard = trip.acknowledged >= trip.plan
    return [
      Line("plan \(trip.plan): restaurants \(stops.joined(separator: ", "))\(leaves)"),
      isHeard
        ? Line("  acknowledged\(again)", .faint)
        : Line("  not acknowledged; the phone knows plan \(trip.acknowledged)\(again)", .doubtful),
    ]
  }
}

extension EngineLogs {
  /// How often a plan was sent again to a phone that did not acknowledge it.
  fileprivate func resent(_ plan: UInt64, to delivery: EntityID) -> Int {
    history(of: delivery).count {
      if case .event(.trip(.planResent(plan)), _) = $0.entry.body { true } else { false }
    }
  }
}

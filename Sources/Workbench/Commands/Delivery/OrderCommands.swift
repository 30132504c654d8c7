import ArgumentParser
import Clockwork
import Delivery
import EventSourcing
import Simulation

/// How the bank behind a card behaves, as it is typed.
enum CardArgument: String, ExpressibleByArgument, CaseIterable {
  case good, declined, silent

  var card: Card {
    switch self {
    case .good: .good
    case .declined: .declined
    case .silent: .silent
    }
  }
}

struct OrderCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "order", abstract: "Orders of the delivery engine.",
    subcommands: [Place.self, Cancel.self, Show.self, History.self, At.self, List.self])

  struct Place: AddressedCommand {
    static let examples = [
      "order place 9", "order place 9 kimbap tteokbokki --restaurant 3", "order place 9 --card silent",
    ]
    static let configuration = help(
      "place", "Place an order, and tell what the engine made of it.",
      "The command goes to the topic order.commands as any client's would. The command returns when the engine has handled it; what follows (bank, kitchen, rider) needs time: run 5s."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("Its number.", valueName: "order")) var number: UInt64
    @ArgumentParser.Argument(help: ArgumentHelp("What is ordered.", valueName: "item")) var items: [String] = []
    @Option(help: ArgumentHelp("Who orders.", valueName: "count")) var customer: UInt64 = 1
    @Option(help: ArgumentHelp("Where; from 9 on in the neighbouring zone.", valueName: "count")) var restaurant:
      UInt64 = 1
    @Option(help: ArgumentHelp("How the bank behind it behaves.", valueName: "card")) var card = CardArgument.good
    @Option(help: ArgumentHelp("For the rider at the door.", valueName: "text")) var wish = ""
    @Flag(help: "Return at once.") var noWait = false

    func addressed(_ bench: Bench) -> Addressed {
      let lines = (items.isEmpty ? ["bibimbap"] : items).map { OrderLine($0) }
      let basket = Basket(
        customer: customer, restaurant: restaurant, pickup: Seoul.restaurant(restaurant), dropoff: Seoul.home,
        lines: lines, card: card.card, wish: wish)
      return .order(.order(number), .place(basket))
    }
  }

  struct Cancel: AddressedCommand {
    static let examples = ["order cancel 9"]
    static let configuration = help(
      "cancel", "Take an order back.",
      "Before anybody is sent for it, at once; then the delivery decides whether the food has left; after the pick-up it is refused."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("The order.", valueName: "order")) var number: UInt64
    @Flag(help: "Return at once.") var noWait = false

    func addressed(_ bench: Bench) -> Addressed {
      .order(.order(number), .cancel)
    }
  }

  struct Show: BenchCommand {
    static let examples = ["order show 9"]
    static let configuration = help("show", "Show an order as its log says it is now.")

    @ArgumentParser.Argument(help: ArgumentHelp("The order.", valueName: "order")) var number: UInt64

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let history = try bench.orderHistory(number)
      let state = OrderLines.fold(history)
      var lines = OrderLines.state(number, state)
      if let promise = bench.apparatus.rush?.promises[number], !state.phase.isOver {
        lines.append(Line("  promised by \(promise.at + promise.eta)"))
      }
      return Answer(.done, lines)
    }
  }

  struct History: BenchCommand {
    static let examples = ["order history 9", "order history 9 --forms"]
    static let configuration = help("history", "Show every event of an order, with its place in the log.")

    @ArgumentParser.Argument(help: ArgumentHelp("The order.", valueName: "order")) var number: UInt64

    @Flag(help: "Mark events that stand in a form that is written no more.") var forms = false

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      return Answer(.done, HistoryTable.lines(try bench.orderHistory(number), forms: forms))
    }
  }

  struct At: BenchCommand {
    static let examples = ["order at 9 3"]
    static let configuration = help(
      "at", "Show an order as it was after so many of its events: the log, folded only so far.")

    @ArgumentParser.Argument(help: ArgumentHelp("The order.", valueName: "order")) var number: UInt64
    @ArgumentParser.Argument(help: ArgumentHelp("After which of its events.", valueName: "version")) var version: UInt64

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let history = try bench.orderHistory(number)
      let last = OrderLines.events(history).count
      guard version >= 1, version <= UInt64(last) else {
        throw Refusal(
          "Order \(number) has no version \(version).", expected: "It has \(counted(last, "event")).",
          attempt: "order at \(number) \(last)")
      }
      let state = OrderLines.fold(history, through: version)
      return Answer(.done, OrderLines.state(number, state, "after event \(version) of \(last)"))
    }
  }

  struct List: BenchCommand {
    static let examples = ["order list"]
    static let configuration = help("list", "Show all orders as their logs say they are now.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needEngine()
      var table = TextTable(["order", "state", "rider", "items"])
      for (number, state) in bench.engineLogs.orders {
        let items = state.basket?.lines.map(\.item).joined(separator: ", ") ?? ""
        table.add([String(number), state.statusText, state.rider.map { String($0) } ?? "", items])
      }
      return Answer(.done, table.lines)
    }
  }
}

/// Everything that the log has about one thing, in its order.
enum HistoryTable {
  static func lines(_ history: [EngineLogs.Placed], forms: Bool = false) -> [Line] {
    var table = TextTable(["version", "at", "what", "position"])
    for placed in history {
      let (entry, position) = (placed.entry, placed.position.text)
      func add(_ what: String, _ version: String = "") { table.add([version, entry.at.description, what, position]) }
      switch entry.body {
      case .event(let event, let version):
        add(forms && placed.isOldForm ? "\(event.word) (form 1)" : event.word, String(version))
      case .nothing(let why): add(why)
      case .held(_, let why): add("held: \(why)")
      case .freed: add("freed")
      case .queued: add("waits for its turn")
      case .admitted: add("its turn")
      case .timerSet(_, let due, _): add("timer for \(due)")
      case .timerCleared: add("timer cleared")
      case .unreadable, .opened: break
      }
    }
    return table.lines
  }
}

/// An order in words.
enum OrderLines {
  static func events(_ history: [EngineLogs.Placed]) -> [Order.Event] {
    history.compactMap { if case .event(.order(let event), _) = $0.entry.body { event } else { nil } }
  }

  static func fold(_ history: [EngineLogs.Placed], through version: UInt64 = .max) -> Order.State {
    Order.fold(events(history).prefix(Int(clamping: version)))
  }

  static func state(_ number: UInt64, _ state: Order.State, _ when: String = "") -> [Line] {
    var lines = [Line("order \(number): \(state.statusText)\(when.isEmpty ? "" : ", \(when)")")]
    if let basket = state.basket {
      let items = basket.lines.map(\.item).joined(separator: ", ")
      lines.append(
        Line("  \(items) from restaurant \(basket.restaurant), \(basket.amount) won, customer \(basket.customer)"))
      if !basket.wish.isEmpty { lines.append(Line("  wish: \(basket.wish)")) }
    }
    if let rider = state.rider { lines.append(Line("  rider \(rider)")) }
    if let readyAt = state.readyAt, !state.phase.isOver { lines.append(Line("  ready at \(readyAt)")) }
    return lines
  }
}

extension Bench {
  func orderHistory(_ number: UInt64) throws(Refusal) -> [EngineLogs.Placed] {
    try needEngine()
    let logs = engineLogs
    let history = logs.history(of: .order(number))
    guard !history.isEmpty else {
      let open = logs.orders.map { String($0.number) }.joined(separator: " ")
      throw Refusal(
        "No order \(number).", expected: open.isEmpty ? "There are no orders." : "Orders: \(open).",
        attempt: "order place \(number)")
    }
    return history
  }
}

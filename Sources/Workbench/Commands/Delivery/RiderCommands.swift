import ArgumentParser
import Clockwork
import Delivery
import EventSourcing
import Simulation

struct RiderCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rider", abstract: "Riders of the delivery engine.",
    subcommands: [
      Online.self, Offline.self, Refuse.self, Arrive.self, Collect.self, Deliver.self, Accept.self, Decline.self,
      Show.self,
    ])

  struct Online: AddressedCommand {
    static let examples = ["rider online 1", "rider online 2 --zone next"]
    static let configuration = help("online", "A rider begins to work.")

    @ArgumentParser.Argument(help: ArgumentHelp("The rider.", valueName: "rider")) var number: UInt64
    @Option(
      help: ArgumentHelp(
        "Where: home (Gangnam), next (the zone beside it), or a geohash of five letters.", valueName: "zone"))
    var zone = "home"

    func addressed(_ bench: Bench) throws(Refusal) -> Addressed {
      guard let place = Seoul.place(zone) else {
        throw Refusal(
          "No zone \(zone).", expected: "Expected home, next, or five letters.", attempt: "rider online 2 --zone next")
      }
      return .rider(.rider(number), .goOnline(place))
    }
  }

  struct Offline: AddressedCommand {
    static let examples = ["rider offline 1"]
    static let configuration = help("offline", "A rider goes home.")

    @ArgumentParser.Argument(help: ArgumentHelp("The rider.", valueName: "rider")) var number: UInt64

    func addressed(_ bench: Bench) -> Addressed {
      .rider(.rider(number), .goOffline)
    }
  }

  struct Refuse: AddressedCommand {
    static let examples = ["rider refuse 1"]
    static let configuration = help("refuse", "A rider does not want the delivery.")

    @ArgumentParser.Argument(help: ArgumentHelp("The rider.", valueName: "rider")) var number: UInt64

    func addressed(_ bench: Bench) -> Addressed {
      .rider(.rider(number), .refuse)
    }
  }

  /// Which rider, and at which stop.
  struct StopArguments: ParsableArguments {
    @ArgumentParser.Argument(help: ArgumentHelp("The rider.", valueName: "rider")) var number: UInt64
    @Option(help: ArgumentHelp("Where; the next stop of the plan if not said.", valueName: "count"))
    var restaurant: UInt64?

    func ticket(_ bench: Bench) throws(Refusal) -> EntityNumber {
      try bench.needEngine()
      let left = bench.engineLogs.riders.first { $0.number == number }?.state.left ?? []
      guard let first = left.first else {
        throw Refusal("Rider \(number) has nothing to collect.", attempt: "rider show")
      }
      guard let restaurant else { return first.ticket }
      guard let stop = left.first(where: { $0.restaurant == restaurant }) else {
        let places = left.map { String($0.restaurant) }.joined(separator: " ")
        throw Refusal(
          "Rider \(number) has nothing to collect at restaurant \(restaurant).", expected: "Restaurants: \(places).",
          attempt: "rider show")
      }
      return stop.ticket
    }
  }

  struct Arrive: AddressedCommand {
    static let examples = ["rider arrive 1", "rider arrive 1 --restaurant 3"]
    static let configuration = help("arrive", "A rider stands at the next stop of the plan, or at another.")

    @OptionGroup var stop: StopArguments

    func addressed(_ bench: Bench) throws(Refusal) -> Addressed {
      try .rider(.rider(stop.number), .arrive(ticket: stop.ticket(bench)))
    }
  }

  struct Collect: AddressedCommand {
    static let examples = ["rider collect 1", "rider collect 1 --restaurant 3"]
    static let configuration = help("collect", "A rider takes what the next kitchen on the plan has, or another.")

    @OptionGroup var stop: StopArguments
    @Flag(help: "Return at once.") var noWait = false

    func addressed(_ bench: Bench) throws(Refusal) -> Addressed {
      try .rider(.rider(stop.number), .collect(ticket: stop.ticket(bench)))
    }
  }

  struct Deliver: AddressedCommand {
    static let examples = ["rider deliver 1"]
    static let configuration = help("deliver", "A rider hands over at the customer's door.")

    @ArgumentParser.Argument(help: ArgumentHelp("The rider.", valueName: "rider")) var number: UInt64

    func addressed(_ bench: Bench) -> Addressed {
      .rider(.rider(number), .deliver)
    }
  }

  struct Accept: AddressedCommand {
    static let examples = ["rider accept 1"]
    static let configuration = help("accept", "A rider goes where riders are needed.")

    @ArgumentParser.Argument(help: ArgumentHelp("The rider.", valueName: "rider")) var number: UInt64

    func addressed(_ bench: Bench) -> Addressed {
      .rider(.rider(number), .acceptSuggestion)
    }
  }

  struct Decline: AddressedCommand {
    static let examples = ["rider decline 1"]
    static let configuration = help("decline", "A rider stays, whoever asks.")

    @ArgumentParser.Argument(help: ArgumentHelp("The rider.", valueName: "rider")) var number: UInt64

    func addressed(_ bench: Bench) -> Addressed {
      .rider(.rider(number), .refuseSuggestion)
    }
  }

  struct Show: BenchCommand {
    static let examples = ["rider show"]
    static let configuration = help("show", "Show every rider: where, and with what.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needEngine()
      var table = TextTable(["rider", "state", "zone", "has", "epoch", "to collect"])
      for (number, state) in bench.engineLogs.riders {
        let has = state.trip.map { EntityID(.delivery, $0).owner.name } ?? ""
        let left = state.left.map { "restaurant \($0.restaurant)" }.joined(separator: ", ")
        table.add([
          String(number), state.word, Zone(of: state.location).description, has, String(state.epoch), left,
        ])
      }
      return Answer(.done, table.lines)
    }
  }
}

extension Rider.State {
  var word: String {
    switch phase {
    case .offline: "offline"
    case .idle: suggestion.map { "asked to \($0)" } ?? "idle"
    case .reserved(let until): "reserved until \(until)"
    case .busy: at != nil ? "at a stop" : left.isEmpty ? "to the door" : "to a stop"
    }
  }
}

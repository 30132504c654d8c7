import ArgumentParser
import Clockwork
import Delivery
import EventSourcing
import Simulation

/// A phone or a tablet: a cursor into each partition of the push topic, and what its screen shows.
struct Device: Hashable, Sendable {
  let subscriber: EntityID
  var isOnline = true
  /// The next offset to read, by partition.
  var cursors: [Int32: Int64] = [:]
  var screen: [EntityID: PushNote] = [:]

  /// Reads on from the cursor. Notes of an older version than what is shown change nothing.
  mutating func catchUp(_ logs: EngineLogs) {
    guard isOnline else { return }
    for (position, note) in logs.notes where position.offset >= cursors[position.partition] ?? 0 {
      cursors[position.partition] = position.offset + 1
      guard note.subscriber == subscriber, note.version >= screen[note.about]?.version ?? 0 else { continue }
      screen[note.about] = note
    }
  }

  /// The sum of its cursors: how many notes it has read past.
  var read: Int64 { cursors.values.reduce(0, +) }
}

struct DeviceCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "device", abstract: "Phones and tablets that follow an order.",
    subcommands: [Watch.self, Off.self, On.self])

  struct Watch: BenchCommand {
    static let examples = ["device watch 9", "device watch 4 --party"]
    static let changesWorld = true
    static let configuration = help(
      "watch", "Show what the customer's phone, the restaurant's tablet and the rider's phone show of an order.",
      "Each has a cursor of its own into the topic push and reads on from there. A device that was off resumes where it was, and shows what the others show."
    )

    @ArgumentParser.Argument(help: ArgumentHelp("The order.", valueName: "order")) var number: UInt64
    @Flag(help: "The number is a party's.") var party = false

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.needEngine()
      let logs = bench.engineLogs
      let about: EntityID = party ? .party(number) : .order(number)
      let subscribers = logs.subscribers(to: about)
      guard !subscribers.isEmpty else {
        throw Refusal("Nobody has been told anything about \(about.name).", attempt: "order place \(number)")
      }
      var table = TextTable(["device", "shows", "as of", "read"])
      for subscriber in subscribers {
        var device = bench.apparatus.devices[subscriber] ?? Device(subscriber: subscriber)
        device.catchUp(logs)
        bench.apparatus.devices[subscriber] = device
        let note = device.screen[about]
        table.add([
          device.isOnline ? subscriber.name : "\(subscriber.name) (off)", note?.status ?? "nothing",
          note.map { "event \($0.version)" } ?? "", String(device.read),
        ])
      }
      return Answer(.done, table.lines)
    }
  }

  struct Off: BenchCommand {
    static let examples = ["device off rider 1", "device off customer 1"]
    static let changesWorld = true
    static let configuration = help(
      "off", "A device loses its connection; its screen and its cursor stay as they are.",
      "A rider's phone that is off acknowledges no plan either: the delivery sends it again every 15 seconds.")

    @ArgumentParser.Argument(help: ArgumentHelp("customer, restaurant or rider.", valueName: "kind")) var kind: String
    @ArgumentParser.Argument(help: ArgumentHelp("Which.", valueName: "count")) var number: UInt64

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.turn(kind, number, isOnline: false, Self.examples[0], errand)
    }
  }

  struct On: BenchCommand {
    static let examples = ["device on rider 1"]
    static let changesWorld = true
    static let configuration = help("on", "A device is connected again and resumes from its cursor.")

    @ArgumentParser.Argument(help: ArgumentHelp("customer, restaurant or rider.", valueName: "kind")) var kind: String
    @ArgumentParser.Argument(help: ArgumentHelp("Which.", valueName: "count")) var number: UInt64

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.turn(kind, number, isOnline: true, Self.examples[0], errand)
    }
  }
}

extension Bench {
  fileprivate mutating func turn(
    _ kind: String, _ number: UInt64, isOnline: Bool, _ example: String, _ errand: Errand
  ) throws(Refusal) -> Answer {
    try needEngine()
    let kinds: [Kind] = [.customer, .restaurant, .rider]
    guard let known = kinds.first(where: { $0.name == kind }) else {
      throw Refusal("No device of a \(kind).", expected: "Expected customer, restaurant or rider.", attempt: example)
    }
    let subscriber = EntityID(known, number)
    if known == .rider {
      let told = try send(.rider(subscriber, isOnline ? .regainSignal : .loseSignal), errand)
      guard told.outcome == .done else { return told }
    }
    var device = apparatus.devices[subscriber] ?? Device(subscriber: subscriber)
    if !isOnline { device.catchUp(engineLogs) }
    device.isOnline = isOnline
    apparatus.devices[subscriber] = device
    return Answer(.done, [Line("The device of \(subscriber.name) is \(isOnline ? "on" : "off").")])
  }
}

extension EngineLogs {
  /// Who was ever told something about it: customer, restaurants, riders, in this order.
  func subscribers(to about: EntityID) -> [EntityID] {
    var all: Set<EntityID> = []
    for (_, note) in notes where note.about == about { all.insert(note.subscriber) }
    let rank: [UInt8: Int] = [Kind.customer.rawValue: 0, Kind.restaurant.rawValue: 1]
    return all.sorted { (rank[$0.kind] ?? 2, $0) < (rank[$1.kind] ?? 2, $1) }
  }
}

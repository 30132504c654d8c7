import ArgumentParser
import Clockwork

/// What every client's screen shows: the state of each order, folded from the records that the client has read.
struct Screens: BenchCommand {
  static let examples = ["screens", "screens orders"]
  static let configuration = help(
    "screens", "Show what each client's screen says of every order.",
    "Records like 20:placed are taken as news of order 20. A screen shows the last news that its client has read, as far as its last consume went: a read model, and as old as that."
  )

  @ArgumentParser.Argument(help: ArgumentHelp("Only this topic.", valueName: "topic"))
  var topic: String?

  func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
    if let topic { _ = try bench.needTopic(topic) }
    let read = WorldFacts(bench).consumed.filter { topic == nil || $0.partition.topic == topic }
    let screens = Screen.all(read)
    guard !screens.isEmpty else {
      return Answer(.done, [Line("No client has read anything. Try: ") + .command("consume \(topic ?? "orders")")])
    }
    var table = TextTable(["order"] + screens.map(\.client.description))
    for order in Set(screens.flatMap(\.orders.keys)).sorted() {
      table.add([Line.Span(order)] + screens.map { Line.Span($0.orders[order] ?? "-") })
    }
    return Answer(.done, table.lines)
  }

  /// One client's read model.
  struct Screen: Hashable {
    var client: NodeID
    /// By order, its last news and where that stood.
    private var news: [String: (offset: Int64, text: String)] = [:]

    var orders: [String: String] { news.mapValues(\.text) }

    private init(_ client: NodeID) { self.client = client }

    static func all(_ read: [ConsumedFact]) -> [Screen] {
      Set(read.map(\.client)).sorted().map { client in
        var screen = Screen(client)
        for fact in read where fact.client == client { screen.learn(fact) }
        return screen
      }
    }

    private mutating func learn(_ fact: ConsumedFact) {
      let parts = fact.value.split(separator: ":", maxSplits: 1).map(String.init)
      guard let order = parts.count == 2 ? parts[0] : fact.key else { return }
      if let known = news[order], known.offset > fact.offset { return }
      news[order] = (fact.offset, parts.last ?? "")
    }

    static func == (a: Self, b: Self) -> Bool { a.client == b.client && a.orders == b.orders }
    func hash(into hasher: inout Hasher) { hasher.combine(client) }
  }
}

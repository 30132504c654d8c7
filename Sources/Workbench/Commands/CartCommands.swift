import ArgumentParser
import Converging

struct CartCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cart",
    abstract: "One guest's cart in two regions at once, kept in ways that lose and in ways that do not.",
    subcommands: [Add.self, Remove.self, Show.self, Sync.self, Clock.self, Orders.self])

  struct Add: BenchCommand {
    static let examples = ["cart add bibimbap --in seoul"]
    static let changesWorld = true
    static let configuration = help(
      "add", "Add a dish in one region.", "Seen there at once; elsewhere after cart sync.")

    @ArgumentParser.Argument(help: ArgumentHelp("The dish.", valueName: "dish"))
    var dish: String

    @Option(name: .customLong("in"), help: ArgumentHelp("The region: seoul or busan.", valueName: "region"))
    var region: String

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.change(.add(dish), in: region)
    }
  }

  struct Remove: BenchCommand {
    static let examples = ["cart remove bibimbap --in busan"]
    static let changesWorld = true
    static let configuration = help(
      "remove", "Take a dish out in one region.", "It takes out what this region has seen.")

    @ArgumentParser.Argument(help: ArgumentHelp("The dish.", valueName: "dish"))
    var dish: String

    @Option(name: .customLong("in"), help: ArgumentHelp("The region: seoul or busan.", valueName: "region"))
    var region: String

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      try bench.change(.remove(dish), in: region)
    }
  }

  struct Show: BenchCommand {
    static let examples = ["cart show"]
    static let configuration = help("show", "Show the cart in each region, kept in each way.")

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      Answer(.done, CartLines.table(bench.carts))
    }
  }

  struct Sync: BenchCommand {
    static let examples = ["cart sync", "cart sync --again"]
    static let changesWorld = true
    static let configuration = help("sync", "Let the regions hear of each other's changes.")

    @Flag(help: "Deliver the last messages once more, as networks sometimes do.")
    var again = false

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      var carts = bench.carts
      let count = again ? carts.repeatExchange() : carts.exchange()
      bench.apparatus.carts = carts
      let head = "\(counted(count, "message")) delivered\(again ? " again" : "")."
      return Answer(.done, [Line(head)] + CartLines.table(carts))
    }
  }

  struct Clock: BenchCommand {
    static let examples = ["cart clock busan behind 20", "cart clock busan right"]
    static let changesWorld = true
    static let configuration = help(
      "clock", "Set a region's clock ahead, behind or right.", "Every change takes 10 ticks of true time.")

    @ArgumentParser.Argument(help: ArgumentHelp("Whose clock.", valueName: "region"))
    var region: String

    @ArgumentParser.Argument(help: ArgumentHelp("ahead TICKS, behind TICKS or right.", valueName: "how"))
    var how: [String]

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let place = try bench.place(of: region)
      var ticks: Int?
      if how == ["right"] { ticks = 0 }
      if how.count == 2, let number = Int(how[1]), (0...1_000_000).contains(number) {
        ticks = how[0] == "ahead" ? number : how[0] == "behind" ? -number : nil
      }
      guard let ticks else {
        throw Refusal(
          "\(how.joined(separator: " ")) is no setting.", expected: "Expected ahead TICKS, behind TICKS or right.",
          attempt: Self.examples[0])
      }
      var carts = bench.carts
      carts.setClock(of: place, ahead: ticks)
      bench.apparatus.carts = carts
      return Answer(.done, [Line("\(region)'s clock is \(how.joined(separator: " ")).")])
    }
  }

  struct Orders: BenchCommand {
    static let examples = ["cart orders", "cart orders --duplicate"]
    static let configuration = help(
      "orders", "Try every order in which three regions' changes can be made and delivered.",
      "Three regions, one change each; each change is delivered once to each other region, and with --duplicate one of the six deliveries comes twice. Same: all regions show the same in the end. Lost: they do, and something that was added is gone, or counted wrongly."
    )

    @Flag(help: "One message is delivered twice.")
    var duplicate = false

    func run(_ bench: inout Bench, _ errand: Errand) throws(Refusal) -> Answer {
      let dishes = ["bibimbap", "kimbap", "naengmyeon"]
      let adds = dishes.map { CartChange.add($0) }
      func cart<Cart: Replicated>(_ cart: Cart.Type) -> DeliveryOrders.Census
      where Cart.Change == CartChange, Cart.View == [String] {
        DeliveryOrders.census(of: cart, adds, withDuplicate: duplicate) { $0 == dishes }
      }
      func counter<C: Replicated>(_ counter: C.Type) -> DeliveryOrders.Census where C.Change == Int, C.View == Int {
        DeliveryOrders.census(of: counter, [1, 1, 1], withDuplicate: duplicate) { $0 == 3 }
      }
      var table = TextTable(["three adds", "orders", "same", "lost"])
      for (name, census) in [
        ("last writer wins", cart(LastWriterCart.self)), ("or-set", cart(ObservedRemoveCart.self)),
        ("naive counter", counter(NaiveCounter.self)), ("counter by region", counter(RegionCounter.self)),
      ] {
        let isGood = census.converged == census.orders && census.lossy == 0
        table.add([
          Line.Span(name), Line.Span("\(census.orders)"), Line.Span("\(census.converged)", isGood ? .good : .plain),
          Line.Span("\(census.lossy)", isGood ? .good : .bad),
        ])
      }
      return Answer(.done, table.lines)
    }
  }
}

extension Bench {
  /// The carts on the bench, or new ones.
  fileprivate var carts: RegionalCarts { apparatus.carts ?? RegionalCarts(["seoul", "busan"]) }

  fileprivate func place(of region: String) throws(Refusal) -> Int {
    if let place = carts.regions.firstIndex(of: region) { return place }
    throw Refusal(
      "No region \(region).", expected: "Regions: \(carts.regions.joined(separator: " ")).", attempt: "cart show")
  }

  fileprivate mutating func change(_ change: CartChange, in region: String) throws(Refusal) -> Answer {
    let place = try place(of: region)
    var carts = self.carts
    let shown = carts.change(change, in: place)
    apparatus.carts = carts
    return Answer(
      .done, [Line("Done in \(region), stamped \(shown). Under way: \(counted(carts.underWay, "message")).")])
  }
}

enum CartLines {
  static func table(_ carts: RegionalCarts) -> [Line] {
    func dishes(_ view: [String]) -> String { view.isEmpty ? "-" : view.joined(separator: " ") }
    var table = TextTable([""] + carts.regions)
    let rows: [(String, (RegionalCarts.Copies) -> String)] = [
      ("last writer wins", { dishes($0.lastWriter.view) }), ("or-set", { dishes($0.observedRemove.view) }),
      ("naive counter", { "\($0.naiveCount.view)" }), ("counter by region", { "\($0.regionCount.view)" }),
    ]
    for (name, view) in rows { table.add([Line.Span(name)] + carts.copies.map { Line.Span(view($0)) }) }
    return table.lines
  }
}

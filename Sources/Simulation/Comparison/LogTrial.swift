import Broker
import Clockwork
import Delivery
public import DeliveryEngine
import DualWrite
import EventSourcing

/// The evening on the log, on the same four machines: a broker on each of the first three, an instance of the delivery
/// engine on the third and on the fourth, and three kinds of device that follow a topic from where they were.
public struct LogTrial: Sendable {
  public private(set) var world: ClusterWorld
  private let plan: ComparisonPlan
  private let name: String
  private let setup: EngineSetup
  private var schedule = Schedule<ClusterNode>()
  private var screens = LogScreens()
  /// What brokers said to whoever placed an order: true when they have it.
  private var told: [UInt64: Bool] = [:]
  /// Customers who will change their minds. Every command is a producer of its own, and one may overtake another: a phone
  /// takes an order back once it has heard what became of placing it.
  private var changes: [(order: UInt64, at: Instant)] = []

  static let partitions: Int32 = 2
  private static let seoul = Location(latitude: 37_498_000, longitude: 127_027_000)
  /// About three times as many as are at work at once.
  private static let riders = 90
  /// Placing order n has ticket n + 1000; taking it back n + 5000.
  private static let (placing, cancelling): (UInt32, UInt32) = (1_000, 5_000)

  /// - Parameters:
  ///   - rules: the engine's guards; less than all of them only to see what they are for.
  public init(_ plan: ComparisonPlan, rules: EngineRules = .sound, name: String) {
    self.plan = plan
    self.name = name
    setup = Self.engineSetup(rules)
    world = ClusterWorld(seed: plan.seed)
    for input in ClusterWorld.cluster(brokers: 3, clients: 0, { $0.shortenPatience() }) {
      schedule.add(input, at: .start)
    }
    var device = ClientSetup(bootstrap: (1...3).map { NodeID($0) })
    device.isolation = .readCommitted
    device.requestTimeout = .seconds(1)
    for id in NodeID.shopDevices { schedule.add(.boot(id, .client(device)), at: .start) }
    for (place, topic) in Topic.allCases.enumerated() {
      let request = topic.creation(partitions: Self.partitions, replication: 3)
      schedule.add(
        .message(.command(.administer(Ticket(UInt32(place) + 1), request)), to: .customers),
        at: .start + .seconds(3) + .milliseconds(Int64(place) * 20))
    }
    for engine in [NodeID.engine(1), .engine(2)] {
      schedule.add(.boot(engine, .engine(setup)), at: .start + .seconds(4))
    }
    for (id, group) in zip(NodeID.shopDevices, ["phones", "tablets", "rider-phones"]) {
      let follow = ClientCommand.subscribe(Ticket(40), group: group, topics: [Topic.push.name])
      schedule.add(.message(.command(follow), to: id), at: .start + .seconds(5))
    }
    fillTheEvening()
    for fault in plan.faults {
      for mapped in fault.fault.onTheLog { schedule.add(.fault(mapped), at: fault.time) }
    }
  }

  private mutating func fillTheEvening() {
    var dice = Dice(seed: plan.seed ^ 0xd1ce)
    func near() -> Location {
      Self.seoul.moved(east: Int64(dice.roll(1_600)) - 800, north: Int64(dice.roll(1_600)) - 800)
    }
    for rider in 1...Self.riders {
      let online = produce(.rider(.rider(UInt64(rider)), .goOnline(near())), UInt32(50 + rider))
      schedule.add(online, at: .start + .seconds(7))
    }
    for order in plan.orders {
      let basket = Basket(
        customer: order.number, restaurant: order.restaurant, pickup: near(), dropoff: near(),
        lines: [OrderLine("chicken", price: max(1, order.amount))])
      let number = UInt32(truncatingIfNeeded: order.number)
      let placing = produce(.order(.order(order.number), .place(basket)), Self.placing + number)
      schedule.add(placing, at: order.at)
      if let after = order.cancelsAfter { changes.append((order: order.number, at: order.at + after)) }
    }
  }

  private func produce(_ addressed: Addressed, _ ticket: UInt32) -> WorldInput<ClusterNode> {
    let envelope = Envelope(addressed, id: CommandID(client: 1, number: UInt64(ticket)))
    return .message(
      .command(.produce(Ticket(ticket), envelope.order(partitions: Self.partitions))), to: .customers)
  }

  // MARK: Running

  private static let glance = Interval.milliseconds(100)

  /// Runs the whole evening, and on until every order is settled and shown, or patience is at an end.
  public mutating func run(
    _ isCancelled: () -> Bool = { false }, _ progress: (Double) -> Void = { _ in }
  ) -> ComparisonFigures {
    var figures = ComparisonFigures(name: name)
    var left = schedule.entries[...]
    let end = plan.calmAt + plan.patience
    while world.now < end, !isCancelled() {
      let next = world.now + Self.glance
      while let entry = left.first, entry.time <= next {
        world.run(until: max(world.now, entry.time))
        world.apply(entry.input)
        left = left.dropFirst()
      }
      world.run(until: next)
      look()
      guard world.now >= plan.calmAt else {
        progress(Double((world.now - .start).milliseconds) / Double((end - .start).milliseconds))
        continue
      }
      // Reading every log takes time: twice in a second of the evening is often enough.
      let isDue = (world.now - .start).nanoseconds / Self.glance.nanoseconds % 5 == 0
      guard isDue else { continue }
      if figures.recovery == nil, facts.allSatisfy(\.isSettled) { figures.recovery = world.now - plan.calmAt }
      if figures.recovery != nil, unshown == 0 { break }
    }
    figures.judge(facts)
    figures.delays = screens.delays.sorted()
    figures.unshown = unshown
    return figures
  }

  /// What has come to the devices, and what the brokers have answered, since the last glance.
  private mutating func look() {
    for (place, id) in NodeID.shopDevices.enumerated() {
      let received = world.withClient(id) {
        ($0.subscriptions.first?.received ?? [], $0.subscriptions.first?.receivedCount ?? 0)
      }
      if let received { screens.show(received.0, of: received.1, on: place) }
    }
    for ended in world.withClient(.customers, { $0.outcomes(last: 32) }) ?? [] {
      let number = ended.ticket.rawValue
      guard number > Self.placing, number < Self.cancelling else { continue }
      if case .produced = ended.outcome {
        told[UInt64(number - Self.placing)] = true
      } else {
        told[UInt64(number - Self.placing)] = false
      }
    }
    for change in changes where change.at <= world.now && told[change.order] != nil {
      let number = UInt32(truncatingIfNeeded: change.order)
      world.apply(produce(.order(.order(change.order), .cancel), Self.cancelling + number))
    }
    changes.removeAll { $0.at <= world.now && told[$0.order] != nil }
  }

  /// Screens that have not shown how an order ended. A rider's phone hears only of orders that the rider was given.
  private var unshown: Int {
    let logs = EngineLogs(world, partitions: Self.partitions)
    let given = Set(logs.notes.filter { $0.note.subscriber.known == .rider }.map(\.note.about.number))
    return facts.filter { !$0.isTurnedAway }.reduce(0) { count, facts in
      let number = facts.order.number
      return count
        + LogScreens.kinds.indices.count { device in
          !screens.hasEnded(number, on: device) && (device < 2 || given.contains(number))
        }
    }
  }

  /// What the logs of the engine say of every order.
  public var facts: [OrderFacts] {
    let memories = EngineLogs(world, partitions: Self.partitions).memories
    let taken = Set(memories.riders.compactMap(\.state.trip))
    return plan.orders.map { order in
      let id = EntityID.order(order.number)
      let trip = EntityID.delivery(of: id).number
      return OrderFacts(
        order: order, standing: .init((memories.order(order.number) ?? Order.initial).phase),
        money: .init((memories.payment(of: id) ?? Payment.initial).phase),
        food: .init((memories.ticket(of: id) ?? KitchenTicket.initial).phase),
        ride: .init((memories.trip(of: id) ?? Trip.initial).phase, isTaken: taken.contains(trip)),
        told: told[order.number])
    }
  }

  // MARK: What runs there

  /// Kitchens and riders take as long as those of the evening do on average.
  private static func engineSetup(_ rules: EngineRules) -> EngineSetup {
    EngineSetup.ofShortPatience(
      EngineSettings(partitions: partitions, autopilot: Autopilot(cooking: .seconds(4), riding: .seconds(4))), rules)
  }
}

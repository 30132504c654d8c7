import Clockwork
public import DualWrite

/// The evening on services without a log.
public struct DualWriteTrial: Sendable {
  public private(set) var world: World<ShopNode>
  private let plan: ComparisonPlan
  private let name: String

  public init(_ plan: ComparisonPlan, care: ShopCare, name: String) {
    self.plan = plan
    self.name = name
    world = World(seed: plan.seed)
    for service in [NodeID.orders, .payments, .kitchens, .dispatch] {
      world.apply(.boot(service, ShopNode.Setup(care: care)))
    }
    for device in NodeID.shopDevices {
      let workload = device == .customers ? plan.orders : []
      world.apply(.boot(device, ShopNode.Setup(care: care, workload: workload)))
    }
  }

  /// Runs the whole evening, and on until every order is settled or patience is at an end.
  public mutating func run(_ isCancelled: () -> Bool = { false }) -> ComparisonFigures {
    var schedule = Schedule<ShopNode>()
    schedule.add(plan.faults)
    world.run(schedule, until: plan.calmAt)
    var figures = ComparisonFigures(name: name)
    while world.now < plan.calmAt + plan.patience, !isCancelled() {
      if facts.allSatisfy(\.isSettled) {
        figures.recovery = world.now - plan.calmAt
        break
      }
      world.run(until: world.now + .milliseconds(100))
    }
    // The screens have as long as they need to catch up.
    world.run(until: plan.calmAt + plan.patience)
    figures.judge(facts)
    for device in NodeID.shopDevices {
      world.withNode(device) { node in
        guard let shown = node.device else { return }
        figures.delays += shown.shown.map { $0.at - $0.news.since }
        figures.unshown += zip(plan.orders, facts).count { order, facts in
          !facts.isTurnedAway && shown.status(of: order.number)?.isFinal != true
        }
      }
    }
    figures.delays.sort()
    return figures
  }

  /// What the four databases say of every order, dead or alive.
  public var facts: [OrderFacts] {
    let rows = [NodeID.orders, .payments, .kitchens, .dispatch].map { id in
      world.withDisk(id) { disk in plan.orders.map { disk.row($0.number)?.state } } ?? []
    }
    let told = world.withNode(.customers) { node in plan.orders.map { node.device?.answers[$0.number] } } ?? []
    return plan.orders.indices.map { index in
      OrderFacts(
        order: plan.orders[index], standing: OrderFacts.Standing(rows[0][index]),
        money: OrderFacts.Money(rows[1][index]),
        food: OrderFacts.Food(rows[2][index]), ride: OrderFacts.Ride(rows[3][index]),
        told: told.indices.contains(index) ? told[index] : nil)
    }
  }
}

extension OrderFacts.Standing {
  fileprivate init(_ state: ShopDatabase.State?) {
    self =
      switch state {
      case nil: .unknown
      case .confirmed, .ready, .carried: .confirmed
      case .delivered: .delivered
      case .cancelled: .cancelled
      default: .open
      }
  }
}

extension OrderFacts.Money {
  fileprivate init(_ state: ShopDatabase.State?) {
    self =
      switch state {
      case .authorised: .held
      case .captured: .taken
      case .voided: .givenBack
      default: .none
      }
  }
}

extension OrderFacts.Food {
  fileprivate init(_ state: ShopDatabase.State?) {
    self =
      switch state {
      case .cooking: .cooking
      case .cooked: .cooked
      case .voided: .thrownAway
      default: .none
      }
  }
}

extension OrderFacts.Ride {
  fileprivate init(_ state: ShopDatabase.State?) {
    self =
      switch state {
      case .assigned: .reserved
      case .carrying: .riding
      case .arrived: .arrived
      case .released: .released
      default: .none
      }
  }
}

public import Clockwork
public import DualWrite

/// What the stores of a system say of one order, whatever the system: the comparison's common language.
public struct OrderFacts: Hashable, Sendable {
  public enum Standing: Hashable, Sendable { case unknown, open, confirmed, delivered, cancelled }
  public enum Money: Hashable, Sendable { case none, held, taken, givenBack }
  public enum Food: Hashable, Sendable { case none, cooking, cooked, thrownAway }
  public enum Ride: Hashable, Sendable { case none, reserved, riding, arrived, released }

  public var order: ShopOrder
  public var standing: Standing
  public var money: Money
  public var food: Food
  public var ride: Ride
  /// What the customer was told; nil when nothing.
  public var told: Bool?

  public init(
    order: ShopOrder, standing: Standing, money: Money, food: Food, ride: Ride, told: Bool?
  ) {
    self.order = order
    self.standing = standing
    self.money = money
    self.food = food
    self.ride = ride
    self.told = told
  }

  /// Everything happened, and every store says so.
  public var isWhole: Bool { standing == .delivered && money == .taken && food == .cooked && ride == .arrived }

  /// Nothing is left of it, and every store says so.
  public var isUndone: Bool {
    standing == .cancelled && (money == .none || money == .givenBack) && (food == .none || food == .thrownAway)
      && (ride == .none || ride == .released)
  }

  /// The service could not be reached, and nothing is left of it anywhere.
  public var isTurnedAway: Bool {
    standing == .unknown && told != true && (money == .none || money == .givenBack)
      && (food == .none || food == .thrownAway) && (ride == .none || ride == .released)
  }

  public var isSettled: Bool { isWhole || isUndone || isTurnedAway }

  /// Some of it happened and some of it did not.
  public var isHalfApplied: Bool {
    let happened = [money == .held || money == .taken, food == .cooking || food == .cooked, isRiding]
    return !isSettled && (happened.contains(true) || standing == .confirmed || standing == .delivered)
  }

  private var isRiding: Bool { ride == .reserved || ride == .riding || ride == .arrived }

  /// How many stores say something else than the order's own row would have them say.
  public var contradictions: Int {
    let right: [Bool] =
      switch standing {
      case .unknown, .cancelled:
        [
          money == .none || money == .givenBack, food == .none || food == .thrownAway,
          ride == .none || ride == .released,
        ]
      // In the middle of it, with nobody at it any more: what is there already has no business there.
      case .open: [money == .none || money == .givenBack, food == .none || food == .thrownAway, !isRiding]
      case .confirmed: [money == .held, food == .cooking || food == .cooked, ride == .reserved || ride == .riding]
      case .delivered: [money == .taken, food == .cooked, ride == .arrived]
      }
    return right.count { !$0 }
  }

  /// How many rows somebody has to put right by hand.
  public var repairs: Int {
    if isSettled { return 0 }
    guard ride == .arrived else {
      return (money == .held || money == .taken ? 1 : 0) + (food == .cooking || food == .cooked ? 1 : 0)
        + (ride == .reserved || ride == .riding ? 1 : 0) + (standing == .cancelled || standing == .unknown ? 0 : 1)
    }
    return (standing == .delivered ? 0 : 1) + (money == .taken ? 0 : 1)
  }

  /// Somebody ordered, and got neither the meal nor a clean no.
  public var isLost: Bool { ride != .arrived && !isUndone && !isTurnedAway }
}

/// The six rows of the comparison, counted for one system.
public struct ComparisonFigures: Hashable, Sendable {
  /// As the table's head calls it.
  public var name: String
  public var orders = 0
  public var delivered = 0
  public var cancelled = 0
  /// Orders that the system could not take: the customer was told so, and nothing is left of them.
  public var turnedAway = 0

  /// Row 1: orders of which part happened.
  public var halfApplied = 0
  /// Row 2: from the last fault until every order was settled; nil when that never came.
  public var recovery: Interval?
  /// Row 2: orders that somebody has to look into.
  public var byHand = 0
  /// Row 3: rows that contradict the order's own.
  public var contradictions = 0
  /// Row 4: rows to put right by hand.
  public var repairs = 0
  /// Row 5: from the fact to the screen, over all three devices, sorted.
  public var delays: [Interval] = []
  /// Row 5: screens that never showed how an order ended.
  public var unshown = 0
  /// Row 6.
  public var lost = 0

  public init(name: String) { self.name = name }

  public mutating func judge(_ facts: [OrderFacts]) {
    orders = facts.count
    delivered = facts.count(where: \.isWhole)
    cancelled = facts.count(where: \.isUndone)
    turnedAway = facts.count(where: \.isTurnedAway)
    halfApplied = facts.count(where: \.isHalfApplied)
    byHand = facts.count { !$0.isSettled }
    contradictions = facts.reduce(0) { $0 + $1.contradictions }
    repairs = facts.reduce(0) { $0 + $1.repairs }
    lost = facts.count(where: \.isLost)
  }

  /// The delay that so many in a thousand are within; nil when nothing was shown.
  public func delay(perMille: Int) -> Interval? {
    guard !delays.isEmpty else { return nil }
    return delays[min(delays.count - 1, delays.count * max(0, perMille) / 1_000)]
  }
}

/// The same evening and the same faults for every system that is compared.
public struct ComparisonPlan: Hashable, Sendable {
  public var seed: UInt64
  public var orders: [ShopOrder]
  /// In the names of four machines n1 … n4 and of the devices c1 … c3.
  public var faults: [TimedFault]
  /// When everything is right again.
  public var calmAt: Instant
  /// How long after that a system has to come to rest.
  public var patience: Interval

  /// Faults of machines, links and devices from second 12 of the evening on, until its last order.
  public init(
    seed: UInt64, orders count: Int = 200,
    faults kinds: FaultKinds = [.crash, .power, .pause, .cut, .delay, .loss, .duplicate],
    patience: Interval = .seconds(90)
  ) {
    self.seed = seed
    self.patience = patience
    orders = ShopOrder.evening(count, seed: seed, from: .start + .seconds(10))
    calmAt = (orders.last?.at ?? .start) + .seconds(5)
    let machines = (1...4).map { NodeID(Int32($0)) }
    let nemesis = Nemesis(nodes: machines, kinds: kinds, mostDisabled: 1, pace: .seconds(4))
    faults = nemesis.plan(seed: seed, from: .start + .seconds(12), to: calmAt)
    if kinds.contains(.cut) {
      // A tunnel: each kind of device is out of reach once.
      var dice = Dice(seed: seed &+ 7)
      for device in NodeID.shopDevices {
        let begin = Instant.start + .seconds(12 + Int64(dice.roll(20)))
        let links = Link.between([device], machines)
        faults.append(TimedFault(time: begin, fault: .cut(links)))
        faults.append(TimedFault(time: begin + .seconds(6), fault: .heal(links)))
      }
    }
    let ordered = faults.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
    faults = ordered.map(\.element).filter { $0.time <= calmAt }
  }
}

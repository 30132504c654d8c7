public import Clockwork

/// An order that somebody is about to place.
public struct OrderIntent: Hashable, Sendable {
  /// Counted from 1.
  public var number: UInt64
  public var at: Instant
  public var customer: UInt64
  /// Where to.
  public var door: Location
  /// Index of the quarter of the door.
  public var quarter: Int
  /// The place of the restaurant in the city's list.
  public var restaurant: Int
  public var dishes: Int
  /// In won.
  public var amount: Int64
}

/// Orders one after the other, as a city places them: by chance, at the rate of the curve, for ever.
///
/// A stream of values, nothing is kept of what has been given out: a day of a million orders takes no more memory than
/// one of ten. The same seed gives the same orders on every machine.
public struct OrderLoad: Sequence, IteratorProtocol, Sendable {
  public let city: City
  public let curve: DemandCurve
  private var dice: Dice
  private var clock: Instant
  private var number: UInt64 = 0
  /// Restaurants by quarter, those with chicken apart.
  private let kitchens: [[Int]]
  private let chicken: [[Int]]
  private let customers: UInt64

  public init(_ city: City, _ curve: DemandCurve, seed: UInt64, from start: Instant, customers: UInt64 = 1_000_000) {
    self.city = city
    self.curve = curve
    self.customers = Swift.max(1, customers)
    dice = Dice(seed: seed)
    clock = start
    func byQuarter(_ wanted: (Restaurant) -> Bool) -> [[Int]] {
      city.quarters.indices.map { quarter in
        city.restaurants.indices.filter { city.restaurants[$0].quarter == quarter && wanted(city.restaurants[$0]) }
      }
    }
    kitchens = byQuarter { _ in true }
    chicken = byQuarter(\.isChicken)
  }

  /// Nil when the curve stays at nothing for a whole day, or the city has nobody who cooks.
  public mutating func next() -> OrderIntent? {
    guard !city.restaurants.isEmpty, !city.quarters.isEmpty, let at = nextArrival() else { return nil }
    clock = at
    number += 1
    let hour = at.nanoseconds / 3_600_000_000_000 % 24
    let quarter = City.pick(city.quarters, by: (6..<16).contains(hour) ? \.lunch : \.dinner, &dice)
    let wantsChicken =
      curve.isSpecial(at: at) && dice.roll(100) < UInt64(Swift.max(0, curve.event?.chickenPercent ?? 0))
    let dishes = 1 + Int(Swift.min(dice.roll(3), dice.roll(4)))
    return OrderIntent(
      number: number, at: at, customer: 1 + dice.roll(customers),
      door: City.scatter(around: city.quarters[quarter].centre, metres: 2_000, &dice), quarter: quarter,
      restaurant: restaurant(in: quarter, chicken: wantsChicken), dishes: dishes,
      amount: Int64(dishes) * (7_000 + 500 * Int64(dice.roll(27))))
  }

  /// One of the quarter's; of anywhere when it has none.
  private mutating func restaurant(in quarter: Int, chicken wantsChicken: Bool) -> Int {
    let near = wantsChicken && !chicken[quarter].isEmpty ? chicken[quarter] : kitchens[quarter]
    guard !near.isEmpty else { return Int(dice.roll(UInt64(city.restaurants.count))) }
    // The smaller of two throws: a few are popular.
    return near[Int(Swift.min(dice.roll(UInt64(near.count)), dice.roll(UInt64(near.count))))]
  }

  /// Arrivals of a rate that changes: what is awaited, in orders, is spent along the curve, half a minute at a time.
  private mutating func nextArrival() -> Instant? {
    var awaited = exponential()
    var moment = clock
    for _ in 0..<(24 * 120) {
      let rate = UInt64(Swift.max(0, curve.rate(at: moment)))
      let step = Self.step - moment.nanoseconds % Self.step
      // Orders of this stretch, with 32 fractional bits.
      let (high, low) = (rate << 32).multipliedFullWidth(by: UInt64(step))
      let expected = rate == 0 ? 0 : Self.hour.dividingFullWidth((high, low)).quotient
      if expected > awaited {
        let (up, down) = awaited.multipliedFullWidth(by: Self.hour)
        let spent = (rate << 32).dividingFullWidth((up, down)).quotient
        return moment + .nanoseconds(Int64(spent))
      }
      awaited -= expected
      moment = moment + .nanoseconds(step)
    }
    return nil
  }

  private static let step: Int64 = 30_000_000_000
  private static let hour: UInt64 = 3_600_000_000_000

  /// Exponential with mean 1, 32 fractional bits, by comparing throws only.
  ///
  /// Source: von Neumann, "Various techniques used in connection with random digits" (1951): a run of falling throws of
  /// odd length is accepted, and every rejection adds one.
  private mutating func exponential() -> UInt64 {
    for whole in 0..<64 as Range<UInt64> {
      let first = dice.next() >> 32
      var (last, length) = (first, 1)
      while true {
        let throwing = dice.next() >> 32
        if throwing >= last { break }
        (last, length) = (throwing, length + 1)
      }
      if length % 2 == 1 { return whole << 32 | first }
    }
    return 64 << 32
  }
}

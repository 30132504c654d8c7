public import Clockwork

/// A quarter of the city: where it is, and how much of the city's life happens there.
public struct Quarter: Hashable, Sendable {
  public var name: String
  public var centre: Location
  /// Its share of all orders at lunch, when people are at work, and at dinner, when they are at home. Only the
  /// proportions count.
  public var lunch: Int64
  public var dinner: Int64

  public var zone: Zone { Zone(of: centre) }
}

/// A kitchen that orders can be placed at.
public struct Restaurant: Hashable, Sendable {
  public var id: UInt64
  /// Index of its quarter in the city.
  public var quarter: Int
  public var location: Location
  /// How many dishes it cooks at a time.
  public var stoves: Int
  /// How long a dish takes.
  public var cooking: Interval
  /// What of a hundred dishes is chicken: where the World Cup is felt.
  public var isChicken: Bool
}

/// Somebody on a scooter.
public struct RiderProfile: Hashable, Sendable {
  public var id: UInt64
  public var quarter: Int
  public var location: Location
  /// How many offers in a thousand are refused.
  public var refusesPerMille: Int
}

/// Quarters, restaurants and riders, made from a seed.
public struct City: Hashable, Sendable {
  public let quarters: [Quarter]
  public let restaurants: [Restaurant]
  public let riders: [RiderProfile]

  public init(quarters: [Quarter], restaurants: Int, riders: Int, seed: UInt64) {
    self.quarters = quarters
    var dice = Dice(seed: seed)
    self.restaurants = (0..<max(0, restaurants)).map { number in
      let quarter = Self.pick(quarters, by: \.dinner, &dice)
      return Restaurant(
        id: UInt64(number + 1), quarter: quarter,
        location: Self.scatter(around: quarters[quarter].centre, metres: 1_500, &dice), stoves: 2 + Int(dice.roll(5)),
        cooking: .seconds(240 + Int64(dice.roll(480))), isChicken: dice.roll(4) == 0)
    }
    self.riders = (0..<max(0, riders)).map { number in
      let quarter = Self.pick(quarters, by: \.dinner, &dice)
      return RiderProfile(
        id: UInt64(number + 1), quarter: quarter,
        location: Self.scatter(around: quarters[quarter].centre, metres: 2_000, &dice),
        refusesPerMille: Int(dice.roll(250)))
    }
  }

  /// Seoul as far as a delivery service sees it: twelve quarters where they are, with made-up restaurants and riders.
  public static func seoul(restaurants: Int = 600, riders: Int = 400, seed: UInt64) -> City {
    City(quarters: seoulQuarters, restaurants: restaurants, riders: riders, seed: seed)
  }

  /// The index of a quarter, drawn by weight.
  static func pick(_ quarters: [Quarter], by weight: KeyPath<Quarter, Int64>, _ dice: inout Dice) -> Int {
    let total = quarters.reduce(0) { $0 + max(0, $1[keyPath: weight]) }
    var left = Int64(dice.roll(UInt64(max(1, total))))
    for (index, quarter) in quarters.enumerated() {
      left -= max(0, quarter[keyPath: weight])
      if left < 0 { return index }
    }
    return max(0, quarters.count - 1)
  }

  /// A place near another: the sum of three throws is bell-shaped enough.
  static func scatter(around centre: Location, metres: Int64, _ dice: inout Dice) -> Location {
    func offset() -> Int64 {
      (0..<3).reduce(0) { sum, _ in sum + Int64(dice.roll(UInt64(2 * metres / 3 + 1))) - metres / 3 }
    }
    return centre.moved(east: offset(), north: offset())
  }

  private static let seoulQuarters: [Quarter] = [
    quarter("Gangnam", 37_497_900, 127_027_600, 200, 150), quarter("Jamsil", 37_513_300, 127_100_100, 80, 130),
    quarter("Hongdae", 37_556_300, 126_922_000, 90, 150), quarter("Yeouido", 37_521_900, 126_924_500, 160, 60),
    quarter("Jongno", 37_570_400, 126_992_100, 170, 70), quarter("Itaewon", 37_534_500, 126_994_600, 50, 80),
    quarter("Seongsu", 37_544_600, 127_055_900, 80, 80), quarter("Sillim", 37_484_200, 126_929_700, 40, 110),
    quarter("Nowon", 37_655_300, 127_061_300, 30, 90), quarter("Mapo", 37_539_600, 126_946_100, 70, 90),
    quarter("Guro", 37_485_400, 126_901_400, 90, 60), quarter("Mia", 37_613_300, 127_030_100, 20, 70),
  ]

  private static func quarter(_ name: String, _ north: Int32, _ east: Int32, _ lunch: Int64, _ dinner: Int64) -> Quarter
  {
    Quarter(
      name: name, centre: Location(latitude: north, longitude: east), lunch: lunch, dinner: dinner)
  }
}

/// A kitchen at work: as many dishes at a time as it has stoves, the rest in a queue.
public struct Kitchen: Hashable, Sendable {
  public let restaurant: Restaurant
  /// When each stove is free again, earliest first.
  private var free: [Instant]

  public init(_ restaurant: Restaurant) {
    self.restaurant = restaurant
    free = Array(repeating: .start, count: max(1, restaurant.stoves))
  }

  /// Takes an order of so many dishes (at most 100); when the last of them is ready.
  public mutating func cook(dishes: Int, from now: Instant) -> Instant {
    var ready = now
    for _ in 0..<max(1, min(dishes, 100)) {
      let done = max(now, free.removeFirst()) + restaurant.cooking
      let place = free.firstIndex { $0 > done } ?? free.count
      free.insert(done, at: place)
      ready = max(ready, done)
    }
    return ready
  }

  /// How long an order placed now would wait for its first stove.
  public func queue(at now: Instant) -> Interval { max(.zero, (free.first ?? now) - now) }
}

internal import Clockwork
public import Delivery
internal import EventSourcing

/// Many orders at one moment, over a city of riders who are all awake: the same seed gives the same orders.
public struct BurstPlan: Hashable, Sendable {
  public var orders: UInt64
  public var seed: UInt64
  /// The first order's number: a later burst on the same log takes others.
  public var firstOrder: UInt64
  private let city: City

  public init(orders: UInt64, riders: Int, restaurants: Int = 2000, firstOrder: UInt64 = 1, seed: UInt64) {
    self.orders = orders
    self.seed = seed
    self.firstOrder = firstOrder
    city = City.seoul(restaurants: max(1, restaurants), riders: max(1, riders), seed: seed)
  }

  /// Everybody who could bring something says so.
  public var riders: some Sequence<Envelope> {
    city.riders.lazy.map { rider in
      Envelope(
        .rider(.rider(rider.id), .goOnline(rider.location)),
        id: CommandID(client: 0x5249_4445 ^ seed, number: rider.id))
    }
  }

  public var riderCount: Int { city.riders.count }

  /// The orders, one after the other.
  public func order(_ index: UInt64) -> Envelope {
    var dice = Dice(seed: seed &+ index &* 0x9E37_79B9_7F4A_7C15)
    let restaurant = city.restaurants[Int(dice.roll(UInt64(city.restaurants.count)))]
    let dropoff = restaurant.location.moved(
      east: Int64(dice.roll(4_001)) - 2_000, north: Int64(dice.roll(4_001)) - 2_000)
    let number = firstOrder + index
    let basket = Basket(
      customer: 1 + dice.roll(200_000), restaurant: restaurant.id, pickup: restaurant.location,
      dropoff: dropoff,
      lines: [OrderLine(restaurant.isChicken ? "chicken" : "bibimbap", price: 9_000 + Int64(dice.roll(12)) * 1_000)])
    return Envelope(
      .order(.order(number), .place(basket)), id: CommandID(client: 0x4255_5253 ^ seed, number: number))
  }
}

extension Envelope {
  /// As a record of its topic.
  public func record(_ settings: EngineSettings) -> ProducerRecord {
    let place = Topic.partition(of: key, count: settings.partitions)
    return ProducerRecord(TopicPartition(addressed.topic.name, place), key: key, value: encoded())
  }
}

import Clockwork
import Delivery

/// Many orders within a short time, and what their customers were told: the door's side of it. What became of them is
/// asked of the logs.
struct Rush: Hashable, Sendable {
  /// What the door said to an order that it let in.
  struct Promise: Hashable, Sendable {
    var at: Instant
    var eta: Interval
  }

  var door: Intake
  var began: Instant
  var lookedAt: Instant
  /// By number of the order.
  var promises: [UInt64: Promise] = [:]
  /// How often somebody was asked to come again.
  var refused = 0
  /// Customers who were asked so often that they cooked themselves.
  var lost = 0
  var tries: [RushCustomer] = []

  /// How often somebody tries before giving up.
  static let mostTries = 9
  /// Orders and riders of a burst have numbers from here on, those that are typed one by one have smaller ones.
  static let firstNumber: UInt64 = 1_001

  init(door: Intake, at began: Instant) { (self.door, self.began, lookedAt) = (door, began, began) }

  /// The order is put through the door, or its customer is told when to come again.
  mutating func arrives(_ customer: RushCustomer, at now: Instant) -> Bool {
    switch door.arrives() {
    case .accepted(let eta):
      promises[customer.number] = Promise(at: now, eta: eta)
      return true
    case .overloaded(let retryAfter):
      refused += 1
      var again = customer
      again.tries += 1
      // Each waits twice as long as before, and not all of them equally long: else all come back at once.
      let pause = retryAfter.milliseconds << Int64(again.tries - 1)
      again.due = now + .milliseconds(pause + Int64(again.number % 10) * pause / 20)
      if again.tries < Self.mostTries { wait(again) } else { lost += 1 }
      return false
    }
  }

  private mutating func wait(_ customer: RushCustomer) {
    let place = tries.firstIndex { ($0.due, $0.number) > (customer.due, customer.number) } ?? tries.count
    tries.insert(customer, at: place)
  }
}

/// Somebody with a phone who wants something.
struct RushCustomer: Hashable, Sendable {
  var number: UInt64
  var basket: Basket
  /// When the order was tapped: the time that it belongs to, whenever it comes.
  var tapped: Instant
  /// When it comes to the door, or comes again.
  var due: Instant
  var tries = 0
}

/// Who orders, as a city on the evening of a match does, pressed into a short time.
struct RushPlan: Sendable {
  var city: City
  /// Where from; everywhere if empty.
  var quarters: Set<Int>
  var count: Int
  var over: Interval
  /// What of a thousand orders comes late, from a phone in a tunnel.
  var latePerMille: Int
  var discount: LiveDiscount?

  /// At half past eight, when the curve of the evening is steep.
  private static let evening = Instant.start + .seconds(20 * 3_600 + 1_800)
  /// How long a phone is in the tunnel at most, in seconds.
  private static let tunnel: UInt64 = 12

  func customers(from start: Instant, first: UInt64, seed: UInt64) -> [RushCustomer] {
    var intents: [OrderIntent] = []
    for intent in OrderLoad(city, .worldCupEvening(), seed: seed, from: Self.evening) {
      if intents.count >= count { break }
      if quarters.isEmpty || quarters.contains(intent.quarter) { intents.append(intent) }
    }
    var dice = Dice(seed: seed ^ 0x6275_7273)
    guard let begin = intents.first?.at, let end = intents.last?.at else { return [] }
    var customers: [RushCustomer] = []
    for intent in intents {
      let share = (intent.at - begin).milliseconds
      let tapped = start + .nanoseconds(over.nanoseconds / max(1, (end - begin).milliseconds) * share)
      let isLate = dice.roll(1_000) < UInt64(clamping: latePerMille)
      let due = isLate ? tapped + .seconds(1 + Int64(dice.roll(Self.tunnel))) : tapped
      let copies = discount?.brings(intent, tapped: tapped, &dice) == true ? 2 : 1
      for _ in 0..<copies {
        let number = first + UInt64(customers.count)
        customers.append(RushCustomer(number: number, basket: basket(intent), tapped: tapped, due: due))
      }
    }
    return customers.sorted { ($0.due, $0.number) < ($1.due, $1.number) }
  }

  private func basket(_ intent: OrderIntent) -> Basket {
    let restaurant = city.restaurants[intent.restaurant]
    let dish = restaurant.isChicken ? "chicken" : "bibimbap"
    return Basket(
      customer: intent.customer, restaurant: restaurant.id, pickup: restaurant.location, dropoff: intent.door,
      lines: [OrderLine(dish, count: UInt64(intent.dishes), price: intent.amount / Int64(max(1, intent.dishes)))])
  }
}

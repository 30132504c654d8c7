public import Clockwork
import Delivery

extension ShopOrder {
  /// An evening's orders for the comparison, an hour's life in a minute: about two a second, kitchens and rides of some
  /// seconds, one customer in sixteen who changes her mind.
  public static func evening(_ count: Int, seed: UInt64, from start: Instant) -> [ShopOrder] {
    let seven = Instant.start + .seconds(19 * 3_600)
    let load = OrderLoad(.seoul(seed: seed), .ordinaryDay(peak: 7_200), seed: seed, from: seven)
    var dice = Dice(seed: seed &+ 0x5eed)
    return load.prefix(max(0, count)).map { intent in
      ShopOrder(
        number: intent.number, at: start + (intent.at - seven), restaurant: UInt64(intent.restaurant + 1),
        amount: intent.amount, cooking: .milliseconds(2_000 + Int64(dice.roll(4_000))),
        riding: .milliseconds(2_000 + Int64(dice.roll(4_000))),
        cancelsAfter: dice.roll(16) == 0 ? .milliseconds(200 + Int64(dice.roll(2_500))) : nil)
    }
  }
}

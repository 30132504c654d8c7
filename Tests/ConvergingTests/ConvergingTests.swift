import Converging
import Testing

@Suite("Converging copies")
struct ConvergingTests {
  typealias Census = DeliveryOrders.Census

  private static let changes: [CartChange] = [.add("bibimbap"), .add("kimbap"), .add("naengmyeon")]
  private static let all = ["bibimbap", "kimbap", "naengmyeon"]

  private func carts<Cart: Replicated>(_ cart: Cart.Type, twice: Bool) -> Census
  where Cart.Change == CartChange, Cart.View == [String] {
    DeliveryOrders.census(of: cart, Self.changes, withDuplicate: twice) { $0 == Self.all }
  }

  /// Three changes that each come before two deliveries of it: 9! / (3 · 3 · 3). One delivery twice, and it does not
  /// matter which of the two is first: 6 · 10! / (4 · 3 · 3 · 2).
  @Test("all orders are counted", arguments: [(false, 13_440), (true, 302_400)])
  func counts(_ twice: Bool, _ orders: Int) {
    #expect(carts(ObservedRemoveCart.self, twice: twice).orders == orders)
    #expect(orders == (twice ? 6 * 3_628_800 / (4 * 3 * 3 * 2) : 362_880 / 27))
  }

  @Test("an OR-set converges in every order and keeps everything", arguments: [false, true])
  func observedRemove(_ twice: Bool) {
    let census = carts(ObservedRemoveCart.self, twice: twice)
    #expect(census.converged == census.orders)
    #expect(census.lossy == 0)
  }

  @Test("last writer wins converges in every order and loses in most", arguments: [(false, 12_960), (true, 290_304)])
  func lastWriter(_ twice: Bool, _ lossy: Int) {
    for census in [carts(LastWriterCart.self, twice: twice), carts(LogicalClockCart.self, twice: twice)] {
      #expect(census.converged == census.orders)
      #expect(census.lossy == lossy)
    }
  }

  @Test("a removal takes what its region saw, and not what is added elsewhere meanwhile", arguments: [false, true])
  func removal(_ twice: Bool) {
    let changes: [CartChange] = [.add("bibimbap"), .remove("bibimbap"), .add("bibimbap")]
    let census = DeliveryOrders.census(of: ObservedRemoveCart.self, changes, withDuplicate: twice) { _ in true }
    #expect(census.converged == census.orders)
  }

  @Test("a naive counter counts a duplicate twice; a counter by region does not")
  func counters() {
    func census<C: Replicated>(_ counter: C.Type, twice: Bool) -> Census where C.Change == Int, C.View == Int {
      DeliveryOrders.census(of: counter, [1, 1, 1], withDuplicate: twice) { $0 == 3 }
    }
    #expect(census(NaiveCounter.self, twice: false) == Census(orders: 13_440, converged: 13_440, lossy: 0))
    #expect(census(NaiveCounter.self, twice: true) == Census(orders: 302_400, converged: 0, lossy: 0))
    #expect(census(RegionCounter.self, twice: true) == Census(orders: 302_400, converged: 302_400, lossy: 0))
  }

  /// A write at 100, and a later one by a clock that is behind, at 90.
  @Test("a clock that is behind makes the later write lose; a logical clock does not")
  func clockSkew() {
    var (early, late) = (LastWriterCart(region: 0), LastWriterCart(region: 1))
    late.hear(early.change(.add("bibimbap"), clock: 100))
    _ = late.change(.add("kimbap"), clock: 90)
    #expect(late.view == ["bibimbap"])
    var (first, second) = (LogicalClockCart(region: 0), LogicalClockCart(region: 1))
    second.hear(first.change(.add("bibimbap"), clock: 100))
    first.hear(second.change(.add("kimbap"), clock: 90))
    #expect(second.view == ["bibimbap", "kimbap"])
    #expect(first.view == second.view)
  }

  @Test("two regions add at once: one way loses a dish, the other keeps both")
  func regions() {
    var carts = RegionalCarts(["seoul", "busan"])
    carts.change(.add("bibimbap"), in: 0)
    carts.change(.add("kimbap"), in: 1)
    #expect(carts.copies.map(\.observedRemove.view) == [["bibimbap"], ["kimbap"]])
    #expect(carts.exchange() == 2)
    #expect(carts.copies.map(\.lastWriter.view) == [["kimbap"], ["kimbap"]])
    #expect(carts.copies.map(\.observedRemove.view) == [["bibimbap", "kimbap"], ["bibimbap", "kimbap"]])
    #expect(carts.copies.map(\.naiveCount.view) == [2, 2])
    #expect(carts.repeatExchange() == 2)
    #expect(carts.copies.map(\.naiveCount.view) == [3, 3])
    #expect(carts.copies.map(\.regionCount.view) == [2, 2])
  }
}

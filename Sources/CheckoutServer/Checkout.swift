/// What a checkout wants of the three services.
public struct Checkout: Hashable, Sendable {
  public var order: UInt32
  public var customer: UInt32
  public var dish: UInt32
  public var amount: UInt32

  public init(order: UInt32, customer: UInt32, dish: UInt32, amount: UInt32) {
    self.order = order
    self.customer = customer
    self.dish = dish
    self.amount = amount
  }
}

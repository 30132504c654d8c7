import Clockwork
import Delivery
import EventSourcing
import Testing

/// Decisions that a whole evening reaches only when words come twice or cross each other.
@Suite("What a party decides")
struct PartyDecisionTests {
  static let cake = basket([OrderLine("cake", price: 5_000), OrderLine("coffee", price: 3_000)], restaurant: 1)
  static let tea = basket([OrderLine("tea")], restaurant: 2)
  /// Two kitchens are asked.
  static let paid: [Party.Event] = [
    .opened(customer: 77, dropoff: door), .basketJoined(line: 1, basket: cake), .basketJoined(line: 2, basket: tea),
    .locked(card: .good), .paid,
  ]
  static let preparing: [Party.Event] =
    paid + [.lineAccepted(line: 1, readyAt: .start), .lineAccepted(line: 2, readyAt: .start), .preparing]

  @Test("a pick-up that is added twice is added once, and another may not take its line")
  func addedTwice() {
    let added = Given<Party>(Self.preparing + [.pickupAdded(line: 3, basket: Self.tea)])
    #expect(added.when(.add(line: 3, basket: Self.tea)).mismatch(then: []) == nil)
    #expect(added.when(.add(line: 3, basket: Self.cake)).mismatch(refused: .lineTaken(3)) == nil)
    #expect(added.when(.add(line: 1, basket: Self.cake)).mismatch(then: []) == nil)
  }

  @Test("a kitchen that refuses twice is asked about once: the time to choose does not begin anew")
  func refusedTwice() {
    let asked = Party.Event.optionOffered(line: 1, item: "", substitute: "", deadline: .start + Party.offerTime)
    #expect(Given<Party>(Self.paid).when(.kitchenRefused(line: 1)).mismatch(then: [asked]) == nil)
    #expect(Given<Party>(Self.paid + [asked]).when(.kitchenRefused(line: 1)).mismatch(then: []) == nil)
  }

  @Test("a kitchen that refuses while the customer is asked about one thing: then about all of it")
  func refusedWhileAsked() {
    let item = Party.Event.optionOffered(line: 1, item: "cake", substitute: "pie", deadline: .start)
    let whole = Party.Event.optionOffered(line: 1, item: "", substitute: "", deadline: .start + Party.offerTime)
    let asked = Given<Party>(Self.paid + [item])
    #expect(asked.when(.kitchenRefused(line: 1)).mismatch(then: [whole]) == nil)
    let replaced = Given<Party>(Self.paid + [item, whole])
    #expect(replaced.when(.choose(line: 1, choice: .substitute)).mismatch(refused: .noSubstitute) == nil)
    let without: [Party.Event] = [
      .optionChosen(line: 1, item: "", choice: .without, with: ""),
      .lineDropped(line: 1, refund: Self.cake.amount),
    ]
    #expect(replaced.when(.choose(line: 1, choice: .without)).mismatch(then: without) == nil)
  }

  @Test("once something is collected nobody takes the party back")
  func cancelledTooLate() {
    let collected = Given<Party>(Self.preparing + [.lineReady(line: 1), .lineCollected(line: 1)])
    #expect(collected.when(.cancel).mismatch(refused: .tooLate) == nil)
    #expect(Given<Party>(Self.preparing).when(.cancel).mismatch(then: [.cancelRequested]) == nil)
  }
}

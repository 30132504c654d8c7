import Clockwork
import Delivery
import EventSourcing

extension DeliverySweep {
  /// Tickets of what is said of party n are from here on, a hundred for each.
  private static let firstPartyTicket: UInt32 = 4000
  static let parties: ClosedRange<UInt64> = 1...20

  /// The ticket of opening a party.
  static func opening(_ party: UInt64) -> UInt32 { firstPartyTicket + UInt32(party) * 100 }

  /// Parties of two or three restaurants. To some a restaurant is added, under the lowest number and now and then in the
  /// next zone; of some a kitchen says no or has run out of something; some are taken back.
  func placeParties(from begin: Instant, _ dice: inout Dice, _ add: (Addressed, UInt32, Instant) -> Void) {
    var time = begin + .milliseconds(Int64(dice.roll(2000)))
    for number in Self.parties where time < begin + storm {
      let party = EntityID.party(number)
      var ticket = Self.opening(number)
      func say(_ addressed: Addressed, after wait: UInt64) {
        add(addressed, ticket, time + .milliseconds(Int64(wait)))
        ticket += 1
      }
      say(.party(party, .open(customer: 1 + dice.roll(4), dropoff: Self.seoul)), after: 0)
      let last = UInt8(3 + dice.roll(2))
      for line in 2...last {
        say(.party(party, .join(line: line, basket: basket(line, &dice))), after: 200 + dice.roll(200))
      }
      let card: Card = dice.roll(6) == 0 ? .declined : .good
      // Of commands that are under way at once one may overtake another: the customer locks until it is locked.
      for wait: UInt64 in [700, 3000, 8000] { say(.party(party, .lock(card: card)), after: wait) }
      if dice.roll(2) == 0 {
        let (added, wait) = (basket(1, &dice), 1500 + dice.roll(9000))
        for again in 0...dice.roll(2) {
          say(.party(party, .add(line: 1, basket: added)), after: wait + again * 500)
        }
      }
      if dice.roll(2) == 0 { unwilling(2 + UInt8(dice.roll(2)), party, &dice, say) }
      if dice.roll(4) == 0 { say(.party(party, .cancel), after: dice.roll(12_000)) }
      // Whatever is asked still: nobody waits for longer than the run.
      for line in 1...last {
        for wait: Int64 in [10, 40] {
          add(.party(party, .choose(line: line, choice: .drop)), ticket, begin + storm + .seconds(wait))
          ticket += 1
        }
      }
      time = time + .milliseconds(Int64(2500 + dice.roll(3000)))
    }
  }

  /// A kitchen says no, or that something is sold out; the customer answers, or does not.
  private func unwilling(
    _ line: UInt8, _ party: EntityID, _ dice: inout Dice, _ say: (Addressed, UInt64) -> Void
  ) {
    let item = dice.roll(2) == 0 ? "bibimbap" : "soup"
    let word: KitchenTicket.Command =
      dice.roll(3) == 0 ? .refuse : .soldOut(item: item, substitute: dice.roll(2) == 0 ? "" : "kimchi")
    let wait = 1000 + dice.roll(4000)
    say(.ticket(of: party, line: line, at: UInt64(line), word), wait)
    let choices: [Party.Choice] = [.substitute, .drop, .without]
    if dice.roll(4) > 0 {
      say(.party(party, .choose(line: line, choice: choices[Int(dice.roll(3))])), wait + 500 + dice.roll(3000))
    }
  }

  /// Restaurant n has line n.
  private func basket(_ line: UInt8, _ dice: inout Dice) -> Basket {
    let isFar = line == 1 && dice.roll(2) == 0
    let place =
      isFar ? Zone(of: Self.seoul).neighbours[0].centre : Self.seoul.moved(east: Int64(dice.roll(800)), north: 0)
    let lines = [OrderLine("bibimbap")] + (dice.roll(2) == 0 ? [] : [OrderLine("soup", price: 3_000)])
    return Basket(
      customer: 1, restaurant: UInt64(line), pickup: place, dropoff: Self.seoul, lines: lines)
  }
}

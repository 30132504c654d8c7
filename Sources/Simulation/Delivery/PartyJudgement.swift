import Clockwork
import Delivery
import EventSourcing

extension EngineJudgement {
  /// Who has collected what, by the riders' logs: for each ticket its riders, in order.
  private var collections: [EntityID: [UInt64]] {
    var collections: [EntityID: [UInt64]] = [:]
    for partition in 0..<logs.partitions {
      for placed in logs.log(.riderEvents, partition) {
        guard case .event(.rider(.collected(let ticket)), _) = placed.entry.body else { continue }
        collections[EntityID(.ticket, ticket), default: []].append(placed.entry.entity.number)
      }
    }
    return collections
  }

  /// Tickets that were collected more than once, and orders or parties that more than one rider collected.
  public var collectedTwice: [String] {
    var found: [String] = []
    var riders: [EntityID: Set<UInt64>] = [:]
    for (ticket, collectors) in collections.sorted(by: { $0.key < $1.key }) {
      if collectors.count > 1 { found.append("\(ticket.name) was collected \(collectors.count) times") }
      riders[ticket.owner, default: []].formUnion(collectors)
    }
    for (owner, riders) in riders.sorted(by: { $0.key < $1.key }) where riders.count > 1 {
      let names = riders.sorted().map(String.init).joined(separator: ", ")
      found.append("\(owner.name) was collected by riders \(names)")
    }
    return found
  }

  /// Parties that were brought without something that was paid for, or with something that was not; or not by the rider
  /// whom everybody was told of.
  public var partiesHalfBrought: [String] {
    let collections = collections
    var found: [String] = []
    for (number, state) in logs.parties where state.phase == .delivered {
      let party = EntityID.party(number)
      for (line, wanted) in state.wanted {
        let riders = collections[.ticket(of: party, line: line)] ?? []
        if riders.isEmpty {
          found.append(
            "party \(number) is delivered, and line \(line) of restaurant \(wanted.basket.restaurant) was not collected"
          )
        }
        for rider in riders where rider != state.rider {
          found.append(
            "party \(number) is rider \(state.rider.map(String.init) ?? "?")'s, and rider \(rider) collected line \(line)"
          )
        }
      }
    }
    return found
  }

  /// Parties that are over, and devices that show something else.
  var staleParties: [String] {
    var found: [String] = []
    let screens = logs.screens
    for (number, state) in logs.parties where state.phase.isOver {
      let party = EntityID.party(number)
      var due: [EntityID: String] = [:]
      for line in state.lines.values { due[.restaurant(line.basket.restaurant)] = Party.leftOut }
      let name = state.phase == .rejected ? state.statusText : "\(state.phase)"
      for (_, line) in state.wanted { due[.restaurant(line.basket.restaurant)] = name }
      due[.customer(state.customer)] = name
      if let rider = state.rider { due[.rider(rider)] = name }
      for (subscriber, status) in due.sorted(by: { $0.key < $1.key }) {
        let shown = screens[subscriber]?[party]?.status
        if shown != status {
          found.append(
            "party \(number) is \(state.phase), and the \(subscriber.name)'s device shows \(shown ?? "nothing"), not \(status)"
          )
        }
      }
    }
    return found
  }

  /// Parties that were locked and have come to no end.
  var unfinishedParties: [String] {
    logs.parties.filter { !$0.state.phase.isOver && $0.state.phase != .open }.map {
      "party \($0.number) is \($0.state.statusText), long after the last fault"
    }
  }

  /// Parties that ended and left money, a kitchen or a rider behind.
  var partiesHalfDone: [String] {
    let memories = logs.memories
    let riders = memories.riders
    var found: [String] = []
    for (number, state) in memories.parties where state.phase.isOver {
      let party = EntityID.party(number)
      let payment = memories.payment(of: party) ?? Payment.initial
      let kept = payment.phase == .captured || payment.phase == .authorised ? payment.amount - payment.refunded : 0
      let price = state.phase == .delivered ? state.wanted.reduce(0) { $0 + $1.line.basket.amount } : 0
      if kept != price || payment.phase == .requested {
        found.append(
          "party \(number) is \(state.phase), its price \(price), its payment \(payment.phase) with \(kept) kept")
      }
      for (rider, busy) in riders where busy.trip == EntityID.delivery(of: party).number {
        found.append("party \(number) is \(state.phase), and rider \(rider) still has it")
      }
      for line in state.lines.keys.sorted() {
        let ticket = memories.ticket(of: party, line: line) ?? KitchenTicket.initial
        if ticket.phase != .unknown, !KitchenTicket.isTerminal(ticket) {
          found.append("party \(number) is \(state.phase), and the kitchen of line \(line) has it \(ticket.phase.name)")
        }
      }
    }
    return found
  }
}

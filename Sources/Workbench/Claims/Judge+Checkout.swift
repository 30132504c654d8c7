import AtomicCommit
import Clockwork
import Simulation

/// Claims about checkouts over several services.
extension Judge {
  func checkout(_ claim: CheckoutClaim) -> Finding {
    guard let checkouts = facts.apparatus.checkouts else {
      return .unknown(["no checkout was begun"], next: "txn begin --protocol 2pc")
    }
    return switch claim {
    case .isAtomic: isAtomic(checkouts)
    case .isBlocked: isBlocked(checkouts)
    case .everywhere(let outcome): decided(checkouts, outcome)
    case .isInDoubt(let name): party(checkouts, name) { isInDoubt(checkouts, name, $0) }
    case .holdsLocks(let name): party(checkouts, name) { holdsLocks(checkouts, name, $0) }
    case .decided(let name, let outcome): party(checkouts, name) { decided(checkouts, name, $0, outcome) }
    case .isUp(let name):
      party(checkouts, name) { id in
        let status = checkouts.world.status(id) ?? .down
        let evidence = ["\(name) is \(status)"]
        return status == .up ? .holds(evidence) : .fails(evidence, next: "txn restart \(name)")
      }
    case .noLocks: noLocks(checkouts)
    }
  }

  private func party(_ checkouts: Checkouts, _ name: String, _ body: (NodeID) -> Finding) -> Finding {
    guard let id = checkouts.id(of: name) else {
      let known = checkouts.parties.map(\.name).joined(separator: " ")
      return .unknown(["nobody is called \(name); there are: \(known)"], next: "txn show")
    }
    return body(id)
  }

  /// What each service decided, in words: `order commit, payment nothing`.
  private func decisions(_ checkouts: Checkouts) -> String {
    checkouts.services.map { "\($0.name) \(checkouts.standing($0.id)?.decision?.description ?? "nothing")" }
      .joined(separator: ", ")
  }

  private func isAtomic(_ checkouts: Checkouts) -> Finding {
    if let violation = checkouts.world.violation {
      let what = CheckoutTable(checkouts: checkouts).named(violation)
      return .fails(["broken at \(violation.time): \(what)"], next: "txn diagram")
    }
    return .holds(["decided in \(checkouts.transaction): \(decisions(checkouts))"])
  }

  private func isBlocked(_ checkouts: Checkouts) -> Finding {
    let doubtful = checkouts.inDoubt
    guard !doubtful.isEmpty else {
      return .fails(["nobody who is up is in doubt: \(decisions(checkouts))"], next: "txn show")
    }
    let blocked = checkouts.blocked
    guard !blocked.isEmpty else {
      return .fails(["\(Refusal.list(doubtful)) would find out by themselves within 30s"], next: "txn run")
    }
    return .holds(["30s later \(Refusal.list(blocked)) would still not know"])
  }

  private func decided(_ checkouts: Checkouts, _ outcome: Outcome) -> Finding {
    let isIt = checkouts.services.allSatisfy { checkouts.standing($0.id)?.decision == outcome }
    let evidence = ["decided in \(checkouts.transaction): \(decisions(checkouts))"]
    return isIt ? .holds(evidence) : .fails(evidence, next: "txn show")
  }

  private func decided(_ checkouts: Checkouts, _ name: String, _ id: NodeID, _ outcome: Outcome) -> Finding {
    let decision = checkouts.standing(id)?.decision
    let evidence = [
      "\(name) decided \(decision.map { "to \($0)" } ?? "nothing") in \(checkouts.transaction)"
    ]
    return decision == outcome ? .holds(evidence) : .fails(evidence, next: "txn show")
  }

  private func isInDoubt(_ checkouts: Checkouts, _ name: String, _ id: NodeID) -> Finding {
    guard let standing = checkouts.standing(id) else {
      return .fails(["\(name) has not voted in \(checkouts.transaction)"], next: "txn show")
    }
    if standing.isInDoubt { return .holds(["\(name) voted yes in \(checkouts.transaction) and knows no decision"]) }
    let decision = standing.decision.map { "decided to \($0)" } ?? "has not voted"
    return .fails(["\(name) \(decision) in \(checkouts.transaction)"], next: "txn show")
  }

  private func holdsLocks(_ checkouts: Checkouts, _ name: String, _ id: NodeID) -> Finding {
    guard checkouts.world.status(id) != .down else {
      return .unknown(["\(name) is down: what it locks, it locks when it is back"], next: "txn restart \(name)")
    }
    let locks = checkouts.locks(id)
    guard let lock = locks.first else { return .fails(["\(name) holds nothing"], next: "txn show") }
    return .holds(["\(name) holds \(checkouts.customer(lock.row))'s \(CheckoutTable.row(of: name)), for \(lock.holder)"]
    )
  }

  private func noLocks(_ checkouts: Checkouts) -> Finding {
    let holders = checkouts.services.filter { !checkouts.locks($0.id).isEmpty }.map(\.name)
    return holders.isEmpty
      ? .holds(["no service that is up holds a row"])
      : .fails(["\(Refusal.list(holders)) \(holders.count == 1 ? "holds" : "hold") rows"], next: "txn show")
  }
}

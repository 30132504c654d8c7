public import AtomicCommit
public import Clockwork

// AC1 to AC3 of Bernstein, Hadzilacos, Goodman, *Concurrency Control and Recovery*, chapter 7. Only what is on the
// platter counts as decided: nobody can have been told of anything else.

/// AC1: all who decide, decide the same.
public struct DecisionsAgree<Manager: ResourceManager>: Invariant {
  public typealias N = CommitNode<Manager>
  public var name: String { "AC1 DecisionsAgree" }

  private struct First: Sendable {
    var outcome: Outcome
    var by: NodeID
  }

  private var first: [TransactionID: First] = [:]

  public init() {}

  public mutating func check(_ world: borrowing World<N>, touched id: NodeID) -> String? {
    world.withNode(id) { node in
      for transaction in node.transactions {
        guard let outcome = node.standing(in: transaction)?.decision else { continue }
        guard let known = first[transaction] else {
          first[transaction] = First(outcome: outcome, by: id)
          continue
        }
        if known.outcome != outcome {
          return "\(known.by) decided to \(known.outcome) \(transaction), \(id) to \(outcome) it"
        }
      }
      return nil
    } ?? nil
  }
}

/// AC2: a decision is never reversed.
public struct DecisionsStand<Manager: ResourceManager>: Invariant {
  public typealias N = CommitNode<Manager>
  public var name: String { "AC2 DecisionsStand" }

  private struct Place: Hashable {
    var node: NodeID
    var transaction: TransactionID
  }

  private var decisions: [Place: Outcome] = [:]

  public init() {}

  public mutating func check(_ world: borrowing World<N>, touched id: NodeID) -> String? {
    world.withNode(id) { node in
      for transaction in node.transactions {
        guard let outcome = node.standing(in: transaction)?.decision else { continue }
        let before = decisions.updateValue(outcome, forKey: Place(node: id, transaction: transaction))
        if let before, before != outcome {
          return "\(id) had decided to \(before) \(transaction), and now to \(outcome) it"
        }
      }
      return nil
    } ?? nil
  }
}

/// AC3: commit only if all voted yes.
public struct CommitsAreUnanimous<Manager: ResourceManager>: Invariant {
  public typealias N = CommitNode<Manager>
  public var name: String { "AC3 CommitsAreUnanimous" }

  private var votes: [TransactionID: Members] = [:]

  public init() {}

  public mutating func check(_ world: borrowing World<N>, touched id: NodeID) -> String? {
    world.withNode(id) { node in
      if let place = node.roster.place(of: id) {
        for mine in node.participations where mine.votedYes {
          votes[mine.transaction, default: .none].insert(place)
        }
      }
      for transaction in node.transactions where node.standing(in: transaction)?.decision == .commit {
        let members =
          node.participations.last { $0.transaction == transaction }?.members
          ?? node.coordinations.last { $0.transaction == transaction }?.members ?? .none
        let missing = members.without(votes[transaction] ?? .none)
        if let place = missing.first(where: { _ in true }) {
          return "\(id) committed \(transaction) without a yes of \(node.roster.participants[place])"
        }
      }
      return nil
    } ?? nil
  }
}

extension World {
  /// Watches AC1 to AC3 from now on.
  public mutating func watchCommitment<Manager: ResourceManager>() where N == CommitNode<Manager> {
    invariants += [DecisionsAgree<Manager>(), DecisionsStand<Manager>(), CommitsAreUnanimous<Manager>()]
  }
}

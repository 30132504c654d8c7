import AtomicCommit
import Clockwork
import Simulation

/// Who is in what state, who is in doubt, which rows are held, and what it cost beside theory.
struct CheckoutTable {
  let checkouts: Checkouts

  var lines: [Line] {
    let head =
      "\(checkouts.transaction), \(checkouts.customer)'s checkout under \(checkouts.roster.rule.rawValue), at \(checkouts.world.now)"
    var table = TextTable(["", "state", "decided", "locks"])
    for party in checkouts.parties {
      let standing = checkouts.standing(party.id)
      var cells = [Line.Span(party.name, .node(Int(party.id.rawValue)))]
      cells.append(state(party.id, standing))
      cells.append(decision(standing))
      cells.append(Line.Span(locks(party.name, party.id)))
      table.add(cells)
    }
    let (tally, theory) = (checkouts.tally, checkouts.theory)
    let f = checkouts.roster.rule == .paxos ? ", F=\(checkouts.roster.faults)" : ""
    let cost = [
      "messages \(tally.messages), forced writes \(tally.forcedWrites); a commit without faults takes",
      "\(theory.messages) (\(theory.messagesFormula)) and \(theory.forcedWrites) (\(theory.forcedWritesFormula)), N=\(checkouts.roster.participants.count)\(f)",
    ]
    var lines = [Line(head, .heading)] + table.lines + cost.map { Line($0, .faint) }
    if let violation = checkouts.world.violation {
      lines.append(Line("broken: \(violation.name): \(named(violation))", .bad))
    }
    return lines
  }

  /// A violation speaks of n2; here that is the order service.
  func named(_ violation: Violation) -> String {
    checkouts.parties.reduce(violation.text) { text, party in text.replacing("\(party.id)", with: party.name) }
  }

  private func state(_ id: NodeID, _ standing: Standing?) -> Line.Span {
    let isDown = checkouts.world.status(id) == .down
    let down = isDown ? "down, " : ""
    guard checkouts.roster.place(of: id) != nil else {
      if isDown { return Line.Span("down", .bad) }
      return Line.Span(checkouts.world.withNode(id) { coordinatorState($0) } ?? "")
    }
    guard let standing else { return Line.Span(isDown ? "down" : "has not voted", isDown ? .bad : .plain) }
    if standing.isInDoubt {
      let phase: String
      switch standing.phase {
      case .preCommitted?: phase = "pre-committed"
      case .preAborted?: phase = "pre-aborted"
      case .prepared?, .committed?, .aborted?, nil: phase = "prepared"
      }
      return Line.Span("\(down)\(phase), in doubt", .doubtful)
    }
    return Line.Span(down + (standing.vote == .yes ? "voted yes" : "voted no"), isDown ? .bad : .plain)
  }

  private func coordinatorState(_ node: borrowing CommitNode<MemoryResources>) -> String {
    if let mine = node.coordinations.last(where: { $0.transaction == checkouts.transaction }) {
      switch mine.phase {
      case .voting: return "collects votes"
      case .preCommitting: return "collects pre-commits"
      case .deciding: return "writes its decision"
      case .decided: return "waits to hear that all know"
      case .ended: return "done"
      case .inquiring: return "back, asks what was decided"
      }
    }
    if let mine = node.acceptances.last(where: { $0.transaction == checkouts.transaction }) {
      if mine.leading != nil { return "leads a ballot" }
      return mine.acceptedBallot.map { "accepted in ballot \($0)" } ?? "promised ballot \(mine.promised)"
    }
    return "knows nothing of it"
  }

  private func decision(_ standing: Standing?) -> Line.Span {
    switch standing?.decision {
    case .commit?: Line.Span("commit", .good)
    case .abort?: Line.Span("abort", .bad)
    case nil: Line.Span("")
    }
  }

  private func locks(_ name: String, _ id: NodeID) -> String {
    checkouts.locks(id).map { lock in "\(checkouts.customer(lock.row))'s \(Self.row(of: name)), for \(lock.holder)" }
      .joined(separator: "; ")
  }

  /// What a row is at a service.
  static func row(of service: String) -> String {
    switch service {
    case "order": "basket"
    case "payment": "wallet"
    case "kitchen": "ticket"
    default: "row"
    }
  }
}

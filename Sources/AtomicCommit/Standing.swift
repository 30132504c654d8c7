public import Clockwork

/// Where a node stands in one transaction, in the words of the literature.
public struct Standing: Hashable, Sendable {
  /// What a participant voted; nil before it did, and for others.
  public var vote: Vote?
  /// The decision, once it can no longer be lost.
  public var decision: Outcome?
  /// Voted yes and has not heard what was decided: it may not decide alone, and it holds its locks.
  public var isInDoubt: Bool
  /// The phase, for a participant that knows of the transaction.
  public var phase: Participation.Phase?

  public init(vote: Vote?, decision: Outcome?, isInDoubt: Bool, phase: Participation.Phase?) {
    self.vote = vote
    self.decision = decision
    self.isInDoubt = isInDoubt
    self.phase = phase
  }
}

extension CommitNode {
  /// As participant or, for a node that is none, as coordinator. Nil when the node knows nothing of the transaction.
  public func standing(in id: TransactionID) -> Standing? {
    if let mine = participations.last(where: { $0.transaction == id }) {
      return Standing(
        vote: mine.votedYes ? .yes : .no, decision: mine.decision, isInDoubt: mine.isInDoubt, phase: mine.phase)
    }
    if let mine = coordinations.last(where: { $0.transaction == id }) {
      return Standing(vote: nil, decision: mine.decision, isInDoubt: false, phase: nil)
    }
    return nil
  }

  /// Every transaction that the node has heard of as coordinator or participant, in the order in which it did.
  public var transactions: [TransactionID] {
    participations.isEmpty ? coordinations.map(\.transaction) : participations.map(\.transaction)
  }
}

extension CommitNode {
  /// Whether a timer that is set would still be listened to, and, to a node that knows for certain who has failed, has
  /// a reason to ring: everybody for whom it waits is silent for good.
  ///
  /// What is true with `failed` always true but false with a perfect failure detector is a false suspicion. An
  /// exhaustive search that allows crashes only rings a timer only when this is true; one that allows slow or cut
  /// networks rings it whenever it is wanted.
  public func isDue(_ timer: CommitTimer, failed: (NodeID) -> Bool) -> Bool {
    guard recovery == nil else { return false }
    func allFailed(_ members: Members) -> Bool {
      for place in members where !failed(roster.participants[place]) { return false }
      return true
    }
    switch timer {
    case .votes(let id):
      guard let at = coordination(id), coordinations[at].phase == .voting else { return false }
      let mine = coordinations[at]
      if roster.rule != .paxos { return allFailed(mine.members.without(mine.yes)) }
      return mine.members.contains { failed(roster.participants[$0]) }
        || roster.firstAcceptors.contains { failed(roster.acceptors[$0]) }
    case .preCommits(let id):
      guard let at = coordination(id), coordinations[at].phase == .preCommitting else { return false }
      return allFailed(coordinations[at].members.without(coordinations[at].answered))
    case .resend(let id): return coordination(id).map { coordinations[$0].phase == .decided } ?? false
    case .inquiry(let id): return coordination(id).map { coordinations[$0].phase == .inquiring } ?? false
    case .doubt(let id):
      guard let at = participation(id), !participations[at].isSettled else { return false }
      let mine = participations[at]
      switch roster.rule {
      case .threePhase, .quorum: return mine.hasCrashed || failed(roster.owner(of: mine.ballot))
      case .twoPhase, .presumedAbort, .threePhaseTimeout, .paxos:
        return mine.hasCrashed || failed(roster.coordinator)
      }
    case .gather(let id):
      guard let at = participation(id), let gathering = participations[at].gathering else { return false }
      return allFailed(participations[at].members.without(gathering.answered))
    case .lead(let id):
      guard let at = acceptance(id), acceptances[at].isWaking, let me = acceptorPlace else { return false }
      return roster.acceptors[..<me].allSatisfy(failed)
    }
  }
}

import Clockwork

/// One append to a node's commit log.
public enum CommitRecord<Work: Hashable & Sendable>: Hashable, Sendable {
  /// The coordinator is about to ask for votes (START-2PC, START-3PC).
  case started(TransactionID, Members)
  /// The coordinator decided, or learned the decision.
  case decided(TransactionID, Members, Outcome)
  /// The coordinator knows that everybody knows.
  case ended(TransactionID)
  /// A participant votes yes. The work is kept, so that it can be done after a crash.
  case prepared(TransactionID, Members, Work)
  /// A participant decided: told so, or by itself before it voted yes.
  case settled(TransactionID, Members, Outcome)
  /// A participant under a quorum, or an acceptor, listens to no lower ballot any more.
  case promised(TransactionID, Members, Ballot)
  /// A participant under a quorum takes part in an attempt at this decision.
  case attempted(TransactionID, Attempt)
  /// An acceptor accepts these votes.
  case accepted(TransactionID, Members, Ballot, Votes)

  public var transaction: TransactionID {
    switch self {
    case .started(let id, _), .decided(let id, _, _), .ended(let id), .prepared(let id, _, _), .settled(let id, _, _),
      .promised(let id, _, _), .attempted(let id, _), .accepted(let id, _, _, _):
      id
    }
  }
}

/// What a log says of one transaction: its records, folded.
public struct CommitEntry<Work: Hashable & Sendable>: Hashable, Sendable {
  public internal(set) var transaction: TransactionID
  public internal(set) var members = Members.none
  public internal(set) var work: Work?
  /// The coordinator's records.
  public internal(set) var isStarted = false
  public internal(set) var decision: Outcome?
  public internal(set) var isEnded = false
  /// The participant's.
  public internal(set) var isPrepared = false
  public internal(set) var settled: Outcome?
  public internal(set) var promised = Ballot.first
  public internal(set) var attempt: Attempt?
  /// The acceptor's.
  public internal(set) var acceptedBallot: Ballot?
  public internal(set) var acceptedVotes = Votes()

  init(_ transaction: TransactionID) { self.transaction = transaction }

  /// The fewest records that fold to it: what a log file is written anew with.
  public var records: [CommitRecord<Work>] {
    var records: [CommitRecord<Work>] = []
    if isStarted { records.append(.started(transaction, members)) }
    if isPrepared, let work { records.append(.prepared(transaction, members, work)) }
    if let acceptedBallot { records.append(.accepted(transaction, members, acceptedBallot, acceptedVotes)) }
    if let attempt { records.append(.attempted(transaction, attempt)) }
    if promised != .first { records.append(.promised(transaction, members, promised)) }
    if let settled { records.append(.settled(transaction, members, settled)) }
    if let decision { records.append(.decided(transaction, members, decision)) }
    if isEnded { records.append(.ended(transaction)) }
    return records
  }

  /// Without the work: one transaction has one.
  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(UInt64(transaction.rawValue) | UInt64(members.bits) << 32)
    let flags: UInt64 = (isStarted ? 1 : 0) | (isEnded ? 2 : 0) | (isPrepared ? 4 : 0)
    let outcomes = UInt64(decision.map { $0.rawValue + 1 } ?? 0) | UInt64(settled.map { $0.rawValue + 1 } ?? 0) << 8
    hasher.combine(flags | outcomes << 8 | UInt64(promised.rawValue) << 32)
    if let attempt {
      hasher.combine(UInt64(attempt.ballot.rawValue) | UInt64(attempt.outcome.rawValue) << 16 | 1 << 24)
    }
    if let acceptedBallot { hasher.combine(UInt64(acceptedBallot.rawValue) | 1 << 32) }
    hasher.combine(UInt64(acceptedVotes.yes.bits) | UInt64(acceptedVotes.known.bits) << 32)
  }

  mutating func fold(_ record: CommitRecord<Work>) {
    switch record {
    case .started(_, let members):
      self.members = members
      isStarted = true
    case .decided(_, let members, let outcome):
      self.members = members
      decision = outcome
    case .ended: isEnded = true
    case .prepared(_, let members, let work):
      self.members = members
      self.work = work
      isPrepared = true
    case .settled(_, let members, let outcome):
      self.members = members
      settled = outcome
    case .promised(_, let members, let ballot):
      self.members = members
      promised = max(promised, ballot)
    case .attempted(_, let attempt):
      promised = max(promised, attempt.ballot)
      self.attempt = attempt
    case .accepted(_, let members, let ballot, let votes):
      self.members = members
      promised = max(promised, ballot)
      acceptedBallot = ballot
      acceptedVotes = votes
    }
  }
}

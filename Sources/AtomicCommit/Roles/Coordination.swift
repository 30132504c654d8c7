import Clockwork

/// What a coordinator knows of one transaction.
public struct Coordination: Hashable, Sendable {
  /// How far it is.
  public enum Phase: UInt8, Hashable, Sendable {
    /// Asked for votes. Can become preCommitting, deciding or decided.
    case voting
    /// All voted yes, and are being told so before the decision is made. Can become deciding.
    case preCommitting
    /// The decision is written and not yet on the platter. Can become decided.
    case deciding
    /// Can become ended.
    case decided
    /// Everybody knows, or whoever does not need not be told.
    case ended
    /// Back from a crash with three phases: others may have decided since. Can become deciding.
    case inquiring
  }

  public let transaction: TransactionID
  public private(set) var members: Members
  public internal(set) var phase: Phase
  /// Set from `deciding` on.
  public internal(set) var outcome: Outcome?
  /// Who voted yes; from `decided` on, who confirmed.
  public internal(set) var yes = Members.none
  /// Who voted no, and needs not be told.
  public internal(set) var no = Members.none
  /// Who confirmed the pre-commit, the decision or (inquiring) its own crash; by acceptor under Paxos Commit.
  public internal(set) var answered = Members.none
  /// The log position that the decision waits for.
  var pending: UInt64 = 0

  init(_ transaction: TransactionID, _ members: Members, _ phase: Phase) {
    self.transaction = transaction
    self.members = members
    self.phase = phase
  }

  mutating func rename(_ names: ParticipantRenaming, byAcceptor: Bool) {
    members = names(members)
    yes = names(yes)
    no = names(no)
    if !byAcceptor { answered = names(answered) }
  }

  /// The decision, once it can no longer be lost.
  public var decision: Outcome? { phase == .decided || phase == .ended ? outcome : nil }

  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(UInt64(transaction.rawValue) | UInt64(members.bits) << 32)
    hasher.combine(
      UInt64(phase.rawValue) | UInt64(outcome.map { $0.rawValue + 1 } ?? 0) << 8 | UInt64(pending) << 16)
    hasher.combine(UInt64(yes.bits) | UInt64(no.bits) << 32)
    hasher.combine(UInt64(answered.bits))
  }
}

// MARK: - Deciding

extension CommitNode {
  func coordination(_ id: TransactionID) -> Int? { coordinations.lastIndex { $0.transaction == id } }

  mutating func begin(
    _ id: TransactionID, _ members: Members, _ work: Manager.Work, _ fx: inout Effects<Self>
  ) {
    guard self.id == roster.coordinator, id > disk.forgottenThrough, coordination(id) == nil, !members.isEmpty,
      roster.all.contains(all: members)
    else { return }
    if roster.rule != .presumedAbort, roster.rule != .paxos {
      // Not forced: a coordinator that lost it has decided nothing, and finds out by being asked.
      append(.started(id, members))
    }
    remember(Coordination(id, members, .voting))
    for place in members { post(.request(id, members, work), to: roster.participants[place], &fx) }
    fx.set(.votes(id), at: fx.now + roster.patience.answers)
  }

  mutating func hearVote(_ id: TransactionID, _ vote: Vote, from: NodeID, _ fx: inout Effects<Self>) {
    guard let at = coordination(id), coordinations[at].phase == .voting, let place = roster.place(of: from) else {
      return
    }
    if vote == .no {
      coordinations[at].no.insert(place)
      return decide(at, .abort, &fx)
    }
    coordinations[at].yes.insert(place)
    guard coordinations[at].yes.contains(all: coordinations[at].members) else { return }
    if roster.rule.hasPreCommit { preCommit(at, &fx) } else { decide(at, .commit, &fx) }
  }

  private mutating func preCommit(_ at: Int, _ fx: inout Effects<Self>) {
    coordinations[at].phase = .preCommitting
    let id = coordinations[at].transaction
    fx.note("all voted yes on \(id)")
    for place in coordinations[at].members {
      post(.prepare(id, Attempt(.first, .commit)), to: roster.participants[place], &fx)
    }
    fx.set(.preCommits(id), at: fx.now + roster.patience.answers)
  }

  /// A participant confirmed the coordinator's own pre-commit.
  mutating func hearPreCommitted(_ id: TransactionID, from: NodeID, _ fx: inout Effects<Self>) {
    guard let at = coordination(id), coordinations[at].phase == .preCommitting, let place = roster.place(of: from)
    else { return }
    coordinations[at].answered.insert(place)
    let (members, answered) = (coordinations[at].members, coordinations[at].answered)
    let isEnough =
      roster.rule == .quorum ? members.hasMajority(in: answered) : answered.contains(all: members)
    if isEnough { decide(at, .commit, &fx) }
  }

  /// Writes the decision, and tells it once it is on the platter (at once, where nobody needs it to be).
  mutating func decide(_ at: Int, _ outcome: Outcome, _ fx: inout Effects<Self>) {
    let (id, members) = (coordinations[at].transaction, coordinations[at].members)
    fx.note("decides to \(outcome) \(id)")
    coordinations[at].outcome = outcome
    coordinations[at].phase = .deciding
    coordinations[at].answered = .none
    append(.decided(id, members, outcome))
    if roster.rule.forces(outcome) {
      coordinations[at].pending = disk.position
      force(&fx)
      tell(at, after: SyncToken(position: disk.position), &fx)
    } else {
      tell(at, after: nil, &fx)
      decided(at, &fx)
    }
  }

  private mutating func tell(_ at: Int, after token: SyncToken?, _ fx: inout Effects<Self>) {
    let coordination = coordinations[at]
    guard let outcome = coordination.outcome else { return }
    for place in coordination.members.without(coordination.no).without(coordination.answered) {
      post(.decide(coordination.transaction, outcome), to: roster.participants[place], after: token, &fx)
    }
  }

  /// The decision can no longer be lost.
  mutating func decided(_ at: Int, _ fx: inout Effects<Self>) {
    coordinations[at].pending = 0
    coordinations[at].phase = .decided
    guard let outcome = coordinations[at].outcome else { return }
    if roster.rule.acknowledges(outcome) {
      endIfConfirmed(at)
      if coordinations[at].phase == .decided { setResend(coordinations[at].transaction, &fx) }
    } else {
      coordinations[at].phase = .ended
    }
  }

  private mutating func setResend(_ id: TransactionID, _ fx: inout Effects<Self>) {
    if let resend = roster.patience.resend { fx.set(.resend(id), at: fx.now + resend) }
  }

  mutating func hearAcknowledged(_ id: TransactionID, from: NodeID) {
    guard let at = coordination(id), coordinations[at].phase == .decided, let place = roster.place(of: from) else {
      return
    }
    coordinations[at].answered.insert(place)
    endIfConfirmed(at)
  }

  private mutating func endIfConfirmed(_ at: Int) {
    let coordination = coordinations[at]
    guard coordination.answered.contains(all: coordination.members.without(coordination.no)) else { return }
    coordinations[at].phase = .ended
    append(.ended(coordination.transaction))
  }
}

// MARK: - Silence, crashes, and those in doubt

extension CommitNode {
  mutating func ringVotes(_ id: TransactionID, _ fx: inout Effects<Self>) {
    guard let at = coordination(id), coordinations[at].phase == .voting else { return }
    if roster.rule == .paxos {
      lead(id, coordinations[at].members, &fx)
      fx.set(.votes(id), at: fx.now + roster.patience.answers * 2)
    } else {
      decide(at, .abort, &fx)
    }
  }

  mutating func ringPreCommits(_ id: TransactionID, _ fx: inout Effects<Self>) {
    guard let at = coordination(id), coordinations[at].phase == .preCommitting else { return }
    if roster.rule == .quorum {
      // Fewer than a majority confirmed: somebody else may have taken over, and knows.
      askMembers(at, &fx)
      fx.set(.preCommits(id), at: fx.now + roster.patience.doubt)
    } else {
      decide(at, .commit, &fx)
    }
  }

  mutating func ringResend(_ id: TransactionID, _ fx: inout Effects<Self>) {
    guard let at = coordination(id), coordinations[at].phase == .decided else { return }
    tell(at, after: nil, &fx)
    setResend(id, &fx)
  }

  mutating func ringInquiry(_ id: TransactionID, _ fx: inout Effects<Self>) {
    guard let at = coordination(id), coordinations[at].phase == .inquiring else { return }
    askMembers(at, &fx)
    fx.set(.inquiry(id), at: fx.now + roster.patience.doubt)
  }

  private mutating func askMembers(_ at: Int, _ fx: inout Effects<Self>) {
    let (id, members) = (coordinations[at].transaction, coordinations[at].members)
    for place in members { post(.ask(id, members), to: roster.participants[place], &fx) }
  }

  /// Somebody in doubt asks the coordinator.
  mutating func answer(_ id: TransactionID, _ members: Members, _ from: NodeID, _ fx: inout Effects<Self>) {
    if let at = coordination(id) {
      if let decision = coordinations[at].decision { post(.decide(id, decision), to: from, &fx) }
      return
    }
    guard id > disk.forgottenThrough, roster.all.contains(all: members), roster.place(of: from) != nil else { return }
    if roster.rule.presumesAbort {
      post(.decide(id, .abort), to: from, &fx)
    } else if roster.rule != .quorum {
      // Its own decision would be on the platter: it made none, but the others can have.
      remember(Coordination(id, members, .inquiring))
      ringInquiry(id, &fx)
    }
  }

  /// Somebody decided without the coordinator.
  mutating func learn(_ id: TransactionID, _ outcome: Outcome, _ fx: inout Effects<Self>) {
    guard let at = coordination(id) else { return }
    switch coordinations[at].phase {
    case .voting, .preCommitting, .inquiring: decide(at, outcome, &fx)
    case .deciding, .decided, .ended: break
    }
  }

  /// A participant crashed in doubt. When all did, none can decide by itself any more, and the coordinator may: had
  /// anybody decided, that one would have said so. (Total failure: Bernstein et al., 7.5.)
  mutating func hearCrashed(_ id: TransactionID, from: NodeID, _ fx: inout Effects<Self>) {
    guard let at = coordination(id), coordinations[at].phase == .inquiring, let place = roster.place(of: from) else {
      return
    }
    coordinations[at].answered.insert(place)
    if coordinations[at].answered.contains(all: coordinations[at].members) { decide(at, .abort, &fx) }
  }

  mutating func recoverCoordination(_ entry: CommitEntry<Manager.Work>, _ fx: inout Effects<Self>) {
    guard entry.isStarted || entry.decision != nil else { return }
    let id = entry.transaction
    remember(Coordination(id, entry.members, .voting))
    guard let at = coordination(id) else { return }
    if let outcome = entry.decision {
      coordinations[at].outcome = outcome
      coordinations[at].phase = .ended
      guard !entry.isEnded, roster.rule.acknowledges(outcome) else { return }
      coordinations[at].phase = .decided
      tell(at, after: nil, &fx)
      setResend(id, &fx)
    } else if roster.rule.presumesAbort {
      decide(at, .abort, &fx)
    } else {
      coordinations[at].phase = .inquiring
      ringInquiry(id, &fx)
    }
  }
}

import Clockwork

/// What a participant knows of one transaction. One that it knows nothing of is in the state before the vote.
public struct Participation: Hashable, Sendable {
  /// The states of the literature: w, p (and its mirror image under a quorum), c, a.
  public enum Phase: UInt8, Hashable, Sendable {
    /// Voted yes: uncertain. Can become preCommitted, preAborted, committed or aborted.
    case prepared
    /// Knows that all voted yes. Can become committed; under a quorum whatever is decided.
    case preCommitted
    /// Took part in an attempt to abort (quorum). Can become whatever is decided.
    case preAborted
    case committed
    case aborted
  }

  public let transaction: TransactionID
  public private(set) var members: Members
  public internal(set) var phase: Phase
  /// False for one that aborted before it voted yes.
  public internal(set) var votedYes: Bool
  /// Crashed in doubt: with three phases such a one asks, and leaves deciding to others.
  public internal(set) var hasCrashed = false
  /// Whom it listens to: lower ballots are over.
  public internal(set) var ballot = Ballot.first
  /// Under a quorum, what it took part in last.
  public internal(set) var attempt: Attempt?
  /// When it is a backup itself.
  public internal(set) var gathering: Gathering?
  /// The log position that `phase` waits for: until then a decision does not count.
  var pending: UInt64 = 0

  init(_ transaction: TransactionID, _ members: Members, _ phase: Phase, votedYes: Bool) {
    self.transaction = transaction
    self.members = members
    self.phase = phase
    self.votedYes = votedYes
  }

  mutating func rename(_ names: ParticipantRenaming) { members = names(members) }

  /// The decision, once it can no longer be lost.
  public var decision: Outcome? {
    guard pending == 0 else { return nil }
    switch phase {
    case .committed: return .commit
    case .aborted: return .abort
    case .prepared, .preCommitted, .preAborted: return nil
    }
  }

  /// Voted yes and was not told: its locks are held, and it may not decide alone.
  public var isInDoubt: Bool { votedYes && decision == nil }

  var isSettled: Bool { phase == .committed || phase == .aborted }

  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(UInt64(transaction.rawValue) | UInt64(members.bits) << 32)
    let flags: UInt64 = (votedYes ? 1 : 0) | (hasCrashed ? 2 : 0)
    hasher.combine(UInt64(phase.rawValue) | flags << 8 | UInt64(ballot.rawValue) << 16 | UInt64(pending) << 32)
    if let attempt {
      hasher.combine(UInt64(attempt.ballot.rawValue) | UInt64(attempt.outcome.rawValue) << 16 | 1 << 24)
    }
    gathering?.fingerprint(into: &hasher)
  }
}

// MARK: - Voting

extension CommitNode {
  func participation(_ id: TransactionID) -> Int? { participations.lastIndex { $0.transaction == id } }

  mutating func hearRequest(
    _ id: TransactionID, _ members: Members, _ work: Manager.Work, _ fx: inout Effects<Self>
  ) {
    guard let me = place, members.contains(me), id > disk.forgottenThrough else { return }
    if let at = participation(id) { return repeatVote(at, &fx) }
    if manager?.prepare(id, work) == .yes {
      append(.prepared(id, members, work))
      let token = force(&fx)
      var mine = Participation(id, members, .prepared, votedYes: true)
      mine.pending = token.position
      remember(mine)
      sendVote(id, members, .yes, after: token, &fx)
      fx.set(.doubt(id), at: fx.now + roster.patience.doubt)
    } else {
      let token = refuse(id, members, &fx)
      sendVote(id, members, .no, after: token, &fx)
    }
  }

  /// Aborts before having voted yes, as any participant may. What hangs on it must wait for the token.
  ///
  /// With `isFinal` somebody else aborts because of it, so that it may not be forgotten: one that lost it with its power
  /// could still be asked for its vote, and say yes.
  @discardableResult
  mutating func refuse(
    _ id: TransactionID, _ members: Members, isFinal: Bool = false, _ fx: inout Effects<Self>
  ) -> SyncToken? {
    append(.settled(id, members, .abort))
    fx.note("refuses \(id)")
    var mine = Participation(id, members, .aborted, votedYes: false)
    // Under Paxos Commit a participant is the proposer of its vote, and a proposer never says two things.
    let token = isFinal || roster.rule.forces(.abort) || roster.rule == .paxos ? force(&fx) : nil
    mine.pending = token?.position ?? 0
    remember(mine)
    return token
  }

  private mutating func sendVote(
    _ id: TransactionID, _ members: Members, _ vote: Vote, after token: SyncToken?, _ fx: inout Effects<Self>
  ) {
    guard roster.rule == .paxos, let me = place else {
      return post(.vote(id, vote), to: roster.coordinator, after: token, &fx)
    }
    var votes = Votes()
    votes.known.insert(me)
    if vote == .yes { votes.yes.insert(me) }
    for acceptor in roster.firstAcceptors {
      post(.accept(id, members, .first, votes), to: roster.acceptors[acceptor], after: token, &fx)
    }
  }

  private mutating func repeatVote(_ at: Int, _ fx: inout Effects<Self>) {
    let mine = participations[at]
    guard mine.pending == 0 else { return }
    switch mine.phase {
    case .prepared: sendVote(mine.transaction, mine.members, .yes, after: nil, &fx)
    case .aborted where !mine.votedYes: sendVote(mine.transaction, mine.members, .no, after: nil, &fx)
    case .preCommitted, .preAborted, .committed, .aborted: break
    }
  }
}

// MARK: - Deciding

extension CommitNode {
  mutating func hearDecision(_ id: TransactionID, _ outcome: Outcome, from: NodeID, _ fx: inout Effects<Self>) {
    let wantsToKnow = from == roster.coordinator && roster.rule.acknowledges(outcome)
    guard let at = participation(id) else {
      // The request was overtaken or lost. Nobody commits without this one's yes.
      guard outcome == .abort, id > disk.forgottenThrough else { return }
      let token = refuse(id, roster.all, &fx)
      if wantsToKnow { post(.acknowledge(id), to: from, after: token, &fx) }
      return
    }
    if participations[at].isSettled {
      guard wantsToKnow, participations[at].decision == outcome else { return }
      return post(.acknowledge(id), to: from, &fx)
    }
    // Those that a backup has asked listen to it, and to nobody before it: what it is told, it tells.
    let isBackup = participations[at].gathering != nil
    let token = settle(at, outcome, &fx)
    if wantsToKnow { post(.acknowledge(id), to: from, after: token, &fx) }
    if isBackup, from != roster.coordinator { tellAsBackup(at, outcome, except: from, after: token, &fx) }
  }

  /// Writes the decision. The work is done, and the locks go, once it is on the platter.
  @discardableResult
  mutating func settle(_ at: Int, _ outcome: Outcome, _ fx: inout Effects<Self>) -> SyncToken? {
    let (id, members) = (participations[at].transaction, participations[at].members)
    append(.settled(id, members, outcome))
    participations[at].phase = outcome == .commit ? .committed : .aborted
    participations[at].gathering = nil
    guard roster.rule.forces(outcome) else {
      settled(at, &fx)
      return nil
    }
    let token = force(&fx)
    participations[at].pending = token.position
    return token
  }

  /// What the participant's phase waited for is on the platter.
  mutating func settled(_ at: Int, _ fx: inout Effects<Self>) {
    participations[at].pending = 0
    let mine = participations[at]
    switch mine.phase {
    case .committed, .aborted:
      guard mine.votedYes else { break }
      manager?.settle(mine.transaction, mine.phase == .committed ? .commit : .abort)
      fx.note("\(mine.phase == .committed ? "commits" : "aborts") \(mine.transaction), locks released")
    case .prepared: fx.note("voted yes on \(mine.transaction), holds locks")
    case .preCommitted, .preAborted: break
    }
    gatherOwn(at, &fx)
  }
}

// MARK: - In doubt

extension CommitNode {
  mutating func ringDoubt(_ id: TransactionID, _ fx: inout Effects<Self>) {
    guard let at = participation(id), !participations[at].isSettled else { return }
    switch roster.rule {
    case .twoPhase, .presumedAbort: askEverybody(at, &fx)
    case .paxos:
      for acceptor in roster.acceptors { post(.ask(id, participations[at].members), to: acceptor, &fx) }
    case .threePhaseTimeout:
      fx.note("times out and decides alone on \(id)")
      settle(at, participations[at].phase == .preCommitted ? .commit : .abort, &fx)
      return
    case .threePhase:
      if participations[at].hasCrashed { askEverybody(at, &fx) } else { elect(at, &fx) }
    case .quorum: takeOver(at, &fx)
    }
    fx.set(.doubt(id), at: fx.now + roster.patience.doubt)
  }

  mutating func askEverybody(_ at: Int, _ fx: inout Effects<Self>) {
    let mine = participations[at]
    post(.ask(mine.transaction, mine.members), to: roster.coordinator, &fx)
    for other in mine.members where other != place {
      post(.ask(mine.transaction, mine.members), to: roster.participants[other], &fx)
    }
  }

  /// Somebody in doubt asks this participant: cooperative termination.
  mutating func hearAsk(_ id: TransactionID, _ members: Members, from: NodeID, _ fx: inout Effects<Self>) {
    guard let at = participation(id) else {
      guard let me = place, members.contains(me), id > disk.forgottenThrough else { return }
      let token = refuse(id, members, isFinal: true, &fx)
      return post(.decide(id, .abort), to: from, after: token, &fx)
    }
    if let decision = participations[at].decision {
      post(.decide(id, decision), to: from, &fx)
    } else if participations[at].hasCrashed, roster.rule == .threePhase || roster.rule == .threePhaseTimeout,
      from == roster.coordinator
    {
      post(.crashedInDoubt(id), to: from, &fx)
    }
  }

  mutating func recoverParticipation(_ entry: CommitEntry<Manager.Work>, _ fx: inout Effects<Self>) {
    guard entry.isPrepared || entry.settled != nil else { return }
    var mine = Participation(entry.transaction, entry.members, .prepared, votedYes: entry.isPrepared)
    mine.ballot = entry.promised
    mine.attempt = entry.attempt
    if let settled = entry.settled {
      mine.phase = settled == .commit ? .committed : .aborted
    } else {
      mine.hasCrashed = true
      if let attempt = entry.attempt { mine.phase = attempt.outcome == .commit ? .preCommitted : .preAborted }
    }
    remember(mine)
    if let work = entry.work { manager?.recover(entry.transaction, work, entry.settled) }
    guard entry.settled == nil, let at = participation(entry.transaction) else { return }
    fx.note("in doubt about \(entry.transaction), holds locks")
    switch roster.rule {
    case .paxos: ringDoubt(entry.transaction, &fx)
    case .twoPhase, .presumedAbort, .threePhase, .threePhaseTimeout, .quorum:
      askEverybody(at, &fx)
      fx.set(.doubt(entry.transaction), at: fx.now + roster.patience.doubt)
    }
  }
}

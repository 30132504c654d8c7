import Clockwork

/// What an acceptor of Paxos Commit knows of one transaction: one vector for all participants' instances.
public struct Acceptance: Hashable, Sendable {
  /// When it leads a ballot itself.
  public struct Leading: Hashable, Sendable {
    public let ballot: Ballot
    /// False while promises come in, true once a vector is proposed.
    var proposes = false
    var answered = Members.none
    var bestBallot: Ballot?
    var votes = Votes()
  }

  public let transaction: TransactionID
  public private(set) var members: Members
  /// Lower ballots are over.
  public internal(set) var promised = Ballot.first
  public internal(set) var acceptedBallot: Ballot?
  public internal(set) var accepted = Votes()
  /// Votes of the first ballot that came in and are not accepted yet: all are, at once, in one forced write.
  var received = Votes()
  public internal(set) var leading: Leading?
  /// Learned or decided.
  public internal(set) var outcome: Outcome?
  /// Waits to see whether it is on this acceptor to lead.
  var isWaking = false
  /// The log position that its own promise or acceptance waits for, when it leads.
  var pending: UInt64 = 0

  init(_ transaction: TransactionID, _ members: Members) {
    self.transaction = transaction
    self.members = members
  }

  mutating func rename(_ names: ParticipantRenaming) {
    members = names(members)
    accepted = names(accepted)
    received = names(received)
    if let votes = leading?.votes { leading?.votes = names(votes) }
  }

  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(UInt64(transaction.rawValue) | UInt64(members.bits) << 32)
    let flags: UInt64 = (outcome.map { UInt64($0.rawValue) + 1 } ?? 0) | (isWaking ? 4 : 0)
    let ballots = UInt64(promised.rawValue) << 8 | UInt64(acceptedBallot.map { $0.rawValue + 1 } ?? 0) << 24
    hasher.combine(flags | ballots | UInt64(pending) << 40)
    hasher.combine(UInt64(accepted.yes.bits) | UInt64(accepted.known.bits) << 32)
    hasher.combine(UInt64(received.yes.bits) | UInt64(received.known.bits) << 32)
    guard let leading else { return }
    hasher.combine(
      UInt64(leading.ballot.rawValue) | (leading.proposes ? 1 << 16 : 0) | UInt64(leading.answered.bits) << 32)
    hasher.combine(UInt64(leading.votes.yes.bits) | UInt64(leading.votes.known.bits) << 32)
    hasher.combine(UInt64(leading.bestBallot.map { $0.rawValue + 1 } ?? 0))
  }
}

// MARK: - Accepting

extension CommitNode {
  func acceptance(_ id: TransactionID) -> Int? { acceptances.lastIndex { $0.transaction == id } }

  private mutating func needAcceptance(_ id: TransactionID, _ members: Members) -> Int? {
    if let at = acceptance(id) { return at }
    guard acceptorPlace != nil, id > disk.forgottenThrough, !members.isEmpty else { return nil }
    remember(Acceptance(id, members))
    return acceptance(id)
  }

  /// 2a: a participant's vote, or a leader's proposal.
  mutating func hearAccept(
    _ id: TransactionID, _ members: Members, _ ballot: Ballot, _ votes: Votes, from: NodeID, _ fx: inout Effects<Self>
  ) {
    guard let at = needAcceptance(id, members), ballot >= acceptances[at].promised else { return }
    guard ballot == .first else {
      accept(at, ballot, votes, &fx)
      return post(.accepted(id, ballot, votes), to: from, after: SyncToken(position: disk.position), &fx)
    }
    guard acceptances[at].acceptedBallot == nil else { return }
    acceptances[at].received = acceptances[at].received.union(votes)
    let received = acceptances[at].received
    guard received.refuses || received.known.contains(all: acceptances[at].members) else { return }
    accept(at, .first, received, &fx)
    guard isCoordinator else {
      return post(
        .accepted(id, .first, received), to: roster.coordinator, after: SyncToken(position: disk.position), &fx)
    }
    acceptances[at].pending = disk.position
  }

  private mutating func accept(_ at: Int, _ ballot: Ballot, _ votes: Votes, _ fx: inout Effects<Self>) {
    acceptances[at].promised = ballot
    acceptances[at].acceptedBallot = ballot
    acceptances[at].accepted = votes
    if let leading = acceptances[at].leading, leading.ballot < ballot { acceptances[at].leading = nil }
    append(.accepted(acceptances[at].transaction, acceptances[at].members, ballot, votes))
    force(&fx)
  }

  /// 1a: somebody wants to lead.
  mutating func hearPropose(
    _ id: TransactionID, _ members: Members, _ ballot: Ballot, from: NodeID, _ fx: inout Effects<Self>
  ) {
    guard let at = needAcceptance(id, members), ballot > acceptances[at].promised else { return }
    if let outcome = acceptances[at].outcome { return post(.decide(id, outcome), to: from, &fx) }
    promise(at, ballot, &fx)
    let mine = acceptances[at]
    post(
      .promised(id, ballot, accepted: mine.acceptedBallot, mine.accepted), to: from,
      after: SyncToken(position: disk.position), &fx)
  }

  /// Listens to no lower ballot from now on. Votes that came in and were not accepted are: nobody else will ever tell.
  private mutating func promise(_ at: Int, _ ballot: Ballot, _ fx: inout Effects<Self>) {
    let mine = acceptances[at]
    if mine.acceptedBallot == nil, !mine.received.known.isEmpty {
      acceptances[at].acceptedBallot = .first
      acceptances[at].accepted = mine.received
      append(.accepted(mine.transaction, mine.members, .first, mine.received))
    }
    acceptances[at].promised = ballot
    acceptances[at].leading = nil
    append(.promised(mine.transaction, mine.members, ballot))
    force(&fx)
  }
}

// MARK: - Leading

extension CommitNode {
  /// Begins a ballot: asks a majority what it has accepted.
  mutating func lead(_ id: TransactionID, _ members: Members, _ fx: inout Effects<Self>) {
    guard let me = acceptorPlace, let at = needAcceptance(id, members), acceptances[at].outcome == nil,
      acceptances[at].pending == 0,
      let ballot = roster.next(after: acceptances[at].promised, of: me, among: roster.acceptors.count)
    else { return }
    fx.note("leads \(id) in ballot \(ballot)")
    promise(at, ballot, &fx)
    acceptances[at].pending = disk.position
    acceptances[at].leading = Acceptance.Leading(ballot: ballot)
    for acceptor in roster.acceptors where acceptor != self.id {
      post(.propose(id, acceptances[at].members, ballot), to: acceptor, &fx)
    }
  }

  /// What this acceptor itself promised or accepted is on the platter.
  mutating func acceptedOwn(_ at: Int, _ fx: inout Effects<Self>) {
    acceptances[at].pending = 0
    let mine = acceptances[at]
    if let leading = mine.leading {
      if leading.proposes {
        hearAccepted(mine.transaction, leading.ballot, mine.accepted, from: id, &fx)
      } else {
        hearPromised(mine.transaction, leading.ballot, mine.acceptedBallot, mine.accepted, from: id, &fx)
      }
    } else if mine.acceptedBallot == .first {
      hearAccepted(mine.transaction, .first, mine.accepted, from: id, &fx)
    }
  }

  /// 1b. A vector of a later ballot is binding; of the first ballot each participant's vote is, wherever it was accepted.
  /// A participant of whom no majority member has heard is against.
  mutating func hearPromised(
    _ id: TransactionID, _ ballot: Ballot, _ accepted: Ballot?, _ votes: Votes, from: NodeID, _ fx: inout Effects<Self>
  ) {
    guard let at = acceptance(id), var leading = acceptances[at].leading, leading.ballot == ballot, !leading.proposes,
      let other = roster.acceptorPlace(of: from)
    else { return }
    leading.answered.insert(other)
    if let accepted {
      if accepted == .first, leading.bestBallot ?? .first == .first {
        leading.bestBallot = .first
        leading.votes = leading.votes.union(votes)
      } else if accepted > leading.bestBallot ?? .first {
        leading.bestBallot = accepted
        leading.votes = votes
      }
    }
    acceptances[at].leading = leading
    guard roster.allAcceptors.hasMajority(in: leading.answered) else { return }
    let vector = Votes(yes: leading.votes.yes, known: acceptances[at].members)
    acceptances[at].leading?.proposes = true
    acceptances[at].leading?.answered = .none
    accept(at, ballot, vector, &fx)
    acceptances[at].pending = disk.position
    for acceptor in roster.acceptors where acceptor != self.id {
      post(.accept(id, acceptances[at].members, ballot, vector), to: acceptor, &fx)
    }
  }

  /// 2b. In the first ballot one refusal is enough: that participant proposed nothing else, and nobody ever will.
  mutating func hearAccepted(
    _ id: TransactionID, _ ballot: Ballot, _ votes: Votes, from: NodeID, _ fx: inout Effects<Self>
  ) {
    guard let other = roster.acceptorPlace(of: from) else { return }
    if ballot == .first {
      guard let at = coordination(id), coordinations[at].phase == .voting else { return }
      if votes.refuses {
        coordinations[at].no = votes.known.without(votes.yes)
        return decideAsLeader(id, .abort, &fx)
      }
      coordinations[at].answered.insert(other)
      if coordinations[at].answered.count > roster.faults { decideAsLeader(id, .commit, &fx) }
    } else {
      guard let at = acceptance(id), acceptances[at].leading?.ballot == ballot,
        acceptances[at].leading?.proposes == true
      else { return }
      acceptances[at].leading?.answered.insert(other)
      guard let answered = acceptances[at].leading?.answered, roster.allAcceptors.hasMajority(in: answered) else {
        return
      }
      decideAsLeader(id, votes.outcome(acceptances[at].members), &fx)
    }
  }

  private mutating func decideAsLeader(_ id: TransactionID, _ outcome: Outcome, _ fx: inout Effects<Self>) {
    if let at = acceptance(id) {
      acceptances[at].outcome = outcome
      acceptances[at].leading = nil
    }
    if let at = coordination(id) {
      if coordinations[at].outcome == nil { decide(at, outcome, &fx) }
      return
    }
    guard let at = acceptance(id) else { return }
    fx.note("decides to \(outcome) \(id)")
    append(.decided(id, acceptances[at].members, outcome))
    if self.id != roster.coordinator { post(.decide(id, outcome), to: roster.coordinator, &fx) }
    for place in acceptances[at].members { post(.decide(id, outcome), to: roster.participants[place], &fx) }
  }

  /// Somebody else decided.
  mutating func learnAsAcceptor(_ id: TransactionID, _ outcome: Outcome) {
    guard let at = acceptance(id), acceptances[at].outcome == nil else { return }
    acceptances[at].outcome = outcome
    acceptances[at].leading = nil
    append(.decided(id, acceptances[at].members, outcome))
  }

  /// A participant in doubt asks. The acceptors take turns at leading, so that one that is alive soon does alone.
  mutating func answerAsAcceptor(_ id: TransactionID, _ members: Members, _ from: NodeID, _ fx: inout Effects<Self>) {
    guard let me = acceptorPlace, let at = needAcceptance(id, members) else { return }
    if let outcome = acceptances[at].outcome { return post(.decide(id, outcome), to: from, &fx) }
    guard !acceptances[at].isWaking else { return }
    acceptances[at].isWaking = true
    fx.set(.lead(id), at: fx.now + roster.patience.answers * Int64(me))
  }

  mutating func ringLead(_ id: TransactionID, _ fx: inout Effects<Self>) {
    guard let at = acceptance(id), acceptances[at].isWaking else { return }
    acceptances[at].isWaking = false
    lead(id, acceptances[at].members, &fx)
  }

  mutating func recoverAcceptance(_ entry: CommitEntry<Manager.Work>, _ fx: inout Effects<Self>) {
    guard acceptorPlace != nil, entry.acceptedBallot != nil || entry.promised != .first || entry.decision != nil else {
      return
    }
    var mine = Acceptance(entry.transaction, entry.members)
    mine.promised = entry.promised
    mine.acceptedBallot = entry.acceptedBallot
    mine.accepted = entry.acceptedVotes
    mine.outcome = entry.decision
    remember(mine)
  }
}

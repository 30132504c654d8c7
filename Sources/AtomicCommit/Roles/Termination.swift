import Clockwork

/// What a backup has been told so far.
public struct Gathering: Hashable, Sendable {
  public enum Stage: UInt8, Hashable, Sendable {
    /// Asking in which state the others are.
    case states
    /// Bringing everybody into the state from which the decision follows.
    case attempts
  }

  public let ballot: Ballot
  public internal(set) var stage = Stage.states
  public internal(set) var answered = Members.none
  /// Three-phase commit: those known to be pre-committed.
  var preCommitted = Members.none
  /// Quorum: the latest attempt that anybody took part in; later, the one being made.
  var latest: Attempt?

  init(_ ballot: Ballot) { self.ballot = ballot }

  mutating func learn(_ attempt: Attempt?) {
    guard let attempt else { return }
    if let latest, latest.ballot >= attempt.ballot { return }
    latest = attempt
  }

  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(UInt64(ballot.rawValue) | UInt64(stage.rawValue) << 16 | UInt64(answered.bits) << 32)
    hasher.combine(UInt64(preCommitted.bits))
    if let latest {
      hasher.combine(UInt64(latest.ballot.rawValue) | UInt64(latest.outcome.rawValue) << 16 | 1 << 24)
    }
  }
}

// MARK: - Who takes over

extension CommitNode {
  /// Three-phase commit: the leader is taken for dead, and the next participant in line is its successor.
  mutating func elect(_ at: Int, _ fx: inout Effects<Self>) {
    let mine = participations[at]
    let line = Int(mine.ballot.rawValue)..<roster.participants.count
    guard let next = line.first(where: { mine.members.contains($0) }) else { return askEverybody(at, &fx) }
    let ballot = Ballot(UInt16(next + 1))
    participations[at].ballot = ballot
    participations[at].gathering = nil
    if next == place {
      fx.note("takes over \(mine.transaction)")
      participations[at].gathering = Gathering(ballot)
      participations[at].gathering?.answered.insert(next)
      if mine.phase == .preCommitted { participations[at].gathering?.preCommitted.insert(next) }
      inquire(at, &fx)
      concludeIfAnswered(at, &fx)
    } else {
      // It may have decided already, and then it would never take over.
      post(.ask(mine.transaction, mine.members), to: roster.participants[next], &fx)
    }
  }

  /// Quorum: anybody in doubt may begin a ballot of its own, higher than any that it has heard of.
  mutating func takeOver(_ at: Int, _ fx: inout Effects<Self>) {
    let mine = participations[at]
    guard let me = place, mine.pending == 0,
      let ballot = roster.next(after: mine.ballot, of: me, among: roster.participants.count)
    else { return askEverybody(at, &fx) }
    fx.note("takes over \(mine.transaction) in ballot \(ballot)")
    participations[at].ballot = ballot
    participations[at].gathering = Gathering(ballot)
    append(.promised(mine.transaction, mine.members, ballot))
    participations[at].pending = force(&fx).position
    inquire(at, &fx)
  }

  private mutating func inquire(_ at: Int, _ fx: inout Effects<Self>) {
    let mine = participations[at]
    for other in mine.members where other != place {
      post(.inquire(mine.transaction, mine.members, mine.ballot), to: roster.participants[other], &fx)
    }
    if roster.rule == .threePhase { fx.set(.gather(mine.transaction), at: fx.now + roster.patience.answers) }
  }

  /// Under a quorum a backup is one of its own members, and its answer counts once it is on the platter.
  mutating func gatherOwn(_ at: Int, _ fx: inout Effects<Self>) {
    guard roster.rule == .quorum, let me = place, let gathering = participations[at].gathering else { return }
    if gathering.stage == .states {
      let mine = participations[at].attempt
      participations[at].gathering?.learn(mine)
    }
    participations[at].gathering?.answered.insert(me)
    concludeIfAnswered(at, &fx)
  }
}

// MARK: - What the others hear

extension CommitNode {
  mutating func hearInquiry(
    _ id: TransactionID, _ members: Members, _ ballot: Ballot, from: NodeID, _ fx: inout Effects<Self>
  ) {
    guard let at = participation(id) else { return hearAsk(id, members, from: from, &fx) }
    if participations[at].isSettled { return hearAsk(id, members, from: from, &fx) }
    let mine = participations[at]
    if roster.rule == .quorum {
      // Two promises of one ballot go to one asker; one that is still being written answers when it is.
      guard ballot > mine.ballot || ballot == mine.ballot && mine.gathering == nil else { return }
      participations[at].ballot = ballot
      participations[at].gathering = nil
      var token: SyncToken?
      if ballot > mine.ballot {
        append(.promised(id, members, ballot))
        token = force(&fx)
        participations[at].pending = disk.position
      }
      post(.state(id, ballot, mine.attempt), to: from, after: token ?? SyncToken(position: mine.pending), &fx)
    } else {
      // One that crashed has forgotten what it was told, and is no witness.
      guard !mine.hasCrashed, ballot >= mine.ballot else { return }
      participations[at].ballot = ballot
      participations[at].gathering = nil
      post(.state(id, ballot, mine.phase == .preCommitted ? Attempt(ballot, .commit) : nil), to: from, &fx)
    }
  }

  mutating func hearPrepare(_ id: TransactionID, _ attempt: Attempt, from: NodeID, _ fx: inout Effects<Self>) {
    guard let at = participation(id), !participations[at].isSettled, attempt.ballot >= participations[at].ballot else {
      return
    }
    if roster.rule == .quorum {
      participations[at].gathering = nil
      participations[at].ballot = attempt.ballot
      let token = take(at, attempt, &fx)
      post(.prepared(id, attempt.ballot), to: from, after: token, &fx)
    } else if !participations[at].hasCrashed {
      participations[at].gathering = nil
      participations[at].ballot = attempt.ballot
      participations[at].phase = .preCommitted
      fx.note("pre-commits \(id)")
      post(.prepared(id, attempt.ballot), to: from, &fx)
    }
  }

  /// Takes part in an attempt (quorum), for good.
  private mutating func take(_ at: Int, _ attempt: Attempt, _ fx: inout Effects<Self>) -> SyncToken {
    let id = participations[at].transaction
    guard participations[at].attempt != attempt else { return SyncToken(position: participations[at].pending) }
    fx.note("\(attempt.outcome == .commit ? "pre-commits" : "pre-aborts") \(id)")
    participations[at].attempt = attempt
    participations[at].phase = attempt.outcome == .commit ? .preCommitted : .preAborted
    append(.attempted(id, attempt))
    let token = force(&fx)
    participations[at].pending = token.position
    return token
  }
}

// MARK: - What the backup hears

extension CommitNode {
  mutating func hearState(
    _ id: TransactionID, _ ballot: Ballot, _ attempt: Attempt?, from: NodeID, _ fx: inout Effects<Self>
  ) {
    guard let at = gathering(id, ballot, .states), let other = roster.place(of: from) else { return }
    participations[at].gathering?.answered.insert(other)
    participations[at].gathering?.learn(attempt)
    if attempt?.outcome == .commit { participations[at].gathering?.preCommitted.insert(other) }
    concludeIfAnswered(at, &fx)
  }

  /// A participant confirmed a backup's pre-commit (or pre-abort).
  mutating func hearPrepared(_ id: TransactionID, _ ballot: Ballot, from: NodeID, _ fx: inout Effects<Self>) {
    if ballot == .first { return hearPreCommitted(id, from: from, &fx) }
    guard let at = gathering(id, ballot, .attempts), let other = roster.place(of: from) else { return }
    participations[at].gathering?.answered.insert(other)
    concludeIfAnswered(at, &fx)
  }

  private func gathering(_ id: TransactionID, _ ballot: Ballot, _ stage: Gathering.Stage) -> Int? {
    guard let at = participation(id), let gathering = participations[at].gathering, gathering.ballot == ballot,
      gathering.stage == stage
    else { return nil }
    return at
  }

  /// Three-phase commit: whoever has not answered is taken for dead.
  mutating func ringGather(_ id: TransactionID, _ fx: inout Effects<Self>) {
    guard let at = participation(id), participations[at].gathering != nil, !participations[at].isSettled else { return }
    conclude(at, &fx)
  }

  private mutating func concludeIfAnswered(_ at: Int, _ fx: inout Effects<Self>) {
    guard let gathering = participations[at].gathering else { return }
    let members = participations[at].members
    let isEnough =
      roster.rule == .quorum
      ? members.hasMajority(in: gathering.answered) : gathering.answered.contains(all: members)
    if isEnough { conclude(at, &fx) }
  }

  /// The rules of termination. A decided member answers with the decision itself, and one that has not voted with abort,
  /// so here all are in doubt: none pre-committed, abort; otherwise bring all there, and commit.
  private mutating func conclude(_ at: Int, _ fx: inout Effects<Self>) {
    let mine = participations[at]
    guard let me = place, let gathering = mine.gathering else { return }
    switch (gathering.stage, roster.rule) {
    case (.attempts, .quorum): settleAsBackup(at, gathering.latest?.outcome ?? .abort, &fx)
    case (.attempts, _): settleAsBackup(at, .commit, &fx)
    case (.states, .quorum):
      let attempt = Attempt(gathering.ballot, gathering.latest?.outcome ?? .abort)
      participations[at].gathering?.stage = .attempts
      participations[at].gathering?.answered = .none
      participations[at].gathering?.latest = attempt
      for other in mine.members where other != me {
        post(.prepare(mine.transaction, attempt), to: roster.participants[other], &fx)
      }
      _ = take(at, attempt, &fx)
    case (.states, _):
      guard !gathering.preCommitted.isEmpty else { return settleAsBackup(at, .abort, &fx) }
      participations[at].phase = .preCommitted
      participations[at].gathering?.stage = .attempts
      var ready = gathering.preCommitted
      ready.insert(me)
      let laggards = gathering.answered.without(ready)
      // Those that did not answer are taken for dead: only the laggards can still confirm.
      participations[at].gathering?.answered = mine.members.without(laggards)
      guard !laggards.isEmpty else { return settleAsBackup(at, .commit, &fx) }
      for other in laggards {
        post(.prepare(mine.transaction, Attempt(gathering.ballot, .commit)), to: roster.participants[other], &fx)
      }
      fx.set(.gather(mine.transaction), at: fx.now + roster.patience.answers)
    }
  }

  private mutating func settleAsBackup(_ at: Int, _ outcome: Outcome, _ fx: inout Effects<Self>) {
    let mine = participations[at]
    fx.note("decides to \(outcome) \(mine.transaction)")
    let token = settle(at, outcome, &fx)
    tellAsBackup(at, outcome, except: nil, after: token, &fx)
  }

  mutating func tellAsBackup(
    _ at: Int, _ outcome: Outcome, except teller: NodeID?, after token: SyncToken?, _ fx: inout Effects<Self>
  ) {
    let mine = participations[at]
    post(.decide(mine.transaction, outcome), to: roster.coordinator, after: token, &fx)
    for other in mine.members where other != place && roster.participants[other] != teller {
      post(.decide(mine.transaction, outcome), to: roster.participants[other], after: token, &fx)
    }
  }
}

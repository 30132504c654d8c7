/// How the participants of a transaction come to one decision.
public enum CommitProtocol: String, Hashable, Sendable, CaseIterable {
  /// Two-phase commit, presumed nothing: aborts are forced and acknowledged as commits are.
  /// Source: Bernstein, Hadzilacos, Goodman, *Concurrency Control and Recovery*, 7.4; participants in doubt ask each other
  /// (cooperative termination).
  case twoPhase = "2pc"
  /// Two-phase commit, presumed abort: a coordinator that knows nothing says abort, so that an abort needs no forced
  /// write and no acknowledgement. Source: Mohan, Lindsay, Obermarck, *Transaction Management in R\** (1986).
  case presumedAbort = "2pc-pa"
  /// Three-phase commit with an elected backup and a termination protocol. Source: Skeen (1981), as in Bernstein et al.,
  /// 7.5. Never blocks and never splits while processes only crash; splits when the network does.
  case threePhase = "3pc"
  /// The three-phase commit of many blogs: no election, whoever times out decides by its own state. Splits after one crash.
  case threePhaseTimeout = "3pc-timeout"
  /// Three-phase commit in which every attempt at a decision needs a majority of the participants, numbered so that a
  /// later attempt keeps what an earlier one may have decided. Source: Skeen (1982), Keidar and Dolev, *Increasing the
  /// Resilience of Distributed and Replicated Database Systems* (E3PC, 1998).
  case quorum = "q3pc"
  /// Each participant's vote is agreed on by 2F+1 acceptors; the coordinator is only the first leader. Source: Gray and
  /// Lamport, *Consensus on Transaction Commit* (2006).
  case paxos = "paxos-commit"

  /// Whether a coordinator that knows nothing of a transaction may say that it is aborted. With three phases it may not:
  /// the participants can have committed without it.
  @inlinable var presumesAbort: Bool { self == .twoPhase || self == .presumedAbort }

  /// Whether participants enter a third state between their vote and the decision.
  @inlinable public var hasPreCommit: Bool {
    switch self {
    case .threePhase, .threePhaseTimeout, .quorum: true
    case .twoPhase, .presumedAbort, .paxos: false
    }
  }

  /// Whether a participant's record of this outcome must be on the platter before it acts on it: only where those who
  /// could tell it again may forget.
  @inlinable func forces(_ outcome: Outcome) -> Bool {
    switch self {
    case .twoPhase, .threePhase, .threePhaseTimeout, .quorum: true
    case .presumedAbort: outcome == .commit
    case .paxos: false
    }
  }

  /// Whether the coordinator waits to be told that this outcome has arrived.
  @inlinable func acknowledges(_ outcome: Outcome) -> Bool { forces(outcome) }
}

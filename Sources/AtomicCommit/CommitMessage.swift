public import Clockwork

/// What coordinators, participants and acceptors say to each other.
public enum CommitMessage<Work: Hashable & Sendable>: Hashable, Sendable {
  /// The console to the coordinator: do this at all of them or at none.
  case begin(TransactionID, Members, Work)
  /// VOTE-REQ. The others are named so that one in doubt knows whom to ask.
  case request(TransactionID, Members, Work)
  case vote(TransactionID, Vote)
  /// PRE-COMMIT; under a quorum also PRE-ABORT. Sent by whoever leads the ballot.
  case prepare(TransactionID, Attempt)
  /// The answer to it.
  case prepared(TransactionID, Ballot)
  case decide(TransactionID, Outcome)
  case acknowledge(TransactionID)
  /// DECISION-REQ, by one in doubt.
  case ask(TransactionID, Members)
  /// The answer of a participant that forgot in a crash whether it was pre-committed, to a coordinator that did too.
  case crashedInDoubt(TransactionID)
  /// STATE-REQ, by whoever takes over in this ballot.
  case inquire(TransactionID, Members, Ballot)
  /// The answer to it, in that ballot: the attempt that the participant took part in last, if any.
  case state(TransactionID, Ballot, Attempt?)
  /// Paxos Commit's 2a: in ballot 0 a participant's own vote, later a leader's proposal for all of them.
  case accept(TransactionID, Members, Ballot, Votes)
  /// 2b.
  case accepted(TransactionID, Ballot, Votes)
  /// 1a.
  case propose(TransactionID, Members, Ballot)
  /// 1b, with what was accepted so far.
  case promised(TransactionID, Ballot, accepted: Ballot?, Votes)

  public var transaction: TransactionID {
    switch self {
    case .begin(let id, _, _), .request(let id, _, _), .vote(let id, _), .prepare(let id, _), .prepared(let id, _),
      .decide(let id, _), .acknowledge(let id), .ask(let id, _), .crashedInDoubt(let id), .inquire(let id, _, _),
      .state(let id, _, _), .accept(let id, _, _, _), .accepted(let id, _, _), .propose(let id, _, _),
      .promised(let id, _, _, _):
      id
    }
  }
}

/// Some participants' votes: `known` has voted, `yes` of them in favour.
public struct Votes: Hashable, Sendable {
  public var yes: Members
  public var known: Members

  public init(yes: Members = .none, known: Members = .none) {
    self.yes = yes
    self.known = known
  }

  /// Somebody is against.
  @inlinable var refuses: Bool { !yes.contains(all: known) }
  @inlinable func union(_ other: Votes) -> Votes { Votes(yes: yes.union(other.yes), known: known.union(other.known)) }
  /// What it comes to for these members, when whoever is not known counts as against.
  @inlinable func outcome(_ members: Members) -> Outcome { yes.contains(all: members) ? .commit : .abort }
}

extension CommitMessage: Narratable {
  public var summary: String {
    switch self {
    case .begin(let id, _, _): "begin \(id)"
    case .request(let id, _, _): "VOTE-REQ \(id)"
    case .vote(let id, let vote): "\(vote == .yes ? "YES" : "NO") \(id)"
    case .prepare(let id, let attempt): "\(attempt.outcome == .commit ? "PRE-COMMIT" : "PRE-ABORT") \(id)"
    case .prepared(let id, _): "ACK \(id)"
    case .decide(let id, let outcome): "\(outcome == .commit ? "COMMIT" : "ABORT") \(id)"
    case .acknowledge(let id): "DONE \(id)"
    case .ask(let id, _): "DECISION-REQ \(id)"
    case .crashedInDoubt(let id): "IN-DOUBT \(id)"
    case .inquire(let id, _, _): "STATE-REQ \(id)"
    case .state(let id, _, let attempt):
      switch attempt?.outcome {
      case .commit?: "PRE-COMMITTED \(id)"
      case .abort?: "PRE-ABORTED \(id)"
      case nil: "UNCERTAIN \(id)"
      }
    case .accept(let id, _, .first, let votes): "2a \(votes.refuses ? "NO" : "YES") \(id)"
    case .accept(let id, let members, let ballot, let votes): "2a \(votes.outcome(members)) \(id) b\(ballot)"
    case .accepted(let id, let ballot, let votes): "2b \(votes.refuses ? "NO" : "YES") \(id) b\(ballot)"
    case .propose(let id, _, let ballot): "1a \(id) b\(ballot)"
    case .promised(let id, let ballot, _, _): "1b \(id) b\(ballot)"
    }
  }

  public var isRoutine: Bool { false }
}

/// What a node asks to be reminded of.
public enum CommitTimer: Hashable, Sendable {
  /// The coordinator: not all votes are in.
  case votes(TransactionID)
  /// The coordinator: not everybody confirmed the pre-commit.
  case preCommits(TransactionID)
  /// The coordinator: not everybody confirmed the decision.
  case resend(TransactionID)
  /// The coordinator, back from a crash: nobody told the decision yet.
  case inquiry(TransactionID)
  /// A participant: in doubt.
  case doubt(TransactionID)
  /// A backup: not everybody answered.
  case gather(TransactionID)
  /// An acceptor: somebody is in doubt, and it may be on this one to lead.
  case lead(TransactionID)

  public var transaction: TransactionID {
    switch self {
    case .votes(let id), .preCommits(let id), .resend(let id), .inquiry(let id), .doubt(let id), .gather(let id),
      .lead(let id):
      id
    }
  }
}

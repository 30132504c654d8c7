public import Clockwork

/// Who takes part, under which protocol, and how long anybody waits. Fixed while transactions run.
///
/// A class only so that a thousand copies of a node share one; nothing in it changes.
public final class CommitRoster: Sendable {
  public let rule: CommitProtocol
  public let coordinator: NodeID
  /// By place: a `Members` names them by their index here. At most 32.
  public let participants: [NodeID]
  /// Paxos Commit's 2F+1; the coordinator is the first. Empty under every other protocol.
  public let acceptors: [NodeID]
  public let patience: Patience
  /// Higher ballots are not begun: what bounds an exhaustive search. Live, as good as no bound.
  public let mostBallots: UInt16

  public init(
    _ rule: CommitProtocol, coordinator: NodeID, participants: [NodeID], moreAcceptors: [NodeID] = [],
    patience: Patience = .standard, mostBallots: UInt16 = 60_000
  ) {
    self.rule = rule
    self.coordinator = coordinator
    self.participants = Array(participants.prefix(Members.most))
    acceptors = rule == .paxos ? [coordinator] + moreAcceptors.prefix(Members.most - 1) : []
    self.patience = patience
    self.mostBallots = mostBallots
  }

  /// Coordinator n1, participants n2 …, and under Paxos Commit 2F more acceptors.
  public static func standard(
    _ rule: CommitProtocol, participants: Int, faults: Int = 1, patience: Patience = .standard,
    mostBallots: UInt16 = 60_000
  ) -> CommitRoster {
    let count = Int32(min(max(1, participants), Members.most))
    let more = rule == .paxos ? Int32(2 * max(0, faults)) : 0
    return CommitRoster(
      rule, coordinator: NodeID(1), participants: (0..<count).map { NodeID(2 + $0) },
      moreAcceptors: (0..<more).map { NodeID(2 + count + $0) }, patience: patience, mostBallots: mostBallots)
  }

  /// Everybody, coordinator first.
  public var everyone: [NodeID] { [coordinator] + participants + acceptors.dropFirst() }
  public var all: Members { Members(first: participants.count) }

  /// How many acceptors may fail.
  public var faults: Int { max(0, acceptors.count - 1) / 2 }
  var allAcceptors: Members { Members(first: acceptors.count) }
  /// Those that hear the votes when nothing fails: a bare majority.
  var firstAcceptors: Members { Members(first: faults + 1) }

  public func place(of id: NodeID) -> Int? { participants.firstIndex(of: id) }
  func acceptorPlace(of id: NodeID) -> Int? { acceptors.firstIndex(of: id) }

  /// Whose ballot it is, where ballots belong to participants: the coordinator's is 0, then they take turns.
  public func owner(of ballot: Ballot) -> NodeID {
    ballot == .first ? coordinator : participants[(Int(ballot.rawValue) - 1) % participants.count]
  }

  /// The next ballot after `ballot` that belongs to the participant (or acceptor) at `place` of `count`; nil beyond the
  /// most that may be begun.
  func next(after ballot: Ballot, of place: Int, among count: Int) -> Ballot? {
    let rounds = ballot.rawValue == 0 ? 0 : (Int(ballot.rawValue) - 1) / count
    var candidate = rounds * count + place + 1
    if candidate <= Int(ballot.rawValue) { candidate += count }
    return candidate <= Int(mostBallots) ? Ballot(UInt16(candidate)) : nil
  }
}

/// How long a node waits before it takes silence for failure.
public struct Patience: Hashable, Sendable {
  /// For votes, for answers to a backup, for acknowledgements of a pre-commit.
  public var answers: Interval
  /// In doubt, before asking or electing.
  public var doubt: Interval
  /// Until a decision that was not acknowledged is told again; nil for never (those in doubt ask for themselves).
  public var resend: Interval?

  public init(answers: Interval, doubt: Interval, resend: Interval?) {
    self.answers = answers
    self.doubt = doubt
    self.resend = resend
  }

  public static let standard = Patience(
    answers: .milliseconds(200), doubt: .milliseconds(500), resend: .milliseconds(1000))
}

/// What one node is configured with: the roster, and the resources that it manages if it is a participant.
public struct CommitSetup<Manager: ResourceManager>: Sendable {
  public var roster: CommitRoster
  public var resources: Manager.Setup?

  public init(_ roster: CommitRoster, resources: Manager.Setup? = nil) {
    self.roster = roster
    self.resources = resources
  }
}

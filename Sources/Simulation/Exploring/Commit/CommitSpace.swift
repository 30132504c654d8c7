public import AtomicCommit
import Clockwork

/// One transaction under a protocol of atomic commitment: the production nodes, with managers that vote as they are told.
public struct CommitSpace: Sendable {
  public var rule: CommitProtocol
  public var participants: Int
  /// So many of them vote no.
  public var noVotes: Int
  /// How many acceptors of Paxos Commit may fail.
  public var acceptorFaults: Int
  /// Higher ballots are not begun.
  public var mostBallots: UInt16

  public static let participantBounds = 1...7

  public init(
    _ rule: CommitProtocol, participants: Int, noVotes: Int = 0, acceptorFaults: Int = 1, mostBallots: UInt16? = nil
  ) {
    self.rule = rule
    self.participants = min(max(participants, Self.participantBounds.lowerBound), Self.participantBounds.upperBound)
    self.noVotes = min(max(0, noVotes), self.participants)
    self.acceptorFaults = min(max(0, acceptorFaults), 2)
    // Three-phase commit's ballots are its candidates; the others need a few to get past a failed one.
    self.mostBallots = mostBallots ?? (rule == .threePhase ? UInt16(self.participants) : 2)
  }

  static let transaction = TransactionID(1)

  public var roster: CommitRoster {
    .standard(rule, participants: participants, faults: acceptorFaults, mostBallots: mostBallots)
  }

  public func system(_ bounds: ExplorationBounds) -> ExploredSystem<CommitNode<FixedVote>> {
    let roster = roster
    let members = roster.everyone.map { id in
      let vote = roster.place(of: id).map { $0 < noVotes ? Vote.no : .yes }
      return ExploredSystem<CommitNode<FixedVote>>.Member(id, CommitSetup(roster, resources: vote))
    }
    let opening = CommitMessage<FixedVote.NoWork>.begin(Self.transaction, roster.all, FixedVote.NoWork())
    let claims = CommitClaims(participants: 1...participants, expectsCommit: bounds.timing == .quiet)
    var system = ExploredSystem(
      members: members, openings: [.init(opening, to: roster.coordinator)], claims: claims.claims,
      label: { node, before in CommitLabel(node, before).word })
    if rule.treatsParticipantsAlike { system.symmetry = symmetry(roster) }
    system.isDue = { node, timer, hasFailed in node.isDue(timer, failed: hasFailed) }
    return system
  }

  /// Participants that vote yes are alike.
  private func symmetry(_ roster: CommitRoster) -> Symmetry<CommitNode<FixedVote>> {
    Symmetry(
      of: Array(roster.participants.dropFirst(noVotes)),
      node: { node, names in node.renamed(ParticipantRenaming(roster, names)) },
      message: { message, names in message.renamed(ParticipantRenaming(roster, names)) })
  }

  /// The faults that a protocol is searched with unless others are asked for: one crash, and recovery where the protocol
  /// has one of its own. (Skeen's three phases are proved for processes that do not come back.)
  public var standard: ExplorationBounds {
    var bounds = ExplorationBounds()
    bounds.crashes = 1
    bounds.restarts = rule == .twoPhase || rule == .presumedAbort
    return bounds
  }
}

/// Where one node stands, in one word.
///
/// Bits 0–1 the decision (0 none, 1 abort, 2 commit); 2 has ever voted yes; 3 waits for a decision; 4 has ever decided
/// abort, 5 commit; 6 has heard of the transaction.
struct CommitLabel: Hashable, Sendable {
  let word: UInt64

  init(word: UInt64) { self.word = word }

  init(_ node: borrowing CommitNode<FixedVote>, _ before: UInt64) {
    var word = before & 0b110100
    if let standing = node.standing(in: CommitSpace.transaction) {
      word |= 1 << 6
      if let decision = standing.decision {
        word |= UInt64(decision.rawValue) + 1
        word |= decision == .commit ? 1 << 5 : 1 << 4
      }
      if standing.vote == .yes { word |= 1 << 2 }
      // A coordinator has no vote: it waits from the beginning on.
      if standing.isInDoubt || (standing.vote == nil && standing.decision == nil) { word |= 1 << 3 }
    }
    self.word = word
  }

  var hasVotedYes: Bool { word >> 2 & 1 == 1 }
  var waits: Bool { word >> 3 & 1 == 1 }
  var hasAborted: Bool { word >> 4 & 1 == 1 }
  var hasCommitted: Bool { word >> 5 & 1 == 1 }
}

/// AC1–AC4 of Bernstein, Hadzilacos and Goodman, 7.3; AC5 is that no state is stuck.
struct CommitClaims: Sendable {
  /// Slots.
  var participants: ClosedRange<Int>
  /// Time-outs mean failures, so that without failures all that vote yes have to commit.
  var expectsCommit: Bool

  var claims: ExploredClaims {
    ExploredClaims(broken: { broken($0) }, isSettled: { glance in isSettled(glance) })
  }

  /// Nobody who is up waits for a decision.
  private func isSettled(_ glance: borrowing Glance) -> Bool {
    for slot in glance.labels.indices where glance.isUp(slot) && CommitLabel(word: glance.labels[slot]).waits {
      return false
    }
    return true
  }

  private func broken(_ glance: borrowing Glance) -> ExploredClaims.Breach? {
    var (committed, aborted) = (-1, -1)
    var allVotedYes = true
    for slot in glance.labels.indices {
      let label = CommitLabel(word: glance.labels[slot])
      if label.hasCommitted { committed = slot }
      if label.hasAborted { aborted = slot }
      if label.hasCommitted, label.hasAborted {
        return ExploredClaims.Breach("AC2", "\(name(slot)) has decided both ways: a decision was reversed")
      }
      if participants.contains(slot), !label.hasVotedYes { allVotedYes = false }
    }
    if committed >= 0, aborted >= 0 {
      return ExploredClaims.Breach("AC1", "\(name(committed)) has committed and \(name(aborted)) has aborted")
    }
    if committed >= 0, !allVotedYes {
      return ExploredClaims.Breach("AC3", "\(name(committed)) has committed, and not everybody voted yes")
    }
    if expectsCommit, allVotedYes, glance.isQuiet, !glance.hasFailed, committed < 0 || !isSettled(glance) {
      return ExploredClaims.Breach(
        "AC4", "nothing failed and all voted yes, and it has not come to a commit everywhere")
    }
    return nil
  }

  private func name(_ slot: Int) -> String { "n\(slot + 1)" }
}

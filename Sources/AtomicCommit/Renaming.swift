public import Clockwork

/// Participants that are alike can stand for each other: what an exhaustive search counts once.
///
/// Only under protocols that give participants no order of their own. Three-phase commit and its quorum elect by place,
/// and a ballot names whom it belongs to.
public struct ParticipantRenaming: Sendable {
  private let roster: CommitRoster
  /// By place.
  private let places: [Int]

  /// `name` gives participants each other's names, and leaves everybody else's alone.
  public init(_ roster: CommitRoster, _ name: (NodeID) -> NodeID) {
    self.roster = roster
    places = roster.participants.enumerated().map { place, id in roster.place(of: name(id)) ?? place }
  }

  func callAsFunction(_ id: NodeID) -> NodeID {
    roster.place(of: id).map { roster.participants[places[$0]] } ?? id
  }

  func callAsFunction(_ members: Members) -> Members {
    var renamed = Members.none
    for place in members { renamed.insert(places[place]) }
    return renamed
  }

  func callAsFunction(_ votes: Votes) -> Votes { Votes(yes: self(votes.yes), known: self(votes.known)) }
}

extension CommitProtocol {
  /// Whether nothing but its name tells one participant from another.
  public var treatsParticipantsAlike: Bool {
    switch self {
    case .twoPhase, .presumedAbort, .threePhaseTimeout, .paxos: true
    case .threePhase, .quorum: false
    }
  }
}

extension CommitNode {
  /// The node that this one would be if participants had exchanged their names.
  public func renamed(_ names: ParticipantRenaming) -> CommitNode {
    var copy = self
    copy.id = names(id)
    copy.place = roster.place(of: copy.id)
    copy.disk.rename(names)
    for at in copy.coordinations.indices { copy.coordinations[at].rename(names, byAcceptor: roster.rule == .paxos) }
    for at in copy.participations.indices { copy.participations[at].rename(names) }
    for at in copy.acceptances.indices { copy.acceptances[at].rename(names) }
    copy.waiting = waiting.map { $0.renamed(names) }
    return copy
  }
}

extension CommitMessage {
  public func renamed(_ names: ParticipantRenaming) -> CommitMessage {
    switch self {
    case .begin(let id, let members, let work): .begin(id, names(members), work)
    case .request(let id, let members, let work): .request(id, names(members), work)
    case .ask(let id, let members): .ask(id, names(members))
    case .inquire(let id, let members, let ballot): .inquire(id, names(members), ballot)
    case .accept(let id, let members, let ballot, let votes): .accept(id, names(members), ballot, names(votes))
    case .accepted(let id, let ballot, let votes): .accepted(id, ballot, names(votes))
    case .propose(let id, let members, let ballot): .propose(id, names(members), ballot)
    case .promised(let id, let ballot, let accepted, let votes):
      .promised(id, ballot, accepted: accepted, names(votes))
    case .vote, .prepare, .prepared, .decide, .acknowledge, .crashedInDoubt, .state: self
    }
  }
}

extension CommitRecord {
  func renamed(_ names: ParticipantRenaming) -> CommitRecord {
    switch self {
    case .started(let id, let members): .started(id, names(members))
    case .decided(let id, let members, let outcome): .decided(id, names(members), outcome)
    case .prepared(let id, let members, let work): .prepared(id, names(members), work)
    case .settled(let id, let members, let outcome): .settled(id, names(members), outcome)
    case .promised(let id, let members, let ballot): .promised(id, names(members), ballot)
    case .accepted(let id, let members, let ballot, let votes): .accepted(id, names(members), ballot, names(votes))
    case .ended, .attempted: self
    }
  }
}

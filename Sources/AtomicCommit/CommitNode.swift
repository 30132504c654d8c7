public import Clockwork

/// A node of atomic commitment: a coordinator, a participant or an acceptor, as the roster says.
///
/// A value that hears one event at a time: the same code runs in the simulated world, under exhaustive search, and live
/// over sockets with SQLite behind it. It keeps what it knows by transaction; its log is what a crash leaves of that.
public struct CommitNode<Manager: ResourceManager>: Node {
  public typealias Message = CommitMessage<Manager.Work>
  public typealias Timer = CommitTimer
  public typealias Disk = CommitLog<Manager.Work>
  public typealias Setup = CommitSetup<Manager>

  public internal(set) var id: NodeID
  public let roster: CommitRoster
  public var disk: Disk
  /// Nil for a node that is no participant.
  public internal(set) var manager: Manager?

  public internal(set) var coordinations: [Coordination] = []
  public internal(set) var participations: [Participation] = []
  public internal(set) var acceptances: [Acceptance] = []

  /// The node's place among the participants and among the acceptors.
  var place: Int?
  let acceptorPlace: Int?
  /// Back from a crash with records that never were on the platter: until they are, it neither hears nor speaks.
  var recovery: SyncToken?
  /// What the console asked for meanwhile. Nodes say again what was not heard; a console asks once.
  var waiting: [Message] = []
  static var mostWaiting: Int { 1000 }

  public init(_ id: NodeID, _ setup: Setup, recovering disk: consuming Disk, _ fx: inout Effects<Self>) {
    self.id = id
    roster = setup.roster
    self.disk = disk
    manager = setup.resources.map { Manager($0) }
    place = setup.roster.place(of: id)
    acceptorPlace = setup.roster.acceptorPlace(of: id)
    if self.disk.tail.isEmpty {
      recover(&fx)
    } else {
      recovery = force(&fx)
    }
  }

  /// The roster is fixed: a change takes a reboot.
  public mutating func reconfigure(_ setup: Setup, _ fx: inout Effects<Self>) {}

  public mutating func on(_ event: consuming Event<Self>, _ fx: inout Effects<Self>) {
    switch consume event {
    case .message(let message, let from):
      if recovery == nil {
        hear(message, from: from, &fx)
      } else if case .begin = message, waiting.count < Self.mostWaiting {
        waiting.append(message)
      }
    case .timer(let timer):
      if recovery == nil { ring(timer, &fx) }
    case .durable(let token):
      if let recovery {
        guard token.position >= recovery.position else { return }
        self.recovery = nil
        recover(&fx)
        for message in waiting { hear(message, from: .console, &fx) }
        waiting.removeAll()
      } else {
        written(token, &fx)
      }
    }
  }

  private mutating func hear(_ message: consuming Message, from: NodeID, _ fx: inout Effects<Self>) {
    switch consume message {
    case .begin(let id, let members, let work): begin(id, members, work, &fx)
    case .request(let id, let members, let work): hearRequest(id, members, work, &fx)
    case .vote(let id, let vote): hearVote(id, vote, from: from, &fx)
    case .prepare(let id, let attempt): hearPrepare(id, attempt, from: from, &fx)
    case .prepared(let id, let ballot): hearPrepared(id, ballot, from: from, &fx)
    case .decide(let id, let outcome):
      if place != nil { hearDecision(id, outcome, from: from, &fx) }
      learn(id, outcome, &fx)
      learnAsAcceptor(id, outcome)
    case .acknowledge(let id): hearAcknowledged(id, from: from)
    case .ask(let id, let members):
      if acceptorPlace != nil {
        answerAsAcceptor(id, members, from, &fx)
      } else if isCoordinator {
        answer(id, members, from, &fx)
      } else {
        hearAsk(id, members, from: from, &fx)
      }
    case .crashedInDoubt(let id): hearCrashed(id, from: from, &fx)
    case .inquire(let id, let members, let ballot): hearInquiry(id, members, ballot, from: from, &fx)
    case .state(let id, let ballot, let attempt): hearState(id, ballot, attempt, from: from, &fx)
    case .accept(let id, let members, let ballot, let votes): hearAccept(id, members, ballot, votes, from: from, &fx)
    case .accepted(let id, let ballot, let votes): hearAccepted(id, ballot, votes, from: from, &fx)
    case .propose(let id, let members, let ballot): hearPropose(id, members, ballot, from: from, &fx)
    case .promised(let id, let ballot, let accepted, let votes):
      hearPromised(id, ballot, accepted, votes, from: from, &fx)
    }
  }

  private mutating func ring(_ timer: Timer, _ fx: inout Effects<Self>) {
    switch timer {
    case .votes(let id): ringVotes(id, &fx)
    case .preCommits(let id): ringPreCommits(id, &fx)
    case .resend(let id): ringResend(id, &fx)
    case .inquiry(let id): ringInquiry(id, &fx)
    case .doubt(let id): ringDoubt(id, &fx)
    case .gather(let id): ringGather(id, &fx)
    case .lead(let id): ringLead(id, &fx)
    }
  }

  /// Takes up what waited for the platter.
  private mutating func written(_ token: SyncToken, _ fx: inout Effects<Self>) {
    for at in coordinations.indices where coordinations[at].pending > 0 && coordinations[at].pending <= token.position {
      decided(at, &fx)
    }
    for at in participations.indices
    where participations[at].pending > 0 && participations[at].pending <= token.position {
      settled(at, &fx)
    }
    for at in acceptances.indices where acceptances[at].pending > 0 && acceptances[at].pending <= token.position {
      acceptedOwn(at, &fx)
    }
  }

  private mutating func recover(_ fx: inout Effects<Self>) {
    for entry in disk.entries {
      recoverParticipation(entry, &fx)
      recoverAcceptance(entry, &fx)
      if isCoordinator { recoverCoordination(entry, &fx) }
    }
    manager?.endRecovery()
  }

  /// Everything that decides its future. What is on the platter follows from it, since a state is reached with its
  /// record; only a node that has not read its log yet has nothing but the log.
  public func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(UInt64(coordinations.count) | UInt64(participations.count) << 20 | UInt64(acceptances.count) << 40)
    for coordination in coordinations { coordination.fingerprint(into: &hasher) }
    for participation in participations { participation.fingerprint(into: &hasher) }
    for acceptance in acceptances { acceptance.fingerprint(into: &hasher) }
    manager?.fingerprint(into: &hasher)
    if let recovery {
      hasher.combine(recovery.position + 1)
      for entry in disk.entries { entry.fingerprint(into: &hasher) }
      for message in waiting { hasher.combine(UInt64(message.transaction.rawValue)) }
    }
    for appended in disk.tail { hasher.combine(appended.position) }
  }
}

// MARK: - Writing and sending

extension CommitNode {
  var isCoordinator: Bool { id == roster.coordinator }

  mutating func append(_ record: CommitRecord<Manager.Work>) { disk.append(record) }

  /// Forces what was appended so far.
  @discardableResult
  mutating func force(_ fx: inout Effects<Self>) -> SyncToken {
    disk.tally.forcedWrites += 1
    return fx.sync(through: disk.position)
  }

  mutating func post(
    _ message: consuming Message, to: NodeID, after token: SyncToken? = nil, _ fx: inout Effects<Self>
  ) {
    disk.tally.messages += 1
    fx.send(message, to: to, after: token)
  }

  mutating func remember(_ coordination: Coordination) { coordinations.append(coordination) }
  mutating func remember(_ participation: Participation) { participations.append(participation) }
  mutating func remember(_ acceptance: Acceptance) { acceptances.append(acceptance) }
}

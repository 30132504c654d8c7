public import Clockwork

/// One voter of the controller quorum (KIP-595): Raft in which followers pull.
///
/// The metadata log and the vote are on `QuorumDisk`; this is what a restart forgets. Whatever a message promises (a
/// vote, an acknowledged offset) is durable before the message leaves. Messages may be lost, doubled, late or out of
/// order: an answer names the question it belongs to, and acknowledgements only grow within an epoch.
public struct Quorum: Sendable {
  enum Role: Hashable {
    /// Knows the epoch but neither its leader nor whom to vote for. Can become voted, follower, prospective.
    case unattached
    /// Has voted in this epoch. Can become follower, prospective; unattached in a later epoch.
    case voted
    /// Fetches from the leader. Can become prospective when the leader falls silent, unattached when it resigns.
    case follower(of: NodeID)
    /// Asks whether it could win before it disturbs anybody (KIP-996). Can become candidate, follower; voted or
    /// unattached in a later epoch.
    case prospective
    /// Has voted for itself and asks for votes. Can become leader, follower, prospective; unattached in a later epoch.
    case candidate
    /// Can become resigned, unattached in a later epoch.
    case leader
    /// Led this epoch, lost touch with the majority or was told to stop. Can become prospective; unattached in a later
    /// epoch.
    case resigned
  }

  /// What a leader knows of a follower.
  struct Progress: Hashable {
    var follower: NodeID
    /// Durable at the follower.
    var acknowledged: Int64 = 0
    var lastFetch: Instant
    /// A fetch with nothing to give yet, held until there is.
    var held: HeldFetch?
  }

  struct HeldFetch: Hashable {
    var from: Int64
    var lastEpoch: QuorumEpoch
    var highWatermark: Int64
    var until: Instant
  }

  /// Entries that one answer carries at most.
  static let fetchLimit = 64

  let me: NodeID
  var setup: BrokerSetup
  var role = Role.unattached
  /// The epoch of `role`; always the epoch of the vote on disk.
  public internal(set) var epoch: QuorumEpoch
  /// Everything before this offset is committed and can be applied.
  public internal(set) var highWatermark: Int64 = 0

  /// When this role gives up: the election, fetch or check-quorum time-out.
  var deadline = Instant.never
  /// Follower: when an unanswered fetch is repeated. Leader: when it announces itself again to who does not fetch.
  var retry = Instant.never
  /// Who granted a (pre-)vote so far.
  var votes: [NodeID] = []
  /// While leading: the other voters, in the order of `setup.voters`.
  var progress: [Progress] = []
  /// While leading: the offset of this reign's `leaderChange`.
  var reignStart: Int64 = 0
  var alarm = Alarm()

  /// Boots from what is on disk; of that, a snapshot is known to be committed. Nobody leads as far as this voter knows: it
  /// asks around and starts its election clock.
  public init(me: NodeID, setup: BrokerSetup, recovering disk: inout QuorumDisk, _ fx: inout BrokerEffects) {
    self.me = me
    self.setup = setup
    epoch = disk.vote.epoch
    highWatermark = disk.log.startOffset
    role = disk.vote.votedFor == nil ? .unattached : .voted
    deadline = firstDeadline(&fx)
    if epoch > QuorumEpoch(0) {
      for voter in setup.voters where voter != me { fetch(from: voter, disk, &fx) }
    }
    arm(&fx)
  }

  /// The leader as far as this voter knows.
  public var leader: NodeID? {
    switch role {
    case .follower(let leader): leader
    case .leader: me
    case .unattached, .voted, .prospective, .candidate, .resigned: nil
    }
  }

  public var isLeader: Bool { role == .leader }

  /// True once this reign's first record is committed: then every earlier decision is committed too, and known.
  public var reignIsCommitted: Bool { isLeader && highWatermark > reignStart }

  /// A word for the role, as shown to people: `follower`.
  public var roleName: String {
    switch role {
    case .unattached: "unattached"
    case .voted: "voted"
    case .follower: "follower"
    case .prospective: "prospective"
    case .candidate: "candidate"
    case .leader: "leader"
    case .resigned: "resigned"
    }
  }

  /// Takes new time-outs and rules at once. The set of voters is static: a leader starts to count afresh when it differs.
  public mutating func reconfigure(_ setup: BrokerSetup, _ disk: inout QuorumDisk, _ fx: inout BrokerEffects) {
    let votersChanged = setup.voters != self.setup.voters
    self.setup = setup
    if isLeader && votersChanged { resign(&fx) }
    arm(&fx)
  }

  public mutating func on(
    _ message: QuorumMessage, from sender: NodeID, _ disk: inout QuorumDisk, _ fx: inout BrokerEffects
  ) {
    guard sender != me, setup.voters.contains(sender) else { return }
    switch message {
    case .vote(let epoch, let lastEpoch, let lastOffset, let pre):
      let end = QuorumEpochEnd(lastEpoch, lastOffset)
      if pre {
        answerPreVote(epoch, end, from: sender, &disk, &fx)
      } else {
        answerVote(epoch, end, from: sender, &disk, &fx)
      }
    case .voteAnswer(let epoch, let granted, let leader, let pre):
      countVote(epoch, granted: granted, leader: leader, pre: pre, from: sender, &disk, &fx)
    case .beginEpoch(let epoch):
      beginEpoch(epoch, of: sender, &disk, &fx)
    case .endEpoch(let epoch):
      if epoch == self.epoch, role == .follower(of: sender) { leaderResigned(&fx) }
    case .fetch(let epoch, let from, let lastEpoch, let highWatermark):
      let question = HeldFetch(
        from: from, lastEpoch: lastEpoch, highWatermark: highWatermark, until: fx.now + fetchWait)
      answerFetch(epoch, question, from: sender, &disk, &fx)
    case .fetched(let epoch, let entries, let from, let lastEpoch, let highWatermark, let diverging):
      guard learn(epoch, leader: sender, from: sender, &disk, &fx) else { break }
      guard from == disk.log.endOffset, lastEpoch == disk.log.lastEpoch else { break }
      take(entries, highWatermark: highWatermark, diverging: diverging, from: sender, &disk, &fx)
    case .snapshot(let epoch, let snapshot, let from, let lastEpoch):
      guard learn(epoch, leader: sender, from: sender, &disk, &fx) else { break }
      guard from == disk.log.endOffset, lastEpoch == disk.log.lastEpoch else { break }
      take(snapshot, from: sender, &disk, &fx)
    case .epochIs(let epoch, let leader):
      _ = learn(epoch, leader: leader, from: sender, &disk, &fx)
    }
    arm(&fx)
  }

  public mutating func onTimer(_ timer: QuorumTimer, _ disk: inout QuorumDisk, _ fx: inout BrokerEffects) {
    guard alarm.rang(fx.now) else { return }
    switch role {
    case .unattached, .voted, .prospective, .candidate, .resigned:
      if fx.now >= deadline { becomeProspective(&disk, &fx) }
    case .follower(let leader):
      if fx.now >= deadline {
        fx.note("hears nothing from the controller \(leader)")
        becomeProspective(&disk, &fx)
      } else if fx.now >= retry {
        fetch(from: leader, disk, &fx)
      }
    case .leader:
      checkOnFollowers(disk, &fx)
    }
    arm(&fx)
  }

  /// A sync that this voter asked for is done: its own vote and its own entries count from now on.
  public mutating func onDurable(_ token: SyncToken, _ disk: inout QuorumDisk, _ fx: inout BrokerEffects) {
    switch role {
    case .candidate where !votes.contains(me) && disk.voteIsDurable:
      votes.append(me)
      if hasMajority { becomeLeader(&disk, &fx) }
    case .leader:
      advanceHighWatermark(disk, &fx)
    case .unattached, .voted, .follower, .prospective, .candidate, .resigned:
      break
    }
    arm(&fx)
  }

  public func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(roleName)
    hasher.combine(leader?.rawValue ?? -1)
    hasher.combine(epoch.rawValue)
    hasher.combine(highWatermark)
    hasher.combine(deadline.nanoseconds)
    hasher.combine(retry.nanoseconds)
    hasher.combine(reignStart)
    for vote in votes { hasher.combine(vote.rawValue) }
    for one in progress {
      hasher.combine(one.acknowledged)
      hasher.combine(one.lastFetch.nanoseconds)
      hasher.combine(one.held?.until.nanoseconds ?? -1)
      hasher.combine(one.held?.from ?? -1)
    }
  }
}

/// The quorum asks to be reminded of its earliest deadline, whichever that is.
public enum QuorumTimer: Hashable, Sendable {
  case due
}

extension Quorum {
  var majority: Int { setup.voters.count / 2 + 1 }
  var hasMajority: Bool { votes.count >= majority }

  /// How long a leader holds a fetch that it has nothing for; a fraction of the time-out it must stay below.
  var fetchWait: Interval { setup.quorumFetchTimeout / 4 }
  /// A leader that no majority fetched from for this long resigns (KIP-595).
  var checkQuorumTimeout: Interval { setup.quorumFetchTimeout * 3 / 2 }

  /// Random, so that voters seldom stand against each other; staggered by place, so that they never do for ever even
  /// when every choice is 0.
  mutating func electionDeadline(_ fx: inout BrokerEffects) -> Instant {
    fx.now + setup.electionTimeout + jitter(setup.electionTimeout, &fx)
  }

  /// When a voter that boots stands for election: at once where there is nobody to hear of.
  private mutating func firstDeadline(_ fx: inout BrokerEffects) -> Instant {
    if setup.voters == [me] { return fx.now }
    guard let wait = setup.firstElection else { return electionDeadline(&fx) }
    return fx.now + wait + stagger
  }

  mutating func fetchDeadline(_ fx: inout BrokerEffects) -> Instant {
    fx.now + setup.quorumFetchTimeout + stagger
  }

  mutating func jitter(_ width: Interval, _ fx: inout BrokerEffects) -> Interval {
    .milliseconds(Int64(fx.choose(Int(width.milliseconds), "election time-out, ms"))) + stagger
  }

  private var stagger: Interval {
    setup.electionTimeout / 20 * Int64(setup.voters.firstIndex(of: me) ?? setup.voters.count)
  }

  /// Asks to be woken for the earliest thing that falls due in this role.
  mutating func arm(_ fx: inout BrokerEffects) {
    var next = leader == nil ? deadline : min(deadline, retry)
    for one in progress {
      if let held = one.held { next = min(next, held.until) }
    }
    if next < .never { alarm.ring(.quorum(.due), by: next, &fx) }
  }

  /// Sends what promises something about the disk: once the disk can no longer forget it.
  func sendWhenDurable(
    _ message: QuorumMessage, to voter: NodeID, _ disk: borrowing QuorumDisk, _ fx: inout BrokerEffects
  ) {
    let token = disk.isDurable ? nil : fx.sync(through: disk.position)
    fx.send(.quorum(message), to: voter, after: token)
  }
}

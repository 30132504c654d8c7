import Clockwork

/// One consumer group: who is in it, which generation it is in, how far it has read.
///
/// After Kafka's ClassicGroup; with a `roster`, its ConsumerGroup. Each method hears one request or deadline; what must
/// be durable before it is answered goes through the `GroupLedger`.
struct Group: Sendable {
  enum State: Hashable {
    /// No members; offsets may remain. Can become preparingRebalance, dead.
    case empty
    /// Members are asked to join again, until `deadline`. While a first generation gathers, all of the time is waited
    /// out. Can become completingRebalance; empty when nobody came.
    case preparingRebalance(deadline: Instant, gathering: Gathering?)
    /// Everybody knows the new generation; its leader owes the assignment, or the log does (`storing`). Can become
    /// stable, preparingRebalance.
    case completingRebalance(storing: Bool)
    /// Everybody may read. Can become preparingRebalance.
    case stable
    /// Its tombstones are on their way; gone once they are committed. Can become empty when they fail.
    case dead
  }

  /// The first rebalance of an empty group waits longer while more members keep coming, up to `until`.
  struct Gathering: Hashable {
    var until: Instant
    var sawNewMember = false
  }

  struct Member: Hashable {
    var id: String
    var instance: String?
    /// The client it runs in, and where, in words.
    var client: String
    var host: String
    var sessionTimeout: Interval
    var rebalanceTimeout: Interval
    var protocols: [GroupProtocol]
    var assignment: [UInt8] = []
    /// Silent for this long, it is removed; not while an answer is owed to it.
    var deadline: Instant
    /// Has not been in any generation yet.
    var isNew = true
    var heldJoin: Asker?
    var heldSync: Asker?
    /// Its latest join: what is older was overtaken on the way, what is the same was doubled.
    var lastJoin: Asker?
    /// Knows the generation and has not asked for its assignment.
    var owesSync = false
  }

  /// An id that was handed out and not yet come back with (KIP-394).
  struct Candidate: Hashable {
    var id: String
    var asker: Asker
    var deadline: Instant
  }

  struct OffsetEntry: Hashable {
    var partition: TopicPartition
    /// Nil until a first commit is durable.
    var committed: CommittedOffset?
    /// The append that made it so.
    var number: UInt64 = 0
    /// The latest commit asked for, and by which member.
    var member = ""
    var correlation = CorrelationID(0)
  }

  let id: String
  var state = State.empty
  /// Grows with every rebalance: a claim with another one is refused.
  var generation: Int32 = 0
  var protocolType = ""
  /// The way of sharing that this generation chose.
  var protocolName: String?
  /// Whoever joined first decides who reads what.
  var leader: String?
  /// In the order they joined.
  var members: [Member] = []
  var candidates: [Candidate] = []
  /// Set: the group is one of the new protocol (KIP-848), and has no `members` of the classic one.
  var roster: ConsumerRoster?
  /// Sorted by partition.
  var offsets: [OffsetEntry] = []
  /// What open transactions will commit, by producer id.
  var pendingTransactions: [PendingTransaction] = []
  /// While empty: its offsets are forgotten then.
  var expiresAt = Instant.never
  /// Who has not synced by then is removed.
  var syncDeadline = Instant.never

  init(_ id: String) { self.id = id }

  var stateName: String {
    if let roster, !isDead { return roster.stateName }
    return switch state {
    case .empty: "Empty"
    case .preparingRebalance: "PreparingRebalance"
    case .completingRebalance: "CompletingRebalance"
    case .stable: "Stable"
    case .dead: "Dead"
    }
  }

  var isDead: Bool { state == .dead }

  /// Nothing was ever written about it and nobody is about to come.
  var isForgettable: Bool {
    state == .empty && generation == 0 && members.isEmpty && candidates.isEmpty && offsets.isEmpty
      && pendingTransactions.isEmpty && roster == nil
  }

  var hasMembers: Bool { !members.isEmpty || roster?.members.isEmpty == false }

  func place(of member: String) -> Int? { members.firstIndex { $0.id == member } }
  func place(ofInstance instance: String) -> Int? { members.firstIndex { $0.instance == instance } }

  /// Where the claimed member stands, or why the claim is refused. A static member whose place was taken by a restart
  /// is fenced (KIP-345).
  func validate(member: String, instance: String?) -> Result<Int, BrokerError> {
    if let instance {
      guard let place = place(ofInstance: instance) else { return .failure(.unknownMemberID) }
      return members[place].id == member ? .success(place) : .failure(.fencedInstanceID)
    }
    return place(of: member).map { .success($0) } ?? .failure(.unknownMemberID)
  }

  /// As `validate`, and the generation must be this one.
  func validate(_ claim: GroupClaim) -> Result<Int, BrokerError> {
    if isDead { return .failure(.coordinatorNotAvailable) }
    return validate(member: claim.member, instance: claim.instance).flatMap { place in
      claim.generation == generation ? .success(place) : .failure(.illegalGeneration)
    }
  }

  /// The members' longest: nobody is hurried more than it asked for.
  var rebalanceTimeout: Interval { members.map(\.rebalanceTimeout).max() ?? .zero }

  /// The earliest instant at which something here falls due.
  var nextDeadline: Instant {
    var next = isExpirable ? min(syncDeadline, expiresAt) : syncDeadline
    if case .preparingRebalance(let deadline, _) = state { next = min(next, deadline) }
    for member in members where member.canExpire { next = min(next, member.deadline) }
    for candidate in candidates { next = min(next, candidate.deadline) }
    if let roster, !isDead { next = min(next, roster.nextDeadline) }
    return next
  }

  /// Nobody is in it and no transaction is about to change its offsets.
  var isExpirable: Bool { state == .empty && pendingTransactions.isEmpty && !hasMembers }

  mutating func heard(from place: Int, _ now: Instant) {
    members[place].deadline = now + members[place].sessionTimeout
  }

  var snapshot: GroupSnapshot {
    GroupSnapshot(
      protocolType: protocolType, generation: generation, protocolName: protocolName, leader: leader, timestamp: 0,
      members: members.map { member in
        GroupSnapshot.Member(
          id: member.id, instance: member.instance, client: member.client, host: member.host,
          rebalanceTimeout: Int32(clamping: member.rebalanceTimeout.milliseconds),
          sessionTimeout: Int32(clamping: member.sessionTimeout.milliseconds),
          subscription: member.metadata(for: protocolName) ?? [], assignment: member.assignment)
      })
  }
}

extension Group.Member {
  /// Whoever waits for an answer cannot be expected to speak. A new one can expire all the same: its first join is held
  /// for `GroupSetup.newMemberTimeout` at most.
  var canExpire: Bool { heldJoin == nil && heldSync == nil || isNew }

  func metadata(for name: String?) -> [UInt8]? { protocols.first { $0.name == name }?.metadata }
}

/// Who asked, and under which number the answer is awaited.
struct Asker: Hashable, Sendable {
  var node: NodeID
  var correlation: CorrelationID

  func answer(_ reply: GroupReply, _ fx: inout BrokerEffects) {
    fx.send(.fromGroup(reply, correlation), to: node)
  }

  func refuse(_ error: BrokerError, member: String = "", _ fx: inout BrokerEffects) {
    answer(.refused(error, member: member), &fx)
  }

  /// Asked before `other` by the same process.
  func precedes(_ other: Asker) -> Bool { node == other.node && correlation < other.correlation }
}

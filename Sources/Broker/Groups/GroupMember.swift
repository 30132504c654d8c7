public import Clockwork

/// A consumer's part in its group, without I/O: joins, shares out if it leads, heartbeats, commits, joins again.
///
/// The eager protocol: a member gives up everything before it joins again. Each method may add requests and news to the
/// outbox; what to send next follows from the state alone (`pump`), so a lost message is only a late one.
public struct GroupMember: Sendable {
  public enum Phase: Hashable, Sendable {
    /// Asks to be in the next generation. Can become sharing, syncing, over.
    case joining
    /// Leads the generation, and waits to know how many partitions there are. Can become syncing, joining, over.
    case sharing(JoinedGroup)
    /// Waits for its share; the leader sends everybody's along. Can become reading, joining, over.
    case syncing([MemberAssignment])
    /// Has its share. Can become releasing, joining, over.
    case reading
    /// The group rebalances, and the consumer finishes what it has. Can become joining, over.
    case releasing
    /// Left, or refused for good.
    case over(BrokerError?)
  }

  public struct Setup: Hashable, Sendable {
    public var group: String
    public var instance: String?
    public var topics: [String]
    /// session.timeout.ms
    public var sessionTimeout = Interval.seconds(45)
    /// heartbeat.interval.ms
    public var heartbeatInterval = Interval.seconds(3)
    /// max.poll.interval.ms
    public var rebalanceTimeout = Interval.seconds(300)
    /// request.timeout.ms; also how soon an unanswered join is asked again.
    public var requestTimeout = Interval.seconds(30)
    /// retry.backoff.ms
    public var retryBackoff = Interval.milliseconds(100)
    /// partition.assignment.strategy, in order of preference.
    public var assignors: [Assignor] = [.range, .roundRobin]

    public init(group: String, instance: String? = nil, topics: [String]) {
      self.group = group
      self.instance = instance
      self.topics = topics.sorted()
    }
  }

  struct Ask: Hashable {
    var correlation: CorrelationID
    var lostAt: Instant
  }

  public let setup: Setup
  public internal(set) var phase = Phase.joining
  public internal(set) var memberID = ""
  /// -1 outside any.
  public internal(set) var generation: Int32 = -1
  public internal(set) var isLeader = false
  /// What this member may read, as far as it knows.
  public internal(set) var partitions: [TopicPartition] = []
  public internal(set) var coordinator: NodeID?

  /// The consumer has been told of `partitions`.
  var isAnnounced = false
  /// While releasing: the consumer has finished.
  var isReleased = false
  var sizes: [TopicSize] = []
  /// What is asked on the way to a share: join, sync, then the offsets.
  var step: Ask?
  var finding: Ask?
  var heartbeat: Ask?
  var nextHeartbeat = Instant.never
  var committing: (ask: Ask, offsets: [GroupOffset])?
  /// Waits for the commit under way; one entry a partition, sorted.
  var queued: [GroupOffset] = []
  /// Nothing is asked again before then.
  var notBefore = Instant.start

  public init(_ setup: Setup) { self.setup = setup }

  public var isOver: Bool {
    if case .over = phase { true } else { false }
  }

  // MARK: What happens

  /// Call at first, and whenever `wakeAt` has come.
  public mutating func tick(_ out: inout GroupMemberOutbox) {
    let now = out.now
    if let ask = finding, ask.lostAt <= now { finding = nil }
    if let ask = step, ask.lostAt <= now { loseCoordinator() }
    if let ask = heartbeat, ask.lostAt <= now { loseCoordinator() }
    if let commit = committing, commit.ask.lostAt <= now {
      loseCoordinator()
    }
    pump(&out)
  }

  /// How many partitions topics have, of all topics that the client knows. A leader shares anew when it changes.
  public mutating func know(_ sizes: [TopicSize], _ out: inout GroupMemberOutbox) {
    let old = relevant(self.sizes)
    self.sizes = sizes
    if case .sharing(let joined) = phase {
      share(joined, &out)
    } else if phase == .reading, isLeader, relevant(sizes) != old {
      release(&out)
    }
    pump(&out)
  }

  /// The consumer has finished with what was revoked; its last commit may still be under way, and is waited for.
  public mutating func released(_ out: inout GroupMemberOutbox) {
    isReleased = true
    pump(&out)
  }

  /// Commits where the consumer stands: the offset of the next record to read, a partition. Of several commits that
  /// wait, the last counts.
  public mutating func commit(_ offsets: [GroupOffset], _ out: inout GroupMemberOutbox) {
    guard generation >= 0, phase == .reading || phase == .releasing else {
      out.news.append(.commitFailed(.unknownMemberID, offsets))
      return
    }
    enqueue(offsets, overwriting: true)
    pump(&out)
  }

  /// Leaves at once. A static member keeps its place until its session ends (KIP-345).
  public mutating func leave(_ out: inout GroupMemberOutbox) {
    guard !isOver else { return }
    if setup.instance == nil, !memberID.isEmpty, let coordinator {
      _ = out.send(.leave(claim), to: coordinator)
    }
    end(nil, &out)
  }

  // MARK: What to send next

  var claim: GroupClaim {
    GroupClaim(group: setup.group, generation: generation, member: memberID, instance: setup.instance)
  }

  /// Sends whatever the state calls for and is not under way, and says when to look again.
  mutating func pump(_ out: inout GroupMemberOutbox) {
    guard !isOver else { return }
    if phase == .releasing, isReleased, committing == nil, queued.isEmpty {
      rejoin(after: .rebalanceInProgress, &out)
    }
    if let coordinator {
      if step == nil, out.now >= notBefore, let request = nextStep {
        step = ask(request, coordinator, &out)
      }
      if heartbeat == nil, isInGeneration, out.now >= nextHeartbeat {
        heartbeat = ask(.heartbeat(claim), coordinator, &out)
        nextHeartbeat = out.now + setup.heartbeatInterval
      }
      if committing == nil, !queued.isEmpty, isInGeneration, out.now >= notBefore {
        committing = (ask(.commitOffsets(claim, offsets: queued), coordinator, &out), queued)
        queued = []
      }
    } else if finding == nil, out.now >= notBefore {
      finding = ask(.findCoordinator(group: setup.group), nil, &out)
    }
    out.wakeAt = wakeAt(out.now)
  }

  private func ask(_ request: GroupRequest, _ node: NodeID?, _ out: inout GroupMemberOutbox) -> Ask {
    Ask(correlation: out.send(request, to: node), lostAt: out.now + setup.requestTimeout)
  }

  /// The generation that this member knows may still be the group's.
  private var isInGeneration: Bool {
    switch phase {
    case .sharing, .syncing, .reading, .releasing: true
    case .joining, .over: false
    }
  }

  private var nextStep: GroupRequest? {
    switch phase {
    case .joining:
      let subscription = ConsumerProtocol.subscription(to: setup.topics)
      return .join(
        JoinRequest(
          group: setup.group, member: memberID, instance: setup.instance, sessionTimeout: setup.sessionTimeout,
          rebalanceTimeout: setup.rebalanceTimeout,
          protocols: setup.assignors.map { GroupProtocol(name: $0.rawValue, metadata: subscription) }))
    case .syncing(let assignments): return .sync(claim, assignments: assignments)
    case .reading where !isAnnounced: return .fetchOffsets(group: setup.group, partitions: partitions)
    case .sharing, .reading, .releasing, .over: return nil
    }
  }

  private func wakeAt(_ now: Instant) -> Instant {
    var next = min(step?.lostAt ?? .never, finding?.lostAt ?? .never)
    next = min(next, heartbeat?.lostAt ?? .never, committing?.ask.lostAt ?? .never)
    if isInGeneration, heartbeat == nil, coordinator != nil { next = min(next, nextHeartbeat) }
    if notBefore > now { next = min(next, notBefore) }
    return next
  }
}

import Clockwork

/// How a member takes what its coordinator says.
extension GroupMember {
  /// Hears an answer. True when it was one of this member's questions; an answer to one that it has given up on is not.
  @discardableResult
  public mutating func on(_ reply: GroupReply, _ id: CorrelationID, _ out: inout GroupMemberOutbox) -> Bool {
    guard !isOver else { return false }
    if finding?.correlation == id {
      finding = nil
      if case .coordinator(let node) = reply { coordinator = node } else { backOff(out.now) }
    } else if step?.correlation == id {
      step = nil
      advance(reply, &out)
    } else if heartbeat?.correlation == id {
      heartbeat = nil
      if case .refused(let error, _) = reply { hearRefusal(error, &out) }
    } else if let commit = committing, commit.ask.correlation == id {
      committing = nil
      endCommit(commit.offsets, reply, &out)
    } else {
      return false
    }
    pump(&out)
    return true
  }

  private mutating func advance(_ reply: GroupReply, _ out: inout GroupMemberOutbox) {
    switch (phase, reply) {
    case (.joining, .joined(let joined)):
      memberID = joined.member
      generation = joined.generation
      isLeader = joined.leader == joined.member
      nextHeartbeat = out.now + setup.heartbeatInterval
      if isLeader, !joined.skipAssignment {
        share(joined, &out)
      } else {
        phase = .syncing([])
      }
    case (.joining, .refused(.memberIDRequired, let member)): memberID = member
    case (.syncing, .synced(let bytes)):
      guard let share = try? ConsumerProtocol.assignment(from: bytes) else {
        return end(.inconsistentGroupProtocol, &out)
      }
      partitions = share
      phase = .reading
      isAnnounced = share.isEmpty
      if isAnnounced { out.news.append(.assigned([])) }
    case (.reading, .offsets(let offsets)):
      isAnnounced = true
      out.news.append(.assigned(offsets))
    case (_, .refused(let error, _)): hearRefusal(error, &out)
    default: backOff(out.now)  // not an answer to what was asked
    }
  }

  /// Shares out, once it is known how much there is.
  mutating func share(_ joined: JoinedGroup, _ out: inout GroupMemberOutbox) {
    let members = joined.members.map { member in
      Assignor.Subscriber(
        member: member.member, instance: member.instance,
        topics: (try? ConsumerProtocol.topics(in: member.metadata)) ?? [])
    }
    let wanted = Set(members.flatMap(\.topics)).sorted()
    let unknown = wanted.filter { topic in !sizes.contains { $0.topic == topic } }
    if !unknown.isEmpty, phase != .sharing(joined) {
      phase = .sharing(joined)
      out.news.append(.needsMetadata(unknown))
      return
    }
    let shares = (Assignor(rawValue: joined.protocolName) ?? .range).share(sizes, among: members)
    phase = .syncing(
      zip(members, shares).map { MemberAssignment(member: $0.member, assignment: ConsumerProtocol.assignment(of: $1)) })
  }

  /// What any answer may bring: the group moved on, the coordinator did, or this member is no longer in.
  private mutating func hearRefusal(_ error: BrokerError, _ out: inout GroupMemberOutbox) {
    switch error {
    case .rebalanceInProgress:
      switch phase {
      case .reading: release(&out)
      case .sharing, .syncing: rejoin(after: error, &out)
      case .joining: backOff(out.now)
      case .releasing, .over: break
      }
    case .illegalGeneration:
      lose(&out)
      rejoin(after: error, &out)
    case .unknownMemberID:
      lose(&out)
      memberID = ""
      rejoin(after: error, &out)
    case .notCoordinator, .coordinatorNotAvailable:
      loseCoordinator()
      backOff(out.now)
    case .fencedInstanceID, .inconsistentGroupProtocol, .invalidSessionTimeout, .groupMaxSizeReached, .invalidGroupID:
      end(error, &out)
    default: backOff(out.now)
    }
  }

  private mutating func endCommit(_ offsets: [GroupOffset], _ reply: GroupReply, _ out: inout GroupMemberOutbox) {
    guard case .refused(let error, _) = reply else {
      out.news.append(.committed(offsets))
      return
    }
    switch error {
    case .notCoordinator, .coordinatorNotAvailable, .coordinatorLoadInProgress:
      enqueue(offsets, overwriting: false)
    default: out.news.append(.commitFailed(error, offsets))
    }
    hearRefusal(error, &out)
  }

  // MARK: Moves

  mutating func enqueue(_ offsets: [GroupOffset], overwriting: Bool) {
    for offset in offsets {
      let place = queued.firstPlace { $0.partition >= offset.partition }
      if place == queued.count || queued[place].partition != offset.partition {
        queued.insert(offset, at: place)
      } else if overwriting {
        queued[place] = offset
      }
    }
  }

  /// Lets the consumer finish what it reads, then joins again.
  mutating func release(_ out: inout GroupMemberOutbox) {
    guard isAnnounced, !partitions.isEmpty else { return rejoin(after: .rebalanceInProgress, &out) }
    isReleased = false
    phase = .releasing
    out.news.append(.revoke(partitions))
  }

  /// Asks to be in the next generation. Commits of this one that are not answered are given up.
  mutating func rejoin(after error: BrokerError, _ out: inout GroupMemberOutbox) {
    let unanswered = (committing?.offsets ?? []) + queued
    if !unanswered.isEmpty { out.news.append(.commitFailed(error, unanswered)) }
    phase = .joining
    partitions = []
    isAnnounced = false
    isLeader = false
    generation = -1
    step = nil
    heartbeat = nil
    committing = nil
    queued = []
  }

  /// What this member read is another's: nothing to finish.
  private mutating func lose(_ out: inout GroupMemberOutbox) {
    if isAnnounced, !partitions.isEmpty { out.news.append(.lost(partitions)) }
  }

  mutating func end(_ error: BrokerError?, _ out: inout GroupMemberOutbox) {
    lose(&out)
    rejoin(after: error ?? .unknownMemberID, &out)
    phase = .over(error)
    out.news.append(.ended(error))
  }

  /// Unanswered, or answered that it is another: what was asked is asked of the next one.
  mutating func loseCoordinator() {
    coordinator = nil
    step = nil
    heartbeat = nil
    if let commit = committing { enqueue(commit.offsets, overwriting: false) }
    committing = nil
  }

  private mutating func backOff(_ now: Instant) { notBefore = now + setup.retryBackoff }

  func relevant(_ sizes: [TopicSize]) -> [TopicSize] { sizes.filter { setup.topics.contains($0.topic) } }
}

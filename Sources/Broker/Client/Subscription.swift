public import Clockwork
import RecordLog

/// A client's life in a consumer group: a member that joins and rejoins, and a reader for each partition of its share.
///
/// Reads go on by themselves, and where the reader stands is committed every `ClientSetup.autoCommit` and before the
/// share is given up: at least once, Kafka's default.
public struct Subscription: Sendable {
  /// A record that this client has received as a member.
  public struct Received: Hashable, Sendable {
    public var partition: TopicPartition
    public var generation: Int32
    public var record: ConsumedRecord
    /// By the client's own clock.
    public var at: Instant
  }

  struct Reading: Sendable {
    let partition: TopicPartition
    var position: Offset
    var committed: Offset
    var attempt: Attempt
  }

  /// How many received records are remembered.
  public static let memory = 1000

  let ticket: Ticket
  public internal(set) var member: GroupMember
  var readings: [Reading] = []
  /// The latest, oldest first.
  public internal(set) var received: [Received] = []
  /// How many were received in all.
  public internal(set) var receivedCount = 0
  var wakeAt = Instant.start
  var nextCommit = Instant.never
  var isWaitingForMetadata = false
  /// Somebody waits to hear that it has joined.
  var isAnnounced = false

  /// The request for more of each partition that is under way, if one is.
  public var asking: [(partition: TopicPartition, request: CorrelationID?)] {
    readings.map { ($0.partition, $0.attempt.out) }
  }

  func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(member.generation)
    hasher.combine(receivedCount)
    for reading in readings { hasher.combine(reading.position.rawValue) }
  }
}

extension Client {
  mutating func subscribe(_ ticket: Ticket, _ group: String, _ topics: [String], _ fx: inout BrokerEffects) {
    if let at = subscriptions.firstIndex(where: { $0.member.setup.group == group }) {
      let same = subscriptions[at].member.setup.topics == topics.sorted()
      let outcome: Outcome =
        same
        ? .joined(group: group)
        : .failed(
          .inconsistentGroupProtocol, reason: "this client is already in \(group) for other topics", definite: true)
      return finish(ticket, outcome)
    }
    var member = GroupMember.Setup(group: group, topics: topics)
    member.sessionTimeout = setup.sessionTimeout
    member.heartbeatInterval = setup.groupHeartbeat
    member.requestTimeout = setup.requestTimeout
    member.rebalanceTimeout = setup.rebalanceTimeout
    subscriptions.append(Subscription(ticket: ticket, member: GroupMember(member)))
    act(subscriptions.count - 1, &fx) { member, out in member.tick(&out) }
  }

  mutating func unsubscribe(_ ticket: Ticket, _ group: String, _ fx: inout BrokerEffects) {
    guard let at = subscriptions.firstIndex(where: { $0.member.setup.group == group }) else {
      return finish(ticket, .failed(.unknownMemberID, reason: "this client is not in group \(group)", definite: true))
    }
    commit(at, &fx)
    act(at, &fx) { member, out in member.leave(&out) }
    subscriptions.removeAll { $0.member.setup.group == group }
    finish(ticket, .left(group: group))
  }

  // MARK: The member

  /// Lets the member do something, carries out what it wants, and hears its news.
  private mutating func act(
    _ at: Int, _ fx: inout BrokerEffects, _ body: (inout GroupMember, inout GroupMemberOutbox) -> Void
  ) {
    var out = GroupMemberOutbox(now: fx.now, nextCorrelation: nextCorrelation)
    body(&subscriptions[at].member, &out)
    nextCorrelation = out.nextCorrelation
    for request in out.requests {
      fx.send(.toGroup(request.request, request.correlation), to: request.to ?? nextBroker())
    }
    if let wakeAt = out.wakeAt {
      subscriptions[at].wakeAt = wakeAt
      ringBy(wakeAt, &fx)
    }
    for news in out.news { hear(news, at, &fx) }
  }

  private mutating func hear(_ news: GroupMemberNews, _ at: Int, _ fx: inout BrokerEffects) {
    let group = subscriptions[at].member.setup.group
    switch news {
    case .assigned(let offsets):
      subscriptions[at].readings = offsets.map { offset in
        let start = Offset(max(0, offset.offset))
        return Subscription.Reading(
          partition: offset.partition, position: start, committed: start, attempt: Attempt(now: fx.now, giveUp: .never))
      }
      subscriptions[at].nextCommit = fx.now + setup.autoCommit
      fx.note("reads \(offsets.map(\.partition.description).joined(separator: " ")) for group \(group)")
      if !subscriptions[at].isAnnounced {
        subscriptions[at].isAnnounced = true
        finish(subscriptions[at].ticket, .joined(group: group))
      }
    case .revoke:
      commit(at, &fx)
      subscriptions[at].readings = []
      act(at, &fx) { member, out in member.released(&out) }
    case .lost(let partitions):
      subscriptions[at].readings.removeAll { partitions.contains($0.partition) }
    case .committed(let offsets):
      for offset in offsets {
        guard let place = subscriptions[at].readings.firstIndex(where: { $0.partition == offset.partition }) else {
          continue
        }
        subscriptions[at].readings[place].committed = Offset(offset.offset)
      }
    case .needsMetadata:
      subscriptions[at].isWaitingForMetadata = true
      awaitMetadata(&fx)
    case .commitFailed, .ended: break
    }
  }

  private mutating func commit(_ at: Int, _ fx: inout BrokerEffects) {
    let moved = subscriptions[at].readings.filter { $0.position > $0.committed }
    guard !moved.isEmpty else { return }
    let offsets = moved.map { GroupOffset(partition: $0.partition, offset: $0.position.rawValue) }
    act(at, &fx) { member, out in member.commit(offsets, &out) }
  }

  /// True when the answer was for a member.
  mutating func hearMembership(_ reply: GroupReply, _ id: CorrelationID, _ fx: inout BrokerEffects) -> Bool {
    for at in subscriptions.indices {
      var isMine = false
      act(at, &fx) { member, out in isMine = member.on(reply, id, &out) }
      if isMine { return true }
    }
    return false
  }

  mutating func tendSubscriptions(_ fx: inout BrokerEffects) {
    for at in subscriptions.indices {
      if subscriptions[at].isWaitingForMetadata, let metadata, metadataIsFresh {
        subscriptions[at].isWaitingForMetadata = false
        let sizes = metadata.topics.filter { $0.error == nil }.map { TopicSize($0.name, Int32($0.partitions.count)) }
        act(at, &fx) { member, out in member.know(sizes, &out) }
      }
      if subscriptions[at].wakeAt <= fx.now { act(at, &fx) { member, out in member.tick(&out) } }
      if subscriptions[at].nextCommit <= fx.now {
        subscriptions[at].nextCommit = fx.now + setup.autoCommit
        commit(at, &fx)
      }
      ringBy(subscriptions[at].wakeAt, &fx)
      ringBy(subscriptions[at].nextCommit, &fx)
      tendReadings(at, &fx)
    }
  }

  // MARK: Reading

  private mutating func tendReadings(_ at: Int, _ fx: inout BrokerEffects) {
    guard setup.readsAsMember else { return }
    for place in subscriptions[at].readings.indices {
      switch subscriptions[at].readings[place].attempt.step(fx.now) {
      case .wait, .expired: break
      case .send: read(at, place, &fx)
      case .overdue:
        subscriptions[at].readings[place].attempt.settle(retryAt: fx.now)
        awaitMetadata(&fx)
        read(at, place, &fx)
      }
      ringBy(subscriptions[at].readings[place].attempt.next, &fx)
    }
  }

  private mutating func read(_ at: Int, _ place: Int, _ fx: inout BrokerEffects) {
    let reading = subscriptions[at].readings[place]
    guard let topic = topic(reading.partition.topic), topic.partitions.indices.contains(Int(reading.partition.index)),
      let leader = topic.partitions[Int(reading.partition.index)].leader
    else {
      subscriptions[at].readings[place].attempt.settle(retryAt: fx.now + setup.retryBackoff)
      return awaitMetadata(&fx)
    }
    let correlation = newCorrelation()
    let lostAt = fx.now + setup.fetchWait + setup.requestTimeout
    subscriptions[at].readings[place].attempt.send(correlation, to: leader, lostAt: lostAt)
    let request = FetchRequest(
      maxWait: setup.fetchWait, isolation: setup.isolation,
      partitions: [
        FetchPartition(
          PartitionID(topic.id, reading.partition.index), offset: reading.position, currentEpoch: nil,
          lastFetchedEpoch: nil)
      ])
    fx.send(.fetch(request, correlation), to: leader)
  }

  /// True when the answer was for a subscription.
  mutating func hearReading(_ reply: FetchReply, _ id: CorrelationID, _ fx: inout BrokerEffects) -> Bool {
    for at in subscriptions.indices {
      guard let place = subscriptions[at].readings.firstIndex(where: { $0.attempt.out == id }) else { continue }
      guard let fetched = reply.partitions.first else { return true }
      subscriptions[at].readings[place].attempt.settle(retryAt: fx.now)
      switch fetched.error {
      case nil: receive(fetched, at, place, fx.now)
      case .offsetOutOfRange:
        // auto.offset.reset=earliest: what was committed is gone, by retention or by an unclean election.
        let position = subscriptions[at].readings[place].position
        subscriptions[at].readings[place].position = min(
          max(position, fetched.logStart), fetched.logEnd ?? fetched.logStart)
      default:
        subscriptions[at].readings[place].attempt.settle(retryAt: fx.now + setup.retryBackoff)
        awaitMetadata(&fx)
      }
      return true
    }
    return false
  }

  private mutating func receive(_ fetched: FetchedPartition, _ at: Int, _ place: Int, _ now: Instant) {
    let partition = subscriptions[at].readings[place].partition
    let generation = subscriptions[at].member.generation
    let (records, next) = ConsumedRecord.taken(
      from: fetched, startingAt: subscriptions[at].readings[place].position, most: .max)
    subscriptions[at].readings[place].position = next
    subscriptions[at].receivedCount += records.count
    subscriptions[at].received += records.map {
      Subscription.Received(partition: partition, generation: generation, record: $0, at: now)
    }
    let excess = subscriptions[at].received.count - Subscription.memory
    if excess > 0 { subscriptions[at].received.removeFirst(excess) }
  }
}

public import Clockwork
public import RecordLog

/// One partition as one broker holds it: what it was told to be, how far it knows records to be committed.
///
/// Its log lies on the broker's disk, in `slot`.
public struct Replica: Sendable {
  public let id: PartitionID
  /// Where in `BrokerDisk.partitions` the log is.
  let slot: Int
  /// What the controller last decided, as far as this broker has heard.
  public internal(set) var state: PartitionState
  /// The leader epoch whose role it has taken; nil before the first.
  var adopted: LeaderEpoch?
  /// Set while this broker leads, and then `followership` is nil. Two optionals rather than an enum with payloads,
  /// because a fetch updates one field in place, and a payload would be copied out and back.
  public internal(set) var leadership: Leadership?
  /// Set while this broker follows, and then `leadership` is nil. Neither is set while nobody leads.
  public internal(set) var followership: Followership?
  /// The offset before which every record is committed, as far as this replica knows.
  public internal(set) var highWatermark: Offset
  /// min.insync.replicas of the topic.
  var minInSync: Int
  /// The leader stamps records with the time of their append (message.timestamp.type).
  var stampsRecords = false
  /// The disk refused a write: the replica serves nothing until the broker restarts.
  public internal(set) var isOffline = false

  public var leaderEpoch: LeaderEpoch { state.leaderEpoch }

  public var isLeading: Bool { leadership != nil }

  /// min.insync.replicas is met.
  var hasEnoughInSync: Bool { state.inSync.count >= minInSync }

  /// While this broker leads: the high watermark is the smallest log end over the maximal in-sync set, the committed one
  /// and the one proposed, because the controller may already have decided for it (KIP-497; bug K6 with the committed
  /// one alone). It stands still below min.insync.replicas (KIP-966). True when it moved.
  ///
  /// Here rather than in `Broker`, in place: a copy of a replica counts seven references.
  mutating func advanceHighWatermark(logEnd: Offset, _ rules: ReplicationRules) -> Bool {
    guard isLeading, hasEnoughInSync || !rules.minInSyncGate else { return false }
    var smallest = logEnd
    for follower in leadership?.followers ?? [] {
      let counts =
        state.inSync.contains(follower.broker)
        || (rules.maximalInSyncSet && leadership?.proposal?.counted.contains(follower.broker) == true)
      if counts { smallest = min(smallest, follower.logEnd ?? .zero) }
    }
    guard smallest > highWatermark else { return false }
    highWatermark = smallest
    return true
  }
}

/// What a leader knows about its followers, for the length of one epoch.
public struct Leadership: Sendable {
  /// The log end when this epoch began: a follower behind it may lack committed records (bug K7).
  public let epochStart: Offset
  /// One for each other replica, in the order of `PartitionState.replicas`.
  public internal(set) var followers: [FollowerProgress]
  /// An AlterPartition on its way. Until its fate is known the proposed members count as in sync (KIP-497).
  public internal(set) var proposal: InSyncProposal?

  /// Notes that a follower holds everything before `offset` of a log that ends at `end`. Its progress before and after;
  /// nil when it is no follower here.
  mutating func note(
    _ follower: NodeID, holds offset: Offset, of end: Offset, _ brokerEpoch: BrokerEpoch?, at now: Instant
  ) -> (before: FollowerProgress, after: FollowerProgress)? {
    guard let place = followers.firstIndex(where: { $0.broker == follower }) else { return nil }
    let before = followers[place]
    if offset >= end {
      followers[place].caughtUpAt = now
    } else if before.logEnd != nil, offset >= before.leaderEndAtLastFetch {
      followers[place].caughtUpAt = max(before.caughtUpAt, before.lastFetchAt)
    }
    followers[place].logEnd = offset
    followers[place].brokerEpoch = brokerEpoch
    followers[place].lastFetchAt = now
    followers[place].leaderEndAtLastFetch = end
    return (before, followers[place])
  }
}

/// How far a follower has fetched.
public struct FollowerProgress: Hashable, Sendable {
  public let broker: NodeID
  /// The broker epoch in its latest fetch (KIP-903).
  var brokerEpoch: BrokerEpoch?
  /// Its log end: the offset it last asked for. Nil until it fetches in this epoch.
  public internal(set) var logEnd: Offset?
  /// When it last had everything the leader had.
  var caughtUpAt: Instant
  /// When it last fetched, and the leader's log end then: reaching that end later counts as caught up then (KIP-16).
  var lastFetchAt: Instant
  var leaderEndAtLastFetch: Offset
}

/// A change of the in-sync set that the controller has not answered yet.
public struct InSyncProposal: Hashable, Sendable {
  var members: [NodeID]
  /// Everybody in this proposal and in those before it that may still be decided: they count as in sync.
  var counted: [NodeID]
  var correlation: CorrelationID
  var deadline: Instant
}

/// What a follower is doing.
public enum Followership: Hashable, Sendable {
  /// Asked the leader where this replica's latest epoch ended. Can become fetching.
  case truncating(asked: LeaderEpoch)
  /// Can become truncating when it follows anew.
  case fetching
}

public import Clockwork

/// Collects what a group member wants done in one call, for the client it lives in to carry out.
public struct GroupMemberOutbox: Sendable {
  public struct Request: Hashable, Sendable {
    public var request: GroupRequest
    public var correlation: CorrelationID
    /// Nil: any broker.
    public var to: NodeID?
  }

  public let now: Instant
  /// The next number to use, counted on with each request.
  public private(set) var nextCorrelation: UInt32
  public private(set) var requests: [Request] = []
  public internal(set) var news: [GroupMemberNews] = []
  /// When to call `GroupMember.tick`, unless something else happens first; nil when what was said before still holds: an
  /// answer that is not for the member must not make it forget its next heartbeat.
  public internal(set) var wakeAt: Instant?

  /// `nextCorrelation` is the client's counter: take it back afterwards.
  public init(now: Instant, nextCorrelation: UInt32) {
    self.now = now
    self.nextCorrelation = nextCorrelation
  }

  mutating func send(_ request: GroupRequest, to node: NodeID?) -> CorrelationID {
    let correlation = CorrelationID(nextCorrelation)
    nextCorrelation &+= 1
    requests.append(Request(request: request, correlation: correlation, to: node))
    return correlation
  }
}

/// What a group member tells the consumer around it.
public enum GroupMemberNews: Hashable, Sendable {
  /// Read these, each from its offset; -1 where the group has committed nothing.
  case assigned([GroupOffset])
  /// The group rebalances. Finish with these, commit, then call `released`: until then they are this member's.
  case revoke([TopicPartition])
  /// These are another's already. Stop; nothing can be committed.
  case lost([TopicPartition])
  case committed([GroupOffset])
  /// Not committed, or not known to be.
  case commitFailed(BrokerError, [GroupOffset])
  /// This member leads, and does not know how many partitions these topics have: find out and call `know`.
  case needsMetadata([String])
  /// No longer a member: it left, or is refused for good.
  case ended(BrokerError?)
}

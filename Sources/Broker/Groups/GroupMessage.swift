public import Clockwork

/// What a consumer asks of its group's coordinator (the classic protocol, after Kafka's JoinGroup and its companions).
public enum GroupRequest: Hashable, Sendable {
  /// Which broker coordinates `group`; any broker answers.
  case findCoordinator(group: String)
  case join(JoinRequest)
  /// The leader sends everybody's assignment, the others an empty list; all get their own back.
  case sync(GroupClaim, assignments: [MemberAssignment])
  case heartbeat(GroupClaim)
  /// The generation is not looked at. An empty member with an instance removes a static member (KIP-345).
  case leave(GroupClaim)
  /// Generation -1 and an empty member: a consumer that assigns itself, or an administrator.
  case commitOffsets(GroupClaim, offsets: [GroupOffset])
  /// An empty list asks for every partition that the group has an offset in.
  case fetchOffsets(group: String, partitions: [TopicPartition])
  case describe(group: String)
  /// Deletes a group that has no members, and its offsets.
  case delete(group: String)

  /// The group that the request is about.
  public var group: String {
    switch self {
    case .findCoordinator(let group), .fetchOffsets(let group, _), .describe(let group), .delete(let group): group
    case .join(let request): request.group
    case .sync(let claim, _), .heartbeat(let claim), .leave(let claim), .commitOffsets(let claim, _): claim.group
    }
  }
}

/// A consumer asks to be, or to remain, a member.
public struct JoinRequest: Hashable, Sendable {
  public var group: String
  /// Empty on the first try; the coordinator then answers `memberIDRequired` with an id to come back with (KIP-394).
  public var member: String
  /// group.instance.id: a static member, which keeps its place over restarts (KIP-345).
  public var instance: String?
  /// A member not heard from for this long is removed.
  public var sessionTimeout: Interval
  /// How long the member may take to join again when the group rebalances.
  public var rebalanceTimeout: Interval
  /// `consumer`, unless the group shares something else than partitions.
  public var protocolType: String
  /// In order of preference.
  public var protocols: [GroupProtocol]

  public init(
    group: String, member: String = "", instance: String? = nil, sessionTimeout: Interval, rebalanceTimeout: Interval,
    protocolType: String = "consumer", protocols: [GroupProtocol]
  ) {
    self.group = group
    self.member = member
    self.instance = instance
    self.sessionTimeout = sessionTimeout
    self.rebalanceTimeout = rebalanceTimeout
    self.protocolType = protocolType
    self.protocols = protocols
  }
}

/// Who a member says it is: checked on every call, so that one from an earlier generation is fenced.
public struct GroupClaim: Hashable, Sendable {
  public var group: String
  public var generation: Int32
  public var member: String
  public var instance: String?

  public init(group: String, generation: Int32, member: String, instance: String? = nil) {
    self.group = group
    self.generation = generation
    self.member = member
    self.instance = instance
  }
}

/// A way to share partitions that a member supports, with what its assignor needs to know about the member.
public struct GroupProtocol: Hashable, Sendable {
  public var name: String
  /// Opaque to the coordinator.
  public var metadata: [UInt8]

  public init(name: String, metadata: [UInt8]) {
    self.name = name
    self.metadata = metadata
  }
}

public struct MemberAssignment: Hashable, Sendable {
  public var member: String
  /// Opaque to the coordinator.
  public var assignment: [UInt8]

  public init(member: String, assignment: [UInt8]) {
    self.member = member
    self.assignment = assignment
  }
}

/// Where a group stands in one partition: the offset of the next record to read.
public struct GroupOffset: Hashable, Sendable {
  public var partition: TopicPartition
  /// -1: nothing committed.
  public var offset: Int64
  /// The epoch of the last record read, for truncation detection (KIP-320); -1: not known.
  public var leaderEpoch: Int32
  public var metadata: String

  public init(partition: TopicPartition, offset: Int64, leaderEpoch: Int32 = -1, metadata: String = "") {
    self.partition = partition
    self.offset = offset
    self.leaderEpoch = leaderEpoch
    self.metadata = metadata
  }
}

/// What a coordinator answers.
public enum GroupReply: Hashable, Sendable {
  case coordinator(NodeID)
  case joined(JoinedGroup)
  case synced(assignment: [UInt8])
  /// The heartbeat was heard and nothing has changed.
  case alive
  case ok
  case offsets([GroupOffset])
  case described(state: String, generation: Int32, members: [DescribedMember])
  /// `member` carries the id to rejoin with when the error is `memberIDRequired`.
  case refused(BrokerError, member: String)
}

/// A new generation, as one of its members hears of it.
public struct JoinedGroup: Hashable, Sendable {
  public var generation: Int32
  public var member: String
  public var leader: String
  public var protocolName: String
  /// Filled for the leader only.
  public var members: [JoinedMember]
  /// The leader is back from a restart and the old assignment stands (KIP-814).
  public var skipAssignment: Bool

  public init(
    generation: Int32, member: String, leader: String, protocolName: String, members: [JoinedMember] = [],
    skipAssignment: Bool = false
  ) {
    self.generation = generation
    self.member = member
    self.leader = leader
    self.protocolName = protocolName
    self.members = members
    self.skipAssignment = skipAssignment
  }
}

/// A member as the group's leader sees it.
public struct JoinedMember: Hashable, Sendable {
  public var member: String
  public var instance: String?
  public var metadata: [UInt8]

  public init(member: String, instance: String? = nil, metadata: [UInt8]) {
    self.member = member
    self.instance = instance
    self.metadata = metadata
  }
}

/// A member as an administrator sees it.
public struct DescribedMember: Hashable, Sendable {
  public var member: String
  public var instance: String?
  /// The client that the member runs in.
  public var client: String
  public var assignment: [UInt8]

  public init(member: String, instance: String? = nil, client: String, assignment: [UInt8]) {
    self.member = member
    self.instance = instance
    self.client = client
    self.assignment = assignment
  }
}

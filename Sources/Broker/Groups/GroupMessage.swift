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
  /// As a part of the producer's transaction: what it commits becomes visible when the transaction commits (KIP-447).
  /// Generation -1 and an empty member: a producer that does not say for whom it reads.
  case commitTransactionOffsets(GroupClaim, TransactionClaim, offsets: [GroupOffset])
  /// An empty list asks for every partition that the group has an offset in. With `requireStable` the answer is
  /// `unstableOffsetCommit` while an open transaction may yet change one of them (KIP-447). A member of the new protocol
  /// says who it is, and is fenced.
  case fetchOffsets(
    group: String, partitions: [TopicPartition], requireStable: Bool = false, member: GroupClaim? = nil)
  /// Forgets offsets, but not of topics that a live member reads (KIP-496).
  case deleteOffsets(group: String, partitions: [TopicPartition])
  case describe(group: String)
  /// The groups that this broker coordinates, in any of these states (KIP-518) and of any of these kinds; none: in any
  /// at all.
  case list(states: [String], kinds: [GroupKind] = [])
  /// Deletes a group that has no members, and its offsets.
  case delete(group: String)
  /// The whole of the new protocol (KIP-848).
  case consumerHeartbeat(ConsumerHeartbeat)
  /// Describes a group of the new protocol.
  case describeConsumers(group: String)

  /// The group that the request is about; empty when it is about all.
  public var group: String {
    switch self {
    case .findCoordinator(let group), .fetchOffsets(let group, _, _, _), .describe(let group), .delete(let group),
      .deleteOffsets(let group, _), .describeConsumers(let group):
      group
    case .join(let request): request.group
    case .consumerHeartbeat(let heartbeat): heartbeat.group
    case .sync(let claim, _), .heartbeat(let claim), .leave(let claim), .commitOffsets(let claim, _),
      .commitTransactionOffsets(let claim, _, _):
      claim.group
    case .list: ""
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
  /// What the client calls itself, and where it is; empty: as its node.
  public var clientID: String
  public var clientHost: String

  public init(
    group: String, member: String = "", instance: String? = nil, sessionTimeout: Interval, rebalanceTimeout: Interval,
    protocolType: String = "consumer", protocols: [GroupProtocol], clientID: String = "", clientHost: String = ""
  ) {
    self.group = group
    self.member = member
    self.instance = instance
    self.sessionTimeout = sessionTimeout
    self.rebalanceTimeout = rebalanceTimeout
    self.protocolType = protocolType
    self.protocols = protocols
    self.clientID = clientID
    self.clientHost = clientHost
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
  case described(DescribedGroup)
  case listed([GroupListing])
  /// What became of each partition, in the order in which they were asked for.
  case offsetsDeleted([OffsetDeletion])
  case reconciled(ConsumerHeartbeatAnswer)
  case describedConsumers(DescribedConsumerGroup)
  /// `member` carries the id to rejoin with when the error is `memberIDRequired`.
  case refused(BrokerError, member: String)
}

/// A new generation, as one of its members hears of it.
public struct JoinedGroup: Hashable, Sendable {
  public var generation: Int32
  public var member: String
  public var leader: String
  public var protocolType: String
  public var protocolName: String
  /// Filled for the leader only.
  public var members: [JoinedMember]
  /// The leader is back from a restart and the old assignment stands (KIP-814).
  public var skipAssignment: Bool

  public init(
    generation: Int32, member: String, leader: String, protocolType: String = "consumer", protocolName: String,
    members: [JoinedMember] = [], skipAssignment: Bool = false
  ) {
    self.generation = generation
    self.member = member
    self.leader = leader
    self.protocolType = protocolType
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

public import Clockwork

/// What a consumer asks of its group's coordinator (the classic protocol, after Kafka's JoinGroup and its companions).
public enum GroupRequest: Hashable, Sendable {
  /// Which broker coordinates `group`; any broker answers.
  case findCoordinator(group: String)
  /// `member` is empty on the first try; the coordinator then answers `memberIDRequired` with an id to come back with.
  case join(
    group: String, member: String, instance: String?, sessionTimeout: Interval, rebalanceTimeout: Interval,
    protocols: [GroupProtocol])
  /// The leader sends everybody's assignment, the others an empty list; all get their own back.
  case sync(group: String, generation: Int32, member: String, assignments: [MemberAssignment])
  case heartbeat(group: String, generation: Int32, member: String)
  case leave(group: String, member: String)
  case commitOffsets(group: String, generation: Int32, member: String, offsets: [GroupOffset])
  case fetchOffsets(group: String, partitions: [PartitionID])
  case describe(group: String)
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
  public var partition: PartitionID
  /// -1: nothing committed.
  public var offset: Int64
  public var metadata: String

  public init(partition: PartitionID, offset: Int64, metadata: String = "") {
    self.partition = partition
    self.offset = offset
    self.metadata = metadata
  }
}

public enum GroupReply: Hashable, Sendable {
  case coordinator(NodeID)
  /// `members` is filled for the leader only.
  case joined(generation: Int32, member: String, leader: String, protocolName: String, members: [JoinedMember])
  case synced(assignment: [UInt8])
  case ok
  case offsets([GroupOffset])
  case described(state: String, generation: Int32, members: [MemberAssignment])
  /// `member` carries the id to rejoin with when the error is `memberIDRequired`.
  case refused(BrokerError, member: String)
}

/// A member as the group's leader sees it.
public struct JoinedMember: Hashable, Sendable {
  public var member: String
  public var metadata: [UInt8]

  public init(member: String, metadata: [UInt8]) {
    self.member = member
    self.metadata = metadata
  }
}

/// A group as an administrator sees it.
public struct DescribedGroup: Hashable, Sendable {
  /// Kafka's name of the state; `Dead` for a group that there is not.
  public var state: String
  public var generation: Int32
  public var protocolType: String
  /// Empty while no generation has chosen one.
  public var protocolName: String
  public var members: [DescribedMember]

  public init(
    state: String, generation: Int32, protocolType: String = "", protocolName: String = "", members: [DescribedMember]
  ) {
    self.state = state
    self.generation = generation
    self.protocolType = protocolType
    self.protocolName = protocolName
    self.members = members
  }
}

/// A member as an administrator sees it.
public struct DescribedMember: Hashable, Sendable {
  public var member: String
  public var instance: String?
  /// The client that the member runs in, and where that is.
  public var client: String
  public var host: String
  /// What it told the others for the way of sharing that the generation chose.
  public var metadata: [UInt8]
  public var assignment: [UInt8]

  public init(
    member: String, instance: String? = nil, client: String, host: String = "", metadata: [UInt8] = [],
    assignment: [UInt8]
  ) {
    self.member = member
    self.instance = instance
    self.client = client
    self.host = host
    self.metadata = metadata
    self.assignment = assignment
  }
}

/// A group in a list of groups.
public struct GroupListing: Hashable, Sendable {
  public var group: String
  public var protocolType: String
  public var state: String
  public var kind: GroupKind

  public init(group: String, protocolType: String, state: String, kind: GroupKind = .classic) {
    self.group = group
    self.protocolType = protocolType
    self.state = state
    self.kind = kind
  }
}

/// Which protocol a group's members speak. The names are Kafka's (KIP-848).
public enum GroupKind: String, Hashable, Sendable, CaseIterable {
  case classic
  case consumer
}

/// What became of an offset that was to be deleted. One that was never committed counts as deleted.
public struct OffsetDeletion: Hashable, Sendable {
  public var partition: TopicPartition
  public var error: BrokerError?

  public init(_ partition: TopicPartition, _ error: BrokerError?) {
    self.partition = partition
    self.error = error
  }
}

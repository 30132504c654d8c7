public import Clockwork
public import RecordLog

/// One decision of the controller. The metadata log is a list of these; every broker folds the committed part of it
/// into a `MetadataImage` (KIP-631).
public enum MetadataRecord: Hashable, Sendable {
  /// Written by each new controller first: commits what earlier epochs left uncommitted (Raft section 5.4.2).
  case leaderChange
  /// A broker registered. Its broker epoch is this record's offset; it starts fenced.
  /// `incarnation` differs from process to process; `cleanShutdown` tells whether its logs are known to be whole
  /// (KIP-966: an unclean one is removed from every in-sync and eligible set).
  case brokerRegistered(NodeID, incarnation: UInt64, cleanShutdown: Bool)
  /// A fenced broker leads nothing and is in no in-sync set.
  case brokerFenced(NodeID, BrokerEpoch)
  case brokerUnfenced(NodeID, BrokerEpoch)
  case topicCreated(TopicID, name: String)
  case topicDeleted(TopicID)
  /// The whole state of one partition after a change.
  case partition(PartitionID, PartitionState)
  /// A topic's setting; nil restores the default.
  case topicConfig(TopicID, key: String, value: String?)
  /// Producer ids up to (excluding) `next` have been handed out.
  case producerIDs(next: Int64)
}

/// What the controller has decided about a partition.
public struct PartitionState: Hashable, Sendable {
  /// In order of preference for leadership.
  public var replicas: [NodeID]
  /// The in-sync set, in the order of `replicas`.
  public var inSync: [NodeID]
  /// Eligible leader replicas: left the in-sync set while it was at its minimum, so they still hold every committed
  /// record (KIP-966).
  public var eligible: [NodeID]
  /// Nil while nobody may lead.
  public var leader: NodeID?
  /// Grows with every change of leader.
  public var leaderEpoch: LeaderEpoch
  /// Grows with every change of anything here.
  public var partitionEpoch: PartitionEpoch
  /// Nobody electable was left and this leader was taken from outside the in-sync set.
  public var electedUncleanly: Bool

  public init(
    replicas: [NodeID], inSync: [NodeID], eligible: [NodeID] = [], leader: NodeID?, leaderEpoch: LeaderEpoch,
    partitionEpoch: PartitionEpoch, electedUncleanly: Bool = false
  ) {
    self.replicas = replicas
    self.inSync = inSync
    self.eligible = eligible
    self.leader = leader
    self.leaderEpoch = leaderEpoch
    self.partitionEpoch = partitionEpoch
    self.electedUncleanly = electedUncleanly
  }
}

public import Clockwork
public import RecordLog

/// What brokers and administrators ask of the active controller.
public enum ControllerRequest: Hashable, Sendable {
  /// KIP-631 BrokerRegistration. `incarnation` is drawn anew by each process.
  case register(incarnation: UInt64, cleanShutdown: Bool)
  /// KIP-631 BrokerHeartbeat. `caughtUpTo` is how far the broker has applied the metadata log.
  case heartbeat(BrokerEpoch, caughtUpTo: Int64, wantsToStop: Bool)
  /// KIP-497 AlterPartition: the leader proposes a new in-sync set, each member with its broker epoch as the leader
  /// knows it (KIP-903).
  case alterPartition(
    BrokerEpoch, PartitionID, leaderEpoch: LeaderEpoch, partitionEpoch: PartitionEpoch, inSync: [InSyncMember])
  case createTopic(name: String, partitions: Int32, replication: Int16, config: [TopicSetting])
  case deleteTopic(name: String)
  case alterConfig(topic: String, key: String, value: String?)
  /// KIP-460 ElectLeaders: the preferred replica, or with `unclean` any live one.
  case electLeader(PartitionID, unclean: Bool)
  case allocateProducerIDs(BrokerEpoch)
}

/// One setting of a topic, by Kafka's name: `min.insync.replicas`.
public struct TopicSetting: Hashable, Sendable {
  public var key: String
  public var value: String

  public init(_ key: String, _ value: String) {
    self.key = key
    self.value = value
  }
}

/// A proposed member of an in-sync set and the broker epoch that its leader last saw it fetch with.
public struct InSyncMember: Hashable, Sendable {
  public var broker: NodeID
  public var epoch: BrokerEpoch?

  public init(_ broker: NodeID, _ epoch: BrokerEpoch?) {
    self.broker = broker
    self.epoch = epoch
  }
}

/// The controller's answers. An answer is sent only when the decision is committed by a majority.
public enum ControllerReply: Hashable, Sendable {
  case registered(BrokerEpoch)
  case heartbeat(fenced: Bool, mayStop: Bool)
  case partitionAltered(PartitionID, PartitionState)
  case done
  case producerIDs(first: Int64, count: Int32)
  /// `hint` is the controller as far as the answering node knows.
  case refused(BrokerError, reason: String, hint: NodeID?)
}

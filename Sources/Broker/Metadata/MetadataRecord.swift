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
  case brokerRegistered(NodeID, incarnation: UInt64, cleanShutdown: Bool, endpoint: BrokerEndpoint? = nil)
  /// A fenced broker leads nothing and is in no in-sync set.
  case brokerFenced(NodeID, BrokerEpoch)
  case brokerUnfenced(NodeID, BrokerEpoch)
  /// The whole topic in one record, so that no crash leaves half of one.
  case topicCreated(TopicID, name: String, partitions: [PartitionState], config: [TopicSetting])
  case topicDeleted(TopicID)
  /// The whole state of one partition after a change.
  case partition(PartitionID, PartitionState)
  /// A topic's setting; nil restores the default.
  case topicConfig(TopicID, key: String, value: String?)
  /// Producer ids up to (excluding) `next` have been handed out.
  case producerIDs(next: Int64)
  /// New partitions of a topic that had `from` of them.
  case partitionsAdded(TopicID, from: Int32, [PartitionState])
  /// A broker's setting, or with nil everybody's; a nil value restores the default.
  case brokerConfig(NodeID?, key: String, value: String?)
  /// A user may log in with SCRAM; replaces an earlier credential of the same mechanism (KIP-554).
  case scramCredential(ScramUser)
  case scramDeleted(user: String, ScramUser.Mechanism)
  case accessAdded(AccessBinding)
  case accessRemoved(AccessBinding)
  /// A consumer group's setting; a nil value restores the default.
  case groupConfig(String, key: String, value: String?)
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
  /// Who led last, while nobody does: the best guess when neither an in-sync nor an eligible replica is left (KIP-966).
  public var lastLeader: NodeID?
  /// Grows with every change of leader.
  public var leaderEpoch: LeaderEpoch
  /// Grows with every change of anything here.
  public var partitionEpoch: PartitionEpoch
  /// Nobody electable was left and this leader was taken from outside the in-sync set.
  public var electedUncleanly: Bool
  /// While the partition moves (KIP-455): replicas that still have to catch up.
  public var adding: [NodeID] = []
  /// While the partition moves: replicas that go once all of `adding` are in sync.
  public var removing: [NodeID] = []

  public init(
    replicas: [NodeID], inSync: [NodeID], eligible: [NodeID] = [], leader: NodeID?, lastLeader: NodeID? = nil,
    leaderEpoch: LeaderEpoch, partitionEpoch: PartitionEpoch, electedUncleanly: Bool = false
  ) {
    self.replicas = replicas
    self.inSync = inSync
    self.eligible = eligible
    self.leader = leader
    self.lastLeader = lastLeader
    self.leaderEpoch = leaderEpoch
    self.partitionEpoch = partitionEpoch
    self.electedUncleanly = electedUncleanly
  }
}

extension MetadataRecord {
  /// Feeds the record into a fingerprint that is the same in every process.
  func fingerprint(into hasher: inout StateHasher) {
    switch self {
    case .leaderChange:
      hasher.combine(1)
    case .brokerRegistered(let broker, let incarnation, let cleanShutdown, let endpoint):
      hasher.combine(2)
      hasher.combine(broker.rawValue)
      hasher.combine(incarnation)
      hasher.combine(cleanShutdown)
      if let endpoint {
        hasher.combine(endpoint.host)
        hasher.combine(UInt64(endpoint.port))
        hasher.combine(endpoint.rack ?? "")
      }
    case .brokerFenced(let broker, let epoch):
      hasher.combine(3)
      hasher.combine(broker.rawValue)
      hasher.combine(epoch.rawValue)
    case .brokerUnfenced(let broker, let epoch):
      hasher.combine(4)
      hasher.combine(broker.rawValue)
      hasher.combine(epoch.rawValue)
    case .topicCreated(let id, let name, let partitions, let config):
      hasher.combine(5)
      hasher.combine(UInt64(id.rawValue))
      hasher.combine(name)
      for state in partitions { state.fingerprint(into: &hasher) }
      for setting in config {
        hasher.combine(setting.key)
        hasher.combine(setting.value)
      }
    case .topicDeleted(let id):
      hasher.combine(6)
      hasher.combine(UInt64(id.rawValue))
    case .partition(let id, let state):
      hasher.combine(7)
      hasher.combine(UInt64(id.topic.rawValue))
      hasher.combine(id.index)
      state.fingerprint(into: &hasher)
    case .topicConfig(let id, let key, let value):
      hasher.combine(8)
      hasher.combine(UInt64(id.rawValue))
      hasher.combine(key)
      hasher.combine(value ?? "")
    case .producerIDs(let next):
      hasher.combine(9)
      hasher.combine(next)
    case .partitionsAdded(let id, let from, let partitions):
      hasher.combine(10)
      hasher.combine(UInt64(id.rawValue))
      hasher.combine(from)
      for state in partitions { state.fingerprint(into: &hasher) }
    case .brokerConfig(let broker, let key, let value):
      hasher.combine(11)
      hasher.combine(broker?.rawValue ?? -1)
      hasher.combine(key)
      hasher.combine(value ?? "")
    case .groupConfig(let group, let key, let value):
      hasher.combine(16)
      hasher.combine(group)
      hasher.combine(key)
      hasher.combine(value ?? "")
    case .scramCredential(let user):
      hasher.combine(12)
      hasher.combine(user.name)
      hasher.combine(UInt64(user.mechanism.rawValue))
      for byte in user.salt + user.storedKey + user.serverKey { hasher.combine(UInt64(byte)) }
    case .scramDeleted(let name, let mechanism):
      hasher.combine(13)
      hasher.combine(name)
      hasher.combine(UInt64(mechanism.rawValue))
    case .accessAdded(let binding):
      hasher.combine(14)
      binding.fingerprint(into: &hasher)
    case .accessRemoved(let binding):
      hasher.combine(15)
      binding.fingerprint(into: &hasher)
    }
  }
}

extension PartitionState {
  func fingerprint(into hasher: inout StateHasher) {
    for list in [replicas, inSync, eligible] {
      hasher.combine(list.count)
      for broker in list { hasher.combine(broker.rawValue) }
    }
    hasher.combine(leader?.rawValue ?? -1)
    hasher.combine(lastLeader?.rawValue ?? -1)
    hasher.combine(leaderEpoch.rawValue)
    hasher.combine(partitionEpoch.rawValue)
    hasher.combine(electedUncleanly)
    guard isMoving else { return }
    for broker in adding + removing { hasher.combine(broker.rawValue) }
    hasher.combine(adding.count)
  }
}

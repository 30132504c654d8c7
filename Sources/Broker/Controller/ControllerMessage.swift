public import Clockwork
public import RecordLog

/// What brokers and administrators ask of the active controller.
public enum ControllerRequest: Hashable, Sendable {
  /// KIP-631 BrokerRegistration. `incarnation` is drawn anew by each process.
  case register(incarnation: UInt64, cleanShutdown: Bool, endpoint: BrokerEndpoint? = nil)
  /// KIP-631 BrokerHeartbeat. `caughtUpTo` is how far the broker has applied the metadata log: the offset after the
  /// last applied record. With `wantsToStop` its leaderships move away before the answer says that it may.
  case heartbeat(BrokerEpoch, caughtUpTo: Int64, wantsToStop: Bool)
  /// KIP-497 AlterPartition: the leader proposes a new in-sync set, each member with its broker epoch as the leader
  /// knows it (KIP-903).
  case alterPartition(
    BrokerEpoch, PartitionID, leaderEpoch: LeaderEpoch, partitionEpoch: PartitionEpoch, inSync: [InSyncMember])
  /// -1 partitions or replicas: as many as the controller is set up for. With an `assignment`, the replicas of each
  /// partition, both are -1. With `validateOnly`, here and below, the answer is given and nothing happens.
  case createTopic(
    name: String, partitions: Int32, replication: Int16, config: [TopicSetting], assignment: [[NodeID]] = [],
    validateOnly: Bool = false)
  case deleteTopic(name: String)
  case deleteTopicByID(TopicID)
  /// `count` partitions in all; `assignment` names the replicas of each new one.
  case createPartitions(topic: String, count: Int32, assignment: [[NodeID]] = [], validateOnly: Bool = false)
  /// KIP-339: all changes of one resource, or none. `replacing` resets what is not set.
  case alterConfigs(ConfigResource, [ConfigChange], replacing: Bool, validateOnly: Bool = false)
  case alterConfig(topic: String, key: String, value: String?)
  /// KIP-460 ElectLeaders: the preferred replica, or with `unclean` any live one.
  case electLeader(PartitionID, unclean: Bool)
  /// KIP-460 for several partitions, nil for all; the answer tells how each went.
  case electLeaders([PartitionID]?, unclean: Bool)
  /// KIP-455 for one partition: its future replicas, or nil to cancel the move that is under way.
  case reassign(PartitionID, [NodeID]?)
  /// KIP-554: sets or with nil deletes a user's credential.
  case alterScramUser(name: String, ScramUser.Mechanism, ScramUser?)
  /// KIP-140
  case createAccess([AccessBinding])
  case deleteAccess([AccessFilter])
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
  case topicCreated(CreatedTopic)
  /// Each partition with why it has no new leader; nil where it has.
  case leadersElected([LeaderElected])
  /// What each filter removed.
  case accessDeleted([[AccessBinding]])
  case producerIDs(first: Int64, count: Int32)
  /// `hint` is the controller as far as the answering node knows.
  case refused(BrokerError, reason: String, hint: NodeID?)
}

/// A topic as it was, or with validateOnly would be, created.
public struct CreatedTopic: Hashable, Sendable {
  public var id: TopicID
  public var partitions: Int32
  public var replication: Int16
  public var config: TopicConfig
}

/// How the election of one partition's leader went.
public struct LeaderElected: Hashable, Sendable {
  public var partition: PartitionID
  public var error: BrokerError?
  public var reason = ""
}

extension ControllerRequest {
  public var summary: String {
    switch self {
    case .register(_, let cleanShutdown, _): "Register\(cleanShutdown ? "" : " after an unclean stop")"
    case .heartbeat(let epoch, _, let wantsToStop):
      "Heartbeat b\(epoch.rawValue)\(wantsToStop ? ", wants to stop" : "")"
    case .alterPartition(_, let id, let leaderEpoch, let partitionEpoch, let inSync):
      "AlterPartition \(id) in sync \(inSync.map(\.broker.description).joined(separator: ","))"
        + " (e\(leaderEpoch), p\(partitionEpoch.rawValue))"
    case .createTopic(let name, let partitions, let replication, _, _, _):
      "CreateTopic \(name), \(partitions) partitions x \(replication)"
    case .deleteTopic(let name): "DeleteTopic \(name)"
    case .alterConfig(let topic, let key, let value): "AlterConfig \(topic) \(key)=\(value ?? "default")"
    case .electLeader(let id, let unclean):
      "Elect\(unclean ? "Unclean" : "Preferred")Leader \(id)"
    case .deleteTopicByID(let id): "DeleteTopic number \(id.rawValue)"
    case .createPartitions(let topic, let count, _, _): "CreatePartitions \(topic), \(count) in all"
    case .alterConfigs(let resource, let changes, _, _):
      "AlterConfigs \(resource): \(changes.map(\.key).joined(separator: ", "))"
    case .electLeaders(let ids, let unclean):
      "Elect\(unclean ? "Unclean" : "Preferred")Leaders of \(ids.map { "\($0.count)" } ?? "all") partitions"
    case .reassign(let id, let target):
      "Reassign \(id) to \(target?.map(\.description).joined(separator: ",") ?? "where it was")"
    case .alterScramUser(let name, _, let user): "AlterScramUser \(name)\(user == nil ? ", delete" : "")"
    case .createAccess(let bindings): "CreateAcls, \(bindings.count)"
    case .deleteAccess(let filters): "DeleteAcls, \(filters.count) filters"
    case .allocateProducerIDs: "AllocateProducerIDs"
    }
  }

  public var isRoutine: Bool {
    if case .heartbeat(_, _, wantsToStop: false) = self { true } else { false }
  }
}

extension ControllerReply {
  public var summary: String {
    switch self {
    case .registered(let epoch): "Registered b\(epoch.rawValue)"
    case .heartbeat(let fenced, let mayStop): "Heartbeat ok\(fenced ? ", fenced" : "")\(mayStop ? ", may stop" : "")"
    case .partitionAltered(let id, let state):
      "Partition \(id) in sync \(state.inSync.map(\.description).joined(separator: ","))"
        + " (p\(state.partitionEpoch.rawValue))"
    case .done, .topicCreated: "Done"
    case .leadersElected(let elected): "Elected \(elected.count { $0.error == nil }) of \(elected.count) leaders"
    case .accessDeleted(let removed): "Removed \(removed.joined().count) ACLs"
    case .producerIDs(let first, let count): "Producer ids \(first)..\(first + Int64(count) - 1)"
    case .refused(let error, let reason, _): "Refused \(error.rawValue): \(reason)"
    }
  }

  public var isRoutine: Bool {
    if case .heartbeat(_, mayStop: false) = self { true } else { false }
  }
}

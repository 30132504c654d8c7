import Broker
import Bytes

extension ControllerRequest: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .register(let incarnation, let cleanShutdown, let endpoint):
      writer.write(tag: 0, incarnation, cleanShutdown, endpoint)
    case .heartbeat(let epoch, let caughtUpTo, let wantsToStop): writer.write(tag: 1, epoch, caughtUpTo, wantsToStop)
    case .alterPartition(let epoch, let id, let leaderEpoch, let partitionEpoch, let inSync):
      writer.write(tag: 2, epoch, id, leaderEpoch, partitionEpoch, inSync)
    case .createTopic(let name, let partitions, let replication, let config, let assignment, let validateOnly):
      writer.write(tag: 3, name, partitions, replication, config, assignment, validateOnly)
    case .deleteTopic(let name): writer.write(tag: 4, name)
    case .alterConfig(let topic, let key, let value): writer.write(tag: 5, topic, key, value)
    case .electLeader(let id, let unclean): writer.write(tag: 6, id, unclean)
    case .allocateProducerIDs(let epoch): writer.write(tag: 7, epoch)
    case .deleteTopicByID(let id): writer.write(tag: 8, id)
    case .createPartitions(let topic, let count, let assignment, let validateOnly):
      writer.write(tag: 9, topic, count, assignment, validateOnly)
    case .alterConfigs(let resource, let changes, let replacing, let validateOnly):
      writer.write(tag: 10, resource, changes, replacing, validateOnly)
    case .electLeaders(let ids, let unclean): writer.write(tag: 11, ids, unclean)
    case .reassign(let id, let target): writer.write(tag: 12, id, target)
    case .alterScramUser(let name, let mechanism, let user): writer.write(tag: 13, name, mechanism, user)
    case .createAccess(let bindings): writer.write(tag: 14, bindings)
    case .deleteAccess(let filters): writer.write(tag: 15, filters)
    }
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    switch try reader.tag() {
    case 0:
      self = .register(
        incarnation: try reader.next(), cleanShutdown: try reader.next(), endpoint: try reader.next())
    case 1: self = .heartbeat(try reader.next(), caughtUpTo: try reader.next(), wantsToStop: try reader.next())
    case 2:
      self = .alterPartition(
        try reader.next(), try reader.next(), leaderEpoch: try reader.next(), partitionEpoch: try reader.next(),
        inSync: try reader.next())
    case 3:
      self = .createTopic(
        name: try reader.next(), partitions: try reader.next(), replication: try reader.next(),
        config: try reader.next(), assignment: try reader.next(), validateOnly: try reader.next())
    case 4: self = .deleteTopic(name: try reader.next())
    case 5: self = .alterConfig(topic: try reader.next(), key: try reader.next(), value: try reader.next())
    case 6: self = .electLeader(try reader.next(), unclean: try reader.next())
    case 7: self = .allocateProducerIDs(try reader.next())
    case 8: self = .deleteTopicByID(try reader.next())
    case 9:
      self = .createPartitions(
        topic: try reader.next(), count: try reader.next(), assignment: try reader.next(),
        validateOnly: try reader.next())
    case 10:
      self = .alterConfigs(
        try reader.next(), try reader.next(), replacing: try reader.next(), validateOnly: try reader.next())
    case 11: self = .electLeaders(try reader.next(), unclean: try reader.next())
    case 12: self = .reassign(try reader.next(), try reader.next())
    case 13: self = .alterScramUser(name: try reader.next(), try reader.next(), try reader.next())
    case 14: self = .createAccess(try reader.next())
    case 15: self = .deleteAccess(try reader.next())
    case let tag: throw .unknownTag(tag, of: "ControllerRequest")
    }
  }
}

extension InSyncMember: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    broker.encode(into: &writer)
    epoch.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) { self.init(try reader.next(), try reader.next()) }
}

extension ControllerReply: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .registered(let epoch): writer.write(tag: 0, epoch)
    case .heartbeat(let fenced, let mayStop): writer.write(tag: 1, fenced, mayStop)
    case .partitionAltered(let id, let state): writer.write(tag: 2, id, state)
    case .done: writer.write(tag: 3)
    case .producerIDs(let first, let count): writer.write(tag: 4, first, count)
    case .refused(let error, let reason, let hint): writer.write(tag: 5, error, reason, hint)
    case .topicCreated(let topic): writer.write(tag: 6, topic)
    case .leadersElected(let elected): writer.write(tag: 7, elected)
    case .accessDeleted(let removed): writer.write(tag: 8, removed)
    }
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    switch try reader.tag() {
    case 0: self = .registered(try reader.next())
    case 1: self = .heartbeat(fenced: try reader.next(), mayStop: try reader.next())
    case 2: self = .partitionAltered(try reader.next(), try reader.next())
    case 3: self = .done
    case 4: self = .producerIDs(first: try reader.next(), count: try reader.next())
    case 5: self = .refused(try reader.next(), reason: try reader.next(), hint: try reader.next())
    case 6: self = .topicCreated(try reader.next())
    case 7: self = .leadersElected(try reader.next())
    case 8: self = .accessDeleted(try reader.next())
    case let tag: throw .unknownTag(tag, of: "ControllerReply")
    }
  }
}

import Broker
import Bytes
import Clockwork

// Also what the quorum's journal on disk consists of: a change here changes `QuorumJournal`'s format.

extension QuorumEntry: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    epoch.encode(into: &writer)
    record.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) { self.init(try reader.next(), try reader.next()) }
}

extension QuorumVote: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    epoch.encode(into: &writer)
    votedFor.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) { self.init(try reader.next(), try reader.next()) }
}

extension MetadataRecord: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .leaderChange: writer.write(tag: 0)
    case .brokerRegistered(let broker, let incarnation, let cleanShutdown, let endpoint):
      writer.write(tag: 1, broker, incarnation, cleanShutdown, endpoint)
    case .brokerFenced(let broker, let epoch): writer.write(tag: 2, broker, epoch)
    case .brokerUnfenced(let broker, let epoch): writer.write(tag: 3, broker, epoch)
    case .topicCreated(let id, let name, let partitions, let config):
      writer.write(tag: 4, id, name, partitions, config)
    case .topicDeleted(let id): writer.write(tag: 5, id)
    case .partition(let id, let state): writer.write(tag: 6, id, state)
    case .topicConfig(let id, let key, let value): writer.write(tag: 7, id, key, value)
    case .producerIDs(let next): writer.write(tag: 8, next)
    case .partitionsAdded(let id, let from, let states): writer.write(tag: 9, id, from, states)
    case .brokerConfig(let broker, let key, let value): writer.write(tag: 10, broker, key, value)
    case .scramCredential(let user): writer.write(tag: 11, user)
    case .scramDeleted(let user, let mechanism): writer.write(tag: 12, user, mechanism)
    case .accessAdded(let binding): writer.write(tag: 13, binding)
    case .accessRemoved(let binding): writer.write(tag: 14, binding)
    case .groupConfig(let group, let key, let value): writer.write(tag: 15, group, key, value)
    }
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    switch try reader.tag() {
    case 0: self = .leaderChange
    case 1:
      self = .brokerRegistered(
        try reader.next(), incarnation: try reader.next(), cleanShutdown: try reader.next(), endpoint: try reader.next()
      )
    case 2: self = .brokerFenced(try reader.next(), try reader.next())
    case 3: self = .brokerUnfenced(try reader.next(), try reader.next())
    case 4:
      self = .topicCreated(
        try reader.next(), name: try reader.next(), partitions: try reader.next(), config: try reader.next())
    case 5: self = .topicDeleted(try reader.next())
    case 6: self = .partition(try reader.next(), try reader.next())
    case 7: self = .topicConfig(try reader.next(), key: try reader.next(), value: try reader.next())
    case 8: self = .producerIDs(next: try reader.next())
    case 9: self = .partitionsAdded(try reader.next(), from: try reader.next(), try reader.next())
    case 10: self = .brokerConfig(try reader.next(), key: try reader.next(), value: try reader.next())
    case 11: self = .scramCredential(try reader.next())
    case 12: self = .scramDeleted(user: try reader.next(), try reader.next())
    case 13: self = .accessAdded(try reader.next())
    case 14: self = .accessRemoved(try reader.next())
    case 15: self = .groupConfig(try reader.next(), key: try reader.next(), value: try reader.next())
    case let tag: throw .unknownTag(tag, of: "MetadataRecord")
    }
  }
}

extension BrokerEndpoint: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    host.encode(into: &writer)
    port.encode(into: &writer)
    rack.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(host: try reader.next(), port: try reader.next(), rack: try reader.next())
  }
}

extension TopicSetting: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    key.encode(into: &writer)
    value.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) { self.init(try reader.next(), try reader.next()) }
}

extension PartitionState: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    replicas.encode(into: &writer)
    inSync.encode(into: &writer)
    eligible.encode(into: &writer)
    leader.encode(into: &writer)
    lastLeader.encode(into: &writer)
    leaderEpoch.encode(into: &writer)
    partitionEpoch.encode(into: &writer)
    electedUncleanly.encode(into: &writer)
    adding.encode(into: &writer)
    removing.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      replicas: try reader.next(), inSync: try reader.next(), eligible: try reader.next(), leader: try reader.next(),
      lastLeader: try reader.next(), leaderEpoch: try reader.next(), partitionEpoch: try reader.next(),
      electedUncleanly: try reader.next())
    adding = try reader.next()
    removing = try reader.next()
  }
}

extension MetadataRequest: PeerCodable {
  func encode(into writer: inout ByteWriter) { topics.encode(into: &writer) }
  init(from reader: inout ByteReader) throws(PeerError) { self.init(topics: try reader.next()) }
}

extension MetadataReply: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    controller.encode(into: &writer)
    brokers.encode(into: &writer)
    topics.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(controller: try reader.next(), brokers: try reader.next(), topics: try reader.next())
  }
}

extension TopicMetadata: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    name.encode(into: &writer)
    error.encode(into: &writer)
    id.encode(into: &writer)
    partitions.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      name: try reader.next(), error: try reader.next(), id: try reader.next(), partitions: try reader.next())
  }
}

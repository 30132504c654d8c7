import Broker
import Bytes
import Clockwork

// Also what the quorum's journal on disk begins with: a change here changes `QuorumJournal`'s format.

extension QuorumSnapshot: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    image.encode(into: &writer)
    epoch.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(image: try reader.next(), epoch: try reader.next())
  }
}

extension MetadataImage: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    appliedThrough.encode(into: &writer)
    brokers.encode(into: &writer)
    nextProducerID.encode(into: &writer)
    identity.encode(into: &writer)
    brokerConfigs.encode(into: &writer)
    groupConfigs.encode(into: &writer)
    scramUsers.encode(into: &writer)
    access.encode(into: &writer)
    slots.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    guard
      let image = MetadataImage(
        appliedThrough: try reader.next(), brokers: try reader.next(), nextProducerID: try reader.next(),
        identity: try reader.next(), brokerConfigs: try reader.next(), groupConfigs: try reader.next(),
        scramUsers: try reader.next(), access: try reader.next(), slots: try reader.next())
    else { throw .inconsistent("MetadataImage") }
    self = image
  }
}

extension BrokerRegistration: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    id.encode(into: &writer)
    epoch.encode(into: &writer)
    incarnation.encode(into: &writer)
    fenced.encode(into: &writer)
    cleanShutdown.encode(into: &writer)
    endpoint.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      id: try reader.next(), epoch: try reader.next(), incarnation: try reader.next(), fenced: try reader.next(),
      cleanShutdown: try reader.next(), endpoint: try reader.next())
  }
}

extension ClusterIdentity: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    high.encode(into: &writer)
    low.encode(into: &writer)
    topics.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(high: try reader.next(), low: try reader.next(), topics: try reader.next())
  }
}

extension BrokerOverride: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    broker.encode(into: &writer)
    setting.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(broker: try reader.next(), setting: try reader.next())
  }
}

extension GroupOverride: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    group.encode(into: &writer)
    setting.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(group: try reader.next(), setting: try reader.next())
  }
}

extension TopicImage: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    id.encode(into: &writer)
    name.encode(into: &writer)
    partitions.encode(into: &writer)
    config.overrides.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(id: try reader.next(), name: try reader.next(), partitions: try reader.next())
    config = TopicConfig(try reader.next())
  }
}

import Broker
import Bytes
import Clockwork

// The new group protocol (KIP-848), between brokers.

extension GroupKind: PeerNamed {}

extension TopicUUID: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    high.encode(into: &writer)
    low.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(high: try reader.next(), low: try reader.next())
  }
}

extension OwnedPartition: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    topic.encode(into: &writer)
    index.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) { self.init(try reader.next(), try reader.next()) }
}

extension ConsumerHeartbeat: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    group.encode(into: &writer)
    member.encode(into: &writer)
    epoch.encode(into: &writer)
    instance.encode(into: &writer)
    rack.encode(into: &writer)
    rebalanceTimeout.encode(into: &writer)
    topics.encode(into: &writer)
    pattern.encode(into: &writer)
    assignor.encode(into: &writer)
    owned.encode(into: &writer)
    clientID.encode(into: &writer)
    clientHost.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      group: try reader.next(), member: try reader.next(), epoch: try reader.next(), instance: try reader.next(),
      rack: try reader.next(), rebalanceTimeout: try reader.next(), topics: try reader.next(),
      pattern: try reader.next(), assignor: try reader.next(), owned: try reader.next(), clientID: try reader.next(),
      clientHost: try reader.next())
  }
}

extension ConsumerHeartbeatAnswer: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    member.encode(into: &writer)
    epoch.encode(into: &writer)
    interval.encode(into: &writer)
    assignment.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      member: try reader.next(), epoch: try reader.next(), interval: try reader.next(),
      assignment: try reader.next())
  }
}

extension DescribedConsumerGroup: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    state.encode(into: &writer)
    epoch.encode(into: &writer)
    assignmentEpoch.encode(into: &writer)
    assignor.encode(into: &writer)
    members.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      state: try reader.next(), epoch: try reader.next(), assignmentEpoch: try reader.next(),
      assignor: try reader.next(), members: try reader.next())
  }
}

extension DescribedConsumerGroup.Member: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    id.encode(into: &writer)
    instance.encode(into: &writer)
    rack.encode(into: &writer)
    epoch.encode(into: &writer)
    client.encode(into: &writer)
    host.encode(into: &writer)
    topics.encode(into: &writer)
    pattern.encode(into: &writer)
    assigned.encode(into: &writer)
    target.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      id: try reader.next(), instance: try reader.next(), rack: try reader.next(), epoch: try reader.next(),
      client: try reader.next(), host: try reader.next(), topics: try reader.next(), pattern: try reader.next(),
      assigned: try reader.next(), target: try reader.next())
  }
}

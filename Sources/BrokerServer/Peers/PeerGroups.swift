import Broker
import Bytes
import Clockwork

extension GroupRequest: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .findCoordinator(let group): writer.write(tag: 0, group)
    case .join(let request): writer.write(tag: 1, request)
    case .sync(let claim, let assignments): writer.write(tag: 2, claim, assignments)
    case .heartbeat(let claim): writer.write(tag: 3, claim)
    case .leave(let claim): writer.write(tag: 4, claim)
    case .commitOffsets(let claim, let offsets): writer.write(tag: 5, claim, offsets)
    case .commitTransactionOffsets(let claim, let transaction, let offsets):
      writer.write(tag: 6, claim, transaction, offsets)
    case .fetchOffsets(let group, let partitions, let requireStable, let member):
      writer.write(tag: 7, group, partitions, requireStable, member)
    case .deleteOffsets(let group, let partitions): writer.write(tag: 8, group, partitions)
    case .describe(let group): writer.write(tag: 9, group)
    case .list(let states, let kinds): writer.write(tag: 10, states, kinds)
    case .delete(let group): writer.write(tag: 11, group)
    case .consumerHeartbeat(let heartbeat): writer.write(tag: 12, heartbeat)
    case .describeConsumers(let group): writer.write(tag: 13, group)
    }
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    switch try reader.tag() {
    case 0: self = .findCoordinator(group: try reader.next())
    case 1: self = .join(try reader.next())
    case 2: self = .sync(try reader.next(), assignments: try reader.next())
    case 3: self = .heartbeat(try reader.next())
    case 4: self = .leave(try reader.next())
    case 5: self = .commitOffsets(try reader.next(), offsets: try reader.next())
    case 6: self = .commitTransactionOffsets(try reader.next(), try reader.next(), offsets: try reader.next())
    case 7:
      self = .fetchOffsets(
        group: try reader.next(), partitions: try reader.next(), requireStable: try reader.next(),
        member: try reader.next())
    case 8: self = .deleteOffsets(group: try reader.next(), partitions: try reader.next())
    case 9: self = .describe(group: try reader.next())
    case 10: self = .list(states: try reader.next(), kinds: try reader.next())
    case 11: self = .delete(group: try reader.next())
    case 12: self = .consumerHeartbeat(try reader.next())
    case 13: self = .describeConsumers(group: try reader.next())
    case let tag: throw .unknownTag(tag, of: "GroupRequest")
    }
  }
}

extension JoinRequest: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    group.encode(into: &writer)
    member.encode(into: &writer)
    instance.encode(into: &writer)
    sessionTimeout.encode(into: &writer)
    rebalanceTimeout.encode(into: &writer)
    protocolType.encode(into: &writer)
    protocols.encode(into: &writer)
    clientID.encode(into: &writer)
    clientHost.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      group: try reader.next(), member: try reader.next(), instance: try reader.next(),
      sessionTimeout: try reader.next(), rebalanceTimeout: try reader.next(), protocolType: try reader.next(),
      protocols: try reader.next(), clientID: try reader.next(), clientHost: try reader.next())
  }
}

extension GroupClaim: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    group.encode(into: &writer)
    generation.encode(into: &writer)
    member.encode(into: &writer)
    instance.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      group: try reader.next(), generation: try reader.next(), member: try reader.next(),
      instance: try reader.next())
  }
}

extension GroupProtocol: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    name.encode(into: &writer)
    metadata.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(name: try reader.next(), metadata: try reader.next())
  }
}

extension MemberAssignment: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    member.encode(into: &writer)
    assignment.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(member: try reader.next(), assignment: try reader.next())
  }
}

extension GroupOffset: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    partition.encode(into: &writer)
    offset.encode(into: &writer)
    leaderEpoch.encode(into: &writer)
    metadata.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      partition: try reader.next(), offset: try reader.next(), leaderEpoch: try reader.next(),
      metadata: try reader.next())
  }
}

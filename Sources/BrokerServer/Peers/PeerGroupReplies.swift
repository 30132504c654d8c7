import Broker
import Bytes
import Clockwork

extension GroupReply: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .coordinator(let node): writer.write(tag: 0, node)
    case .joined(let joined): writer.write(tag: 1, joined)
    case .synced(let assignment): writer.write(tag: 2, assignment)
    case .alive: writer.write(tag: 3)
    case .ok: writer.write(tag: 4)
    case .offsets(let offsets): writer.write(tag: 5, offsets)
    case .described(let group): writer.write(tag: 6, group)
    case .listed(let listings): writer.write(tag: 7, listings)
    case .offsetsDeleted(let deletions): writer.write(tag: 8, deletions)
    case .refused(let error, let member): writer.write(tag: 9, error, member)
    case .reconciled(let answer): writer.write(tag: 10, answer)
    case .describedConsumers(let group): writer.write(tag: 11, group)
    }
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    switch try reader.tag() {
    case 0: self = .coordinator(try reader.next())
    case 1: self = .joined(try reader.next())
    case 2: self = .synced(assignment: try reader.next())
    case 3: self = .alive
    case 4: self = .ok
    case 5: self = .offsets(try reader.next())
    case 6: self = .described(try reader.next())
    case 7: self = .listed(try reader.next())
    case 8: self = .offsetsDeleted(try reader.next())
    case 9: self = .refused(try reader.next(), member: try reader.next())
    case 10: self = .reconciled(try reader.next())
    case 11: self = .describedConsumers(try reader.next())
    case let tag: throw .unknownTag(tag, of: "GroupReply")
    }
  }
}

extension JoinedGroup: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    generation.encode(into: &writer)
    member.encode(into: &writer)
    leader.encode(into: &writer)
    protocolType.encode(into: &writer)
    protocolName.encode(into: &writer)
    members.encode(into: &writer)
    skipAssignment.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      generation: try reader.next(), member: try reader.next(), leader: try reader.next(),
      protocolType: try reader.next(), protocolName: try reader.next(), members: try reader.next(),
      skipAssignment: try reader.next())
  }
}

extension JoinedMember: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    member.encode(into: &writer)
    instance.encode(into: &writer)
    metadata.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(member: try reader.next(), instance: try reader.next(), metadata: try reader.next())
  }
}

extension DescribedGroup: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    state.encode(into: &writer)
    generation.encode(into: &writer)
    protocolType.encode(into: &writer)
    protocolName.encode(into: &writer)
    members.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      state: try reader.next(), generation: try reader.next(), protocolType: try reader.next(),
      protocolName: try reader.next(), members: try reader.next())
  }
}

extension DescribedMember: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    member.encode(into: &writer)
    instance.encode(into: &writer)
    client.encode(into: &writer)
    host.encode(into: &writer)
    metadata.encode(into: &writer)
    assignment.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      member: try reader.next(), instance: try reader.next(), client: try reader.next(), host: try reader.next(),
      metadata: try reader.next(), assignment: try reader.next())
  }
}

extension GroupListing: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    group.encode(into: &writer)
    protocolType.encode(into: &writer)
    state.encode(into: &writer)
    kind.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      group: try reader.next(), protocolType: try reader.next(), state: try reader.next(), kind: try reader.next())
  }
}

extension OffsetDeletion: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    partition.encode(into: &writer)
    error.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) { self.init(try reader.next(), try reader.next()) }
}

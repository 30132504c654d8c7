import Broker
import Bytes
import Clockwork

extension TransactionRequest: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .findCoordinator(let id): writer.write(tag: 0, id)
    case .initProducer(let request): writer.write(tag: 1, request)
    case .addPartitions(let claim, let partitions): writer.write(tag: 2, claim, partitions)
    case .addOffsets(let claim, let group): writer.write(tag: 3, claim, group)
    case .end(let claim, let commit, let bumpsEpoch): writer.write(tag: 4, claim, commit, bumpsEpoch)
    case .verify(let claim, let partition): writer.write(tag: 5, claim, partition)
    case .describe(let id): writer.write(tag: 6, id)
    case .list: writer.write(tag: 7)
    }
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    switch try reader.tag() {
    case 0: self = .findCoordinator(transactionalID: try reader.next())
    case 1: self = .initProducer(try reader.next())
    case 2: self = .addPartitions(try reader.next(), try reader.next())
    case 3: self = .addOffsets(try reader.next(), group: try reader.next())
    case 4: self = .end(try reader.next(), commit: try reader.next(), bumpsEpoch: try reader.next())
    case 5: self = .verify(try reader.next(), try reader.next())
    case 6: self = .describe(transactionalID: try reader.next())
    case 7: self = .list
    case let tag: throw .unknownTag(tag, of: "TransactionRequest")
    }
  }
}

extension TransactionClaim: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    transactionalID.encode(into: &writer)
    producerID.encode(into: &writer)
    producerEpoch.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(transactionalID: try reader.next(), producerID: try reader.next(), producerEpoch: try reader.next())
  }
}

extension InitProducerRequest: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    transactionalID.encode(into: &writer)
    timeout.encode(into: &writer)
    producerID.encode(into: &writer)
    producerEpoch.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      transactionalID: try reader.next(), timeout: try reader.next(), producerID: try reader.next(),
      producerEpoch: try reader.next())
  }
}

extension TransactionReply: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .coordinator(let node): writer.write(tag: 0, node)
    case .producer(let id, let epoch): writer.write(tag: 1, id, epoch)
    case .ok: writer.write(tag: 2)
    case .described(let description): writer.write(tag: 3, description)
    case .listed(let listings): writer.write(tag: 4, listings)
    case .refused(let error): writer.write(tag: 5, error)
    }
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    switch try reader.tag() {
    case 0: self = .coordinator(try reader.next())
    case 1: self = .producer(id: try reader.next(), epoch: try reader.next())
    case 2: self = .ok
    case 3: self = .described(try reader.next())
    case 4: self = .listed(try reader.next())
    case 5: self = .refused(try reader.next())
    case let tag: throw .unknownTag(tag, of: "TransactionReply")
    }
  }
}

extension TransactionDescription: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    transactionalID.encode(into: &writer)
    state.encode(into: &writer)
    producerID.encode(into: &writer)
    producerEpoch.encode(into: &writer)
    timeout.encode(into: &writer)
    started.encode(into: &writer)
    partitions.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      transactionalID: try reader.next(), state: try reader.next(), producerID: try reader.next(),
      producerEpoch: try reader.next(), timeout: try reader.next(), started: try reader.next(),
      partitions: try reader.next())
  }
}

extension TransactionListing: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    transactionalID.encode(into: &writer)
    producerID.encode(into: &writer)
    state.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(transactionalID: try reader.next(), producerID: try reader.next(), state: try reader.next())
  }
}

import Broker
import Bytes
import Clockwork

// What administrators have brokers carry to the controller.

extension CreatedTopic: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    id.encode(into: &writer)
    partitions.encode(into: &writer)
    replication.encode(into: &writer)
    config.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      id: try reader.next(), partitions: try reader.next(), replication: try reader.next(), config: try reader.next())
  }
}

/// As what was given; the rest is derived.
extension TopicConfig: PeerCodable {
  func encode(into writer: inout ByteWriter) { overrides.encode(into: &writer) }
  init(from reader: inout ByteReader) throws(PeerError) { self.init(try reader.next()) }
}

extension LeaderElected: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    partition.encode(into: &writer)
    error.encode(into: &writer)
    reason.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(partition: try reader.next(), error: try reader.next(), reason: try reader.next())
  }
}

extension ConfigResource: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .topic(let name): writer.write(tag: 0, name)
    case .broker(let id): writer.write(tag: 1, id)
    case .group(let name): writer.write(tag: 2, name)
    }
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    switch try reader.tag() {
    case 0: self = .topic(try reader.next())
    case 1: self = .broker(try reader.next())
    case 2: self = .group(try reader.next())
    case let tag: throw .unknownTag(tag, of: "ConfigResource")
    }
  }
}

extension ConfigChange: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .set(let key, let value): writer.write(tag: 0, key, value)
    case .delete(let key): writer.write(tag: 1, key)
    case .append(let key, let value): writer.write(tag: 2, key, value)
    case .subtract(let key, let value): writer.write(tag: 3, key, value)
    }
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    switch try reader.tag() {
    case 0: self = .set(try reader.next(), try reader.next())
    case 1: self = .delete(try reader.next())
    case 2: self = .append(try reader.next(), try reader.next())
    case 3: self = .subtract(try reader.next(), try reader.next())
    case let tag: throw .unknownTag(tag, of: "ConfigChange")
    }
  }
}

// MARK: Security

extension ScramUser.Mechanism: PeerNamed {}
extension AccessResource: PeerNamed {}
extension AccessOperation: PeerNamed {}
extension AccessPattern: PeerNamed {}

extension ScramUser: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    name.encode(into: &writer)
    mechanism.encode(into: &writer)
    salt.encode(into: &writer)
    storedKey.encode(into: &writer)
    serverKey.encode(into: &writer)
    iterations.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      name: try reader.next(), mechanism: try reader.next(), salt: try reader.next(), storedKey: try reader.next(),
      serverKey: try reader.next(), iterations: try reader.next())
  }
}

extension AccessBinding: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    resource.encode(into: &writer)
    name.encode(into: &writer)
    pattern.encode(into: &writer)
    principal.encode(into: &writer)
    host.encode(into: &writer)
    operation.encode(into: &writer)
    isAllowed.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init(
      try reader.next(), try reader.next(), try reader.next(), principal: try reader.next(), host: try reader.next(),
      try reader.next(), isAllowed: try reader.next())
  }
}

extension AccessFilter.Pattern: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .any: writer.write(tag: 0)
    case .exactly(let pattern): writer.write(tag: 1, pattern)
    case .match: writer.write(tag: 2)
    }
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    switch try reader.tag() {
    case 0: self = .any
    case 1: self = .exactly(try reader.next())
    case 2: self = .match
    case let tag: throw .unknownTag(tag, of: "AccessFilter.Pattern")
    }
  }
}

extension AccessFilter: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    resource.encode(into: &writer)
    name.encode(into: &writer)
    pattern.encode(into: &writer)
    principal.encode(into: &writer)
    host.encode(into: &writer)
    operation.encode(into: &writer)
    isAllowed.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    self.init()
    resource = try reader.next()
    name = try reader.next()
    pattern = try reader.next()
    principal = try reader.next()
    host = try reader.next()
    operation = try reader.next()
    isAllowed = try reader.next()
  }
}

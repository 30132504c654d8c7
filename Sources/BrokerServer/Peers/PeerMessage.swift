import Broker
import Bytes
import Clockwork

/// A message on its way to another process: from whom, to whom. Either may be a connection, which lives where its broker
/// does.
struct PeerMessage: Hashable {
  var from: NodeID
  var to: NodeID
  var message: BrokerMessage
}

extension PeerMessage {
  /// The format's version, then the message.
  func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(PeerFormat.version)
    from.encode(into: &writer)
    to.encode(into: &writer)
    message.encode(into: &writer)
    return writer.bytes
  }

  init(decoding bytes: ArraySlice<UInt8>) throws(PeerError) {
    var reader = ByteReader(bytes)
    let version = try reader.next(UInt8.self)
    guard version == PeerFormat.version else { throw .unsupportedVersion(version) }
    self.init(from: try reader.next(), to: try reader.next(), message: try reader.next())
    guard reader.isAtEnd else { throw .trailing(reader.remaining) }
  }
}

extension BrokerMessage: PeerCodable {
  func encode(into writer: inout ByteWriter) {
    switch self {
    case .quorum(let message): writer.write(tag: 0, message)
    case .toController(let request, let id): writer.write(tag: 1, request, id)
    case .fromController(let reply, let id): writer.write(tag: 2, reply, id)
    case .fetch(let request, let id): writer.write(tag: 3, request, id)
    case .fetched(let reply, let id): writer.write(tag: 4, reply, id)
    case .epochEnd(let request, let id): writer.write(tag: 5, request, id)
    case .epochEnded(let reply, let id): writer.write(tag: 6, reply, id)
    case .produce(let request, let id): writer.write(tag: 7, request, id)
    case .produced(let reply, let id): writer.write(tag: 8, reply, id)
    case .metadata(let request, let id): writer.write(tag: 9, request, id)
    case .metadataIs(let reply, let id): writer.write(tag: 10, reply, id)
    case .toGroup(let request, let id): writer.write(tag: 11, request, id)
    case .fromGroup(let reply, let id): writer.write(tag: 12, reply, id)
    case .toTransactions(let request, let id): writer.write(tag: 13, request, id)
    case .fromTransactions(let reply, let id): writer.write(tag: 14, reply, id)
    case .writeMarkers(let request, let id): writer.write(tag: 15, request, id)
    case .markersWritten(let reply, let id): writer.write(tag: 16, reply, id)
    // Said at a console to a simulated client. It does not travel: whoever reads it refuses it.
    case .command: writer.write(tag: .max)
    }
  }

  init(from reader: inout ByteReader) throws(PeerError) {
    switch try reader.tag() {
    case 0: self = .quorum(try reader.next())
    case 1: self = .toController(try reader.next(), try reader.next())
    case 2: self = .fromController(try reader.next(), try reader.next())
    case 3: self = .fetch(try reader.next(), try reader.next())
    case 4: self = .fetched(try reader.next(), try reader.next())
    case 5: self = .epochEnd(try reader.next(), try reader.next())
    case 6: self = .epochEnded(try reader.next(), try reader.next())
    case 7: self = .produce(try reader.next(), try reader.next())
    case 8: self = .produced(try reader.next(), try reader.next())
    case 9: self = .metadata(try reader.next(), try reader.next())
    case 10: self = .metadataIs(try reader.next(), try reader.next())
    case 11: self = .toGroup(try reader.next(), try reader.next())
    case 12: self = .fromGroup(try reader.next(), try reader.next())
    case 13: self = .toTransactions(try reader.next(), try reader.next())
    case 14: self = .fromTransactions(try reader.next(), try reader.next())
    case 15: self = .writeMarkers(try reader.next(), try reader.next())
    case 16: self = .markersWritten(try reader.next(), try reader.next())
    case let tag: throw .unknownTag(tag, of: "BrokerMessage")
    }
  }
}

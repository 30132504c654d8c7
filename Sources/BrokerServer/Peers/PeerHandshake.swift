import Bytes
import Clockwork

/// The first frame on a link: who calls whom. Nothing answers it; a call that is for somebody else is hung up on.
///
/// It guards against mistakes, not against enemies: peers are not authenticated, which is why they listen on loopback
/// unless told otherwise.
struct PeerHandshake: Hashable {
  private static let magic: [UInt8] = Array("baedalp".utf8)

  var from: NodeID
  var to: NodeID
  /// The voters of the controller quorum, which no two clusters of one operator share by mistake.
  var voters: [NodeID]

  init(from: NodeID, to: NodeID, voters: [NodeID]) {
    self.from = from
    self.to = to
    self.voters = voters
  }

  func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(bytes: Self.magic)
    writer.write(PeerFormat.version)
    from.encode(into: &writer)
    to.encode(into: &writer)
    voters.encode(into: &writer)
    return writer.bytes
  }

  init(decoding bytes: ArraySlice<UInt8>) throws(PeerError) {
    guard bytes.starts(with: Self.magic) else { throw .unknownName("", of: "PeerHandshake") }
    var reader = ByteReader(bytes.dropFirst(Self.magic.count))
    let version = try reader.next(UInt8.self)
    guard version == PeerFormat.version else { throw .unsupportedVersion(version) }
    self.init(from: try reader.next(), to: try reader.next(), voters: try reader.next())
    guard reader.isAtEnd else { throw .trailing(reader.remaining) }
  }
}

/// What bounds the traffic between brokers.
enum PeerLimits {
  /// A request's largest size and some more for what is around it.
  static let frameBytes = 128 << 20
  /// What may wait to be sent to one peer.
  static let pendingBytes = 256 << 20
  static let handshakeBytes = 4096
}

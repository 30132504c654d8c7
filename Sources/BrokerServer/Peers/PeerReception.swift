import Broker
import Clockwork
import Logging
import NIOCore

/// A peer's link, at the end that listens: checks who calls, then hands on what comes.
final class PeerReception: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let node: LiveNode
  private let network: LiveNetwork
  private let voters: [NodeID]
  private let logger: Logger
  private var frames = FrameReader(limit: PeerLimits.frameBytes)
  /// Nil until it has said who it is.
  private var peer: NodeID?

  init(_ node: LiveNode, _ network: LiveNetwork, voters: [NodeID], logger: Logger) {
    self.node = node
    self.network = network
    self.voters = voters
    self.logger = logger
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    frames.append(unwrapInboundIn(data))
    if peer == nil, frames.pendingBytes > PeerLimits.handshakeBytes, !greetingFits {
      return hangUp(context, "no greeting of a broker")
    }
    do {
      try node.batch { () throws -> Void in
        while let frame = try frames.next() { try take(frame) }
      }
    } catch {
      hangUp(context, "\(error)")
    }
  }

  private var greetingFits: Bool { frames.nextLength.map { $0 <= PeerLimits.handshakeBytes } ?? true }

  private func take(_ frame: [UInt8]) throws(PeerError) {
    guard let peer else {
      let caller = try greet(frame)
      peer = caller
      node.called(by: caller)
      return
    }
    let message = try PeerMessage(decoding: frame[...])
    guard message.from.host == peer, message.to.host == node.id else {
      throw .misdirected(from: message.from, to: message.to)
    }
    guard !network.isCut(peer, node.id) else { return }
    node.arrive(message.message, from: message.from, to: message.to)
  }

  private func greet(_ frame: [UInt8]) throws(PeerError) -> NodeID {
    let greeting = try PeerHandshake(decoding: frame[...])
    guard greeting.to == node.id, greeting.from != node.id, greeting.voters == voters, voters.contains(greeting.from)
    else { throw .misdirected(from: greeting.from, to: greeting.to) }
    return greeting.from
  }

  func channelInactive(context: ChannelHandlerContext) {
    if let peer { node.hungUp(by: peer) }
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { hangUp(context, "\(error)") }

  private func hangUp(_ context: ChannelHandlerContext, _ reason: String) {
    logger.warning("hanging up on a peer", metadata: ["peer": "\(peer?.description ?? "?")", "reason": "\(reason)"])
    context.close(promise: nil)
  }
}

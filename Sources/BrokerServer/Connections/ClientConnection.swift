import Broker
import Clockwork
import DequeModule
import KafkaWire
import Logging
import NIOCore

/// One client's connection: requests in, responses out in the order of the requests.
///
/// Requests are handed on at once, so a client that pipelines is served in parallel; a response that is ready before
/// its turn waits. A client with many requests under way, or one that does not read its responses, is not read from
/// until it has caught up: it holds up nobody but itself.
final class ClientConnection: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = Never
  typealias OutboundOut = IOData

  private struct Slot {
    var response: ResponseFrame?
    /// Produce with acks=0 is not answered at all.
    var isSilent = false
  }

  let node: NodeID
  let server: NodeServer
  private(set) var peer = "unknown"
  private var context: ChannelHandlerContext?
  private var frames: FrameReader
  private var slots = Deque<Slot>()
  /// The number of the slot in front.
  private var firstSlot: UInt64 = 0
  private var isDispatching = false
  private var wantsRead = false
  private var needsFlush = false

  private var asks: [UInt32: (BrokerMessage) -> Void] = [:]
  private var nextCorrelation: UInt32 = 0
  /// The client's id in its latest request.
  private(set) var client = ""

  init(_ node: NodeID, of server: NodeServer) {
    self.node = node
    self.server = server
    frames = FrameReader(limit: server.limits.requestBytes)
  }

  // MARK: The channel

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    peer = context.remoteAddress.map { $0.ipAddress ?? "\($0)" } ?? "unknown"
    server.opened(self)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.context = nil
    asks = [:]
    slots = []
    server.closed(self)
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    frames.append(unwrapInboundIn(data))
    dispatch()
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    flush()
    context.fireChannelReadComplete()
  }

  /// Reads on only while this client is not behind.
  func read(context: ChannelHandlerContext) {
    if isBehind { wantsRead = true } else { context.read() }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    dispatch()
    flush()
    context.fireChannelWritabilityChanged()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { close("\(error)") }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent {
      // A fetch that waits for records is not idleness.
      if slots.isEmpty { close("idle for \(server.limits.idle)") }
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  func close(_ reason: String) {
    guard let context else { return }
    server.logger.info("closing a connection", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
    self.context = nil
    context.close(promise: nil)
  }

  private var isBehind: Bool {
    slots.count >= server.limits.requestsPerConnection || context?.channel.isWritable != true || server.isPaused
  }

  // MARK: Requests

  /// Hands on every whole request that has come, as long as the client is not behind.
  func dispatch() {
    guard !isDispatching else { return }
    isDispatching = true
    server.node.batch {
      while context != nil, !isBehind {
        do {
          guard let frame = try frames.next() else { break }
          try accept(frame)
        } catch {
          close("\(error)")
        }
      }
    }
    isDispatching = false
    if wantsRead, !isBehind, let context {
      wantsRead = false
      context.read()
    }
  }

  private func accept(_ frame: [UInt8]) throws {
    var body = frame[...]
    let header = try RequestHeader(reading: &body)
    if let name = header.client { client = name }
    slots.append(Slot())
    let exchange = Exchange(connection: self, header: header, slot: firstSlot + UInt64(slots.count - 1))
    try exchange.serve(body)
  }

  /// Sends a message to the broker and hears its answer; nothing is heard once the connection is closed.
  func ask(_ to: NodeID, _ message: (CorrelationID) -> BrokerMessage, _ hear: @escaping (BrokerMessage) -> Void) {
    nextCorrelation &+= 1
    asks[nextCorrelation] = hear
    server.send(message(CorrelationID(nextCorrelation)), from: node, to: to)
  }

  /// Sends a message that has no answer.
  func tell(_ to: NodeID, _ message: BrokerMessage) { server.send(message, from: node, to: to) }

  // MARK: Responses

  func complete(_ slot: UInt64, with response: ResponseFrame?) {
    guard slot >= firstSlot, context != nil else { return }
    let index = Int(slot - firstSlot)
    guard index < slots.count else { return }
    slots[index].response = response
    slots[index].isSilent = response == nil
    while let first = slots.first, first.isSilent || first.response != nil {
      slots.removeFirst()
      firstSlot += 1
      if let response = first.response { write(response) }
    }
    if !isDispatching {
      server.node.afterDrain { [weak self] in
        self?.dispatch()
        self?.flush()
      }
    }
  }

  private func write(_ response: ResponseFrame) {
    guard let context else { return }
    for part in response.parts {
      guard let payload = part.payload(canSendFiles: server.canSendFiles) else {
        return close("a log's file cannot be read")
      }
      context.write(wrapOutboundOut(payload), promise: part.closing(payload, on: context.eventLoop))
    }
    needsFlush = true
  }

  private func flush() {
    guard needsFlush, let context else { return }
    needsFlush = false
    context.flush()
  }
}

extension ClientConnection: ReplyListener {
  func hear(_ message: BrokerMessage) {
    guard let id = message.answers, let hear = asks.removeValue(forKey: id.rawValue) else { return }
    hear(message)
  }
}

extension BrokerMessage {
  /// The question that this message answers; nil for one that is no answer to a client.
  var answers: CorrelationID? {
    switch self {
    case .fetched(_, let id), .produced(_, let id), .epochEnded(_, let id), .metadataIs(_, let id),
      .fromController(_, let id), .fromGroup(_, let id), .fromTransactions(_, let id):
      id
    default: nil
    }
  }
}

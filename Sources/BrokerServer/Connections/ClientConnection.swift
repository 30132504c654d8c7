import Broker
import Clockwork
import DequeModule
import KafkaWire
import Logging
import NIOCore
import NIOSSL

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
    /// What the request takes in memory.
    var bytes: Int
    var came: Instant
    /// -1 for what is no request of Kafka's protocol.
    var api: Int16 = -1
    var response: ResponseFrame?
    /// Produce with acks=0 is not answered at all.
    var isSilent = false
    /// Told once the response is written, and never if it is not.
    var written: [() -> Void] = []
    /// Completes the response with what was refused.
    var amend: ((any WireStruct) -> any WireStruct)?
  }

  let node: NodeID
  let server: NodeServer
  private(set) var peer = "unknown"
  private var peerPort = 0
  private var context: ChannelHandlerContext?
  private var frames: FrameReader
  private var slots = Deque<Slot>()
  /// The number of the slot in front.
  private var firstSlot: UInt64 = 0
  private var isDispatching = false
  private var wantsRead = false
  private var needsFlush = false
  private var isFinishing = false
  /// Who uses it, as far as that is known.
  var standing: Standing { didSet { if standing.principal != nil { owesSince = nil } } }
  /// A password is being checked on another thread.
  var isChecking = false
  /// Bytes of this connection that the server counts as held.
  private var held = 0
  /// Since when the client owes the rest of a frame, or its name.
  private var owesSince: Instant?

  private var asks: [UInt32: (BrokerMessage) -> Void] = [:]
  private var nextCorrelation: UInt32 = 0
  /// The client's id in its latest request.
  private(set) var client = ""
  /// Names the connection among all others: client ids are mostly the library's.
  var session: String { "\(client.isEmpty ? "client" : client):\(peerPort)" }

  init(_ node: NodeID, of server: NodeServer) {
    self.node = node
    self.server = server
    frames = FrameReader(limit: server.limits.requestBytes)
    standing = server.security.mechanisms.isEmpty ? .known(principal: Standing.anonymous) : .unknown
  }

  // MARK: The channel

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    peer = context.remoteAddress.map { $0.ipAddress ?? "\($0)" } ?? "unknown"
    peerPort = context.remoteAddress?.port ?? 0
    if server.security.isGuarded { owesSince = server.now }
    server.opened(self)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.context = nil
    asks = [:]
    slots = []
    server.hold(-held, by: self)
    held = 0
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

  /// Reads on only while this client is not behind, and the server has room.
  func read(context: ChannelHandlerContext) {
    if isBehind || !server.hasRoom(for: self) { wantsRead = true } else { context.read() }
  }

  /// Reads on what was put off, if it can be by now.
  func resumeReading() {
    guard wantsRead, let context else { return }
    wantsRead = false
    read(context: context)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    writeReady()
    dispatch()
    flush()
    context.fireChannelWritabilityChanged()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    let isTLS = error is NIOSSLError || error is BoringSSLError
    close("\(error)", level: isTLS ? .warning : .info)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent {
      // A fetch that waits for records is not idleness.
      if slots.isEmpty { close("idle for \(server.limits.idle)") }
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  /// A warning is for what no well-behaved client does.
  func close(_ reason: String, level: Logger.Level = .info) {
    guard let context else { return }
    if level == .warning {
      server.warn("closing a connection", ["peer": "\(peer)", "reason": "\(reason)"])
    } else {
      server.logger.log(level: level, "closing a connection", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
    }
    self.context = nil
    context.close(promise: nil)
  }

  /// Takes no more requests, and closes when those under way are answered.
  func finish() {
    isFinishing = true
    if !isDispatching { closeWhenFinished() }
  }

  private func closeWhenFinished() {
    guard isFinishing, slots.isEmpty, let context else { return }
    self.context = nil
    // Behind everything that still waits to be sent.
    context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer()))).assumeIsolated().whenComplete { _ in
      context.close(promise: nil)
    }
  }

  private var isBehind: Bool {
    isFinishing || isChecking || slots.count >= server.limits.requestsPerConnection
      || context?.channel.isWritable != true || server.isPaused
  }

  /// The rest of a frame is still to come.
  var isMidFrame: Bool { frames.isMidFrame }

  /// Closes if the client has owed something for too long. Not if it was kept from sending it, unless half frames have
  /// used up all the room there is.
  func closeIfOverdue(_ now: Instant, isFull: Bool) {
    guard let owesSince, now - owesSince > server.limits.frame else { return }
    if isMidFrame, wantsRead, !isFull {
      self.owesSince = now
      return
    }
    let debt = standing.principal == nil ? "its name" : isMidFrame ? "the rest of a request" : "a first request"
    close("the client has owed \(debt) for \(server.limits.frame)", level: .warning)
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
          if standing.principal != nil { owesSince = nil }
          try accept(frame)
        } catch {
          close("\(error)", level: .warning)
        }
      }
    }
    isDispatching = false
    if frames.isMidFrame, owesSince == nil { owesSince = server.now }
    countHeld()
    if !isBehind { resumeReading() }
    closeWhenFinished()
  }

  private func accept(_ frame: [UInt8]) throws {
    slots.append(Slot(bytes: frame.count, came: server.now))
    let slot = firstSlot + UInt64(slots.count - 1)
    if standing.isBare { return acceptBare(frame, slot) }
    var body = frame[...]
    let header = try RequestHeader(reading: &body)
    if let name = header.client { client = name }
    slots[slots.count - 1].api = header.api
    let exchange = Exchange(connection: self, header: header, slot: slot)
    do { try exchange.serve(body) } catch let denied as AccessDenied {
      exchange.respond(denied.response, as: denied.api)
    }
  }

  func amend(_ slot: UInt64, _ amend: @escaping (any WireStruct) -> any WireStruct) {
    guard slot >= firstSlot, slot - firstSlot < slots.count else { return }
    slots[Int(slot - firstSlot)].amend = amend
  }

  /// Calls back once the response to the request is written.
  func whenWritten(_ slot: UInt64, _ done: @escaping () -> Void) {
    guard slot >= firstSlot, slot - firstSlot < slots.count else { return }
    slots[Int(slot - firstSlot)].written.append(done)
  }

  func amendment(of slot: UInt64) -> ((any WireStruct) -> any WireStruct)? {
    guard slot >= firstSlot, slot - firstSlot < slots.count else { return nil }
    return slots[Int(slot - firstSlot)].amend
  }

  /// Tells the server how many bytes of requests are in memory for this client.
  private func countHeld() {
    let now = frames.pendingBytes + slots.reduce(0) { $0 + $1.bytes }
    guard now != held, context != nil else { return }
    let change = now - held
    held = now
    server.hold(change, by: self)
  }

  /// Sends a message to the broker and hears its answer; nothing is heard once the connection is closed.
  func ask(_ to: NodeID, _ message: (CorrelationID) -> BrokerMessage, hear: @escaping (BrokerMessage) -> Void) {
    nextCorrelation &+= 1
    asks[nextCorrelation] = hear
    server.send(message(CorrelationID(nextCorrelation)), from: node, to: to)
  }

  /// Asks over links that may lose the question or the answer: hears nil when `patience` has run out.
  func ask(
    _ to: NodeID, within patience: Interval, _ message: (CorrelationID) -> BrokerMessage,
    _ hear: @escaping (BrokerMessage?) -> Void
  ) {
    ask(to, message, hear: hear)
    let number = nextCorrelation
    server.node.loop.assumeIsolated().scheduleTask(in: .nanoseconds(patience.nanoseconds)) { [weak self] in
      if self?.asks.removeValue(forKey: number) != nil { hear(nil) }
    }
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
    writeReady()
    if !isDispatching {
      server.node.afterDrain { [weak self] in
        self?.dispatch()
        self?.flush()
      }
    }
  }

  /// Writes the responses whose turn it is, as long as the client reads them: until then records stay in their files.
  private func writeReady() {
    while let first = slots.first, first.isSilent || first.response != nil, let context, context.channel.isWritable {
      slots.removeFirst()
      firstSlot += 1
      let size = first.response?.sizeInBytes ?? 0
      server.requests.note(first.api, took: server.now - first.came, bytesIn: first.bytes + 4, bytesOut: size)
      guard let response = first.response else { continue }
      write(response)
      for done in first.written { done() }
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
    closeWhenFinished()
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
      .fromController(_, let id), .fromGroup(_, let id), .fromTransactions(_, let id), .markersWritten(_, let id):
      id
    default: nil
    }
  }
}

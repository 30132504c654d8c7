import Broker
import Clockwork
import Glibc
import Logging
import NIOCore
import NIOPosix

/// What one broker says to another of a different process: one TCP connection, made again whenever it breaks.
///
/// While there is no connection, or the peer reads too slowly, messages are lost; the broker copes, as it does with any
/// network. What the peer says comes over a link of its own. Belongs to the event loop of the broker that speaks.
final class PeerLink: @unchecked Sendable {
  /// How long after a call that nobody answered the next one follows.
  static let shortestPause = Interval.milliseconds(50)
  private static let longestPause = Interval.milliseconds(250)

  private let handshake: PeerHandshake
  private let address: Endpoint
  private let loop: any EventLoop
  private let logger: Logger
  private var channel: (any Channel)?
  private var pause = PeerLink.shortestPause
  private var pending = 0
  private var needsFlush = false
  private var isClosed = false
  /// Hears, as often as it is tried, that nobody listens at the address.
  private let onRefusal: () -> Void

  init(
    _ handshake: PeerHandshake, at address: Endpoint, on loop: any EventLoop, logger: Logger,
    onRefusal: @escaping () -> Void
  ) {
    self.onRefusal = onRefusal
    self.handshake = handshake
    self.address = address
    self.loop = loop
    self.logger = logger
  }

  func open() {
    guard !isClosed else { return }
    ClientBootstrap(group: loop)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .connectTimeout(.seconds(2))
      .connect(host: address.host, port: address.port)
      .assumeIsolated()
      .whenComplete { [self] result in
        switch result {
        case .success(let channel): opened(channel)
        case .failure(let error):
          openLater()
          if Self.isRefusal(error) { onRefusal() }
        }
      }
  }

  private func opened(_ channel: any Channel) {
    guard !isClosed else { return channel.close(promise: nil) }
    logger.debug("linked", metadata: ["peer": "\(handshake.to)"])
    self.channel = channel
    pending = 0
    write(handshake.encoded(), to: channel)
    let since = NIODeadline.now()
    channel.closeFuture.assumeIsolated().whenComplete { [self] _ in
      self.channel = nil
      // A peer that hangs up at once does not want to be called again at once. For one that was there a while, it is soon
      // known whether it is gone or only the connection was.
      guard NIODeadline.now() - since > .seconds(1) else { return openLater() }
      pause = Self.shortestPause
      open()
    }
  }

  /// The system that the peer runs on answered, and said that nobody listens there.
  private static func isRefusal(_ error: any Error) -> Bool {
    if let tried = error as? NIOConnectionError {
      return !tried.connectionErrors.isEmpty && tried.connectionErrors.allSatisfy { isRefusal($0.error) }
    }
    return (error as? IOError)?.errnoCode == ECONNREFUSED
  }

  private func openLater() {
    guard !isClosed else { return }
    loop.assumeIsolated().scheduleTask(in: .nanoseconds(pause.nanoseconds)) { [weak self] in self?.open() }
    pause = min(pause * 2, Self.longestPause)
  }

  func send(_ message: BrokerMessage, from sender: NodeID, to receiver: NodeID, after delay: Interval = .zero) {
    guard channel != nil else { return }
    // At once: what a message says of a log's file is true now.
    let frame = PeerMessage(from: sender, to: receiver, message: message).encoded()
    guard delay > .zero else { return send(frame) }
    loop.assumeIsolated().scheduleTask(in: .nanoseconds(delay.nanoseconds)) { [weak self] in self?.send(frame) }
  }

  private func send(_ frame: [UInt8]) {
    guard let channel else { return }
    guard frame.count <= PeerLimits.frameBytes, pending + frame.count <= PeerLimits.pendingBytes else {
      return logger.warning(
        "dropping a message", metadata: ["peer": "\(handshake.to)", "bytes": "\(frame.count)", "waiting": "\(pending)"])
    }
    write(frame, to: channel)
  }

  /// Messages that are sent in one go leave in one go.
  private func write(_ frame: [UInt8], to channel: any Channel) {
    var buffer = channel.allocator.buffer(capacity: 4 + frame.count)
    buffer.writeInteger(Int32(truncatingIfNeeded: frame.count))
    buffer.writeBytes(frame)
    pending += frame.count
    let size = frame.count
    channel.write(buffer).assumeIsolated().whenComplete { [self] _ in pending -= size }
    guard !needsFlush else { return }
    needsFlush = true
    loop.assumeIsolated().execute { [self] in
      needsFlush = false
      self.channel?.flush()
    }
  }

  func close() {
    isClosed = true
    channel?.close(promise: nil)
  }
}

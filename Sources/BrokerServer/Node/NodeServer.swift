import Broker
public import Clockwork
import Logging
import NIOCore
import NIOPosix
import NIOSSL

/// What bounds a client.
public struct ConnectionLimits: Hashable, Sendable {
  /// socket.request.max.bytes
  public var requestBytes = 104_857_600
  /// Requests of one connection that may be under way.
  public var requestsPerConnection = 64
  /// max.connections
  public var connections = 10_000
  /// connections.max.idle.ms
  public var idle = Interval.seconds(600)
  /// fetch.max.bytes
  public var fetchBytes = 57_671_680
  /// queued.max.request.bytes, counting requests that are still coming in. More than `requestBytes`.
  public var queuedBytes = 268_435_456
  /// How long a client may take for a request once it has begun, and to say who it is.
  public var frame = Interval.seconds(30)

  public init() {}
}

/// What an operator configures for serving clients. Names in the comments are Kafka's.
public struct ServerSettings: Hashable, Sendable {
  /// auto.create.topics.enable
  public var autoCreateTopics = true
  /// num.partitions
  public var defaultPartitions: Int32 = 1
  /// leader.imbalance.check.interval.seconds; nil is auto.leader.rebalance.enable=false.
  public var leaderRebalance: Interval? = .seconds(300)
  /// log.retention.check.interval.ms, for compaction too.
  public var cleaning = Interval.seconds(30)
  /// How long one who asks for metadata waits for this broker to take part, and then for topics made on demand.
  var metadataPatience = Interval.seconds(2)
  /// How many records of the metadata log are put away at a time.
  var snapshotRecords = BrokerSetup(voters: []).snapshotRecords

  public init() {}
}

/// Where clients reach a broker: advertised.listeners.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  public var host: String
  public var port: Int

  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  public var description: String { "\(host):\(port)" }
}

/// One node's door: accepts clients on its port and serves them from its broker.
///
/// Confined to the node's event loop.
public final class NodeServer: @unchecked Sendable {
  public let node: LiveNode
  let limits: ConnectionLimits
  let settings: ServerSettings
  let logger: Logger
  private let network: LiveNetwork
  let witness: ClientWitness
  private var listener: (any Channel)?
  private var connections: [NodeID: ClientConnection] = [:]
  private var nextConnection: Int32 = 0
  var sessions = FetchSessions()
  let security: Guard
  private var room: RequestRoom
  private var warnings = WarningBudget()
  private var sweep: RepeatedTask?
  var requests = ServedRequests()

  init(
    _ node: LiveNode, network: LiveNetwork, settings: ServerSettings, limits: ConnectionLimits, security: Guard,
    witness: ClientWitness, logger: Logger
  ) {
    self.node = node
    self.network = network
    self.settings = settings
    self.limits = limits
    self.security = security
    self.witness = witness
    self.logger = logger
    room = RequestRoom(limit: limits.queuedBytes)
  }

  /// Records can go from file to socket without passing through memory.
  var canSendFiles: Bool { security.tls == nil }

  // MARK: Connections

  func listen(on endpoint: Endpoint) -> EventLoopFuture<Int> {
    ServerBootstrap(group: node.loop)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { [unowned self] channel in
        channel.eventLoop.makeCompletedFuture { try self.welcome(channel) }
      }
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.maxMessagesPerRead, value: 4)
      .childChannelOption(
        .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 16_384, maximum: 1 << 20)
      )
      .bind(host: endpoint.host, port: endpoint.port)
      .map { channel in
        self.listener = channel
        self.beginSweeps()
        return channel.localAddress?.port ?? endpoint.port
      }
  }

  private func welcome(_ channel: any Channel) throws {
    guard connections.count < limits.connections, node.status != .down else {
      requests.refusedConnections += 1
      warn("refusing a connection", ["open": "\(connections.count)"])
      throw ChannelError.connectTimeout(.zero)
    }
    let connection = ClientConnection(newConnection(), of: self)
    let idle = IdleStateHandler(allTimeout: .nanoseconds(limits.idle.nanoseconds))
    if let tls = security.tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
    try channel.pipeline.syncOperations.addHandlers([idle, connection])
  }

  /// The name of one more connection.
  func newConnection() -> NodeID {
    nextConnection = nextConnection % (NodeID.connectionsPerHost - 1) + 1
    return .connection(nextConnection, at: node.id)
  }

  func opened(_ connection: ClientConnection) {
    connections[connection.node] = connection
    node.add(connection)
  }

  func closed(_ connection: ClientConnection) {
    connections[connection.node] = nil
    node.remove(connection)
  }

  // MARK: Bounds

  /// Whether there is room for more requests of this client; if not, it is told to try again later.
  func hasRoom(for connection: ClientConnection) -> Bool {
    room.admits(connection.node, isMidFrame: connection.isMidFrame)
  }

  /// The bytes that a client's requests take have changed.
  func hold(_ bytes: Int, by connection: ClientConnection) {
    room.change(bytes, of: connection.node, isMidFrame: connection.isMidFrame)
    for waiting in room.released() { connections[waiting]?.resumeReading() }
  }

  /// A warning about a client, unless there were too many of late.
  func warn(_ message: Logger.Message, _ metadata: Logger.Metadata) {
    let (isAdmitted, keptBack) = warnings.admit(at: now)
    requests.misbehaved += 1
    guard isAdmitted else { return }
    var metadata = metadata
    if keptBack > 0 { metadata["kept back before"] = "\(keptBack)" }
    logger.warning(message, metadata: metadata)
  }

  /// Looks again and again for clients that owe something.
  private func beginSweeps() {
    let interval = TimeAmount.nanoseconds(max(10_000_000, limits.frame.nanoseconds / 8))
    sweep = node.loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak self] _ in
      guard let self else { return }
      let (now, isFull) = (self.now, room.isFull)
      for connection in connections.values.sorted(by: { $0.node < $1.node }) {
        connection.closeIfOverdue(now, isFull: isFull)
      }
    }
  }

  /// Closes the door, and every connection as soon as its requests are answered.
  func finish() {
    listener?.close(promise: nil)
    listener = nil
    for connection in connections.values { connection.finish() }
  }

  var connectionCount: Int { connections.count }

  /// Closes the door and every connection.
  func close() {
    sweep?.cancel()
    sweep = nil
    listener?.close(promise: nil)
    listener = nil
    for connection in connections.values { connection.close("the broker stops") }
  }

  /// Lets a paused node go on, and reads on from clients that it has not listened to meanwhile.
  func resume() {
    node.resume()
    for connection in connections.values { connection.dispatch() }
  }

  // MARK: For requests

  var now: Instant { node.clock.now }
  var isPaused: Bool { node.status == .paused }
  var controller: NodeID? { node.look { $0.quorum.leader } ?? nil }

  /// Where clients reach a broker: as it said when it registered.
  func endpoint(of id: NodeID) -> Endpoint? {
    let found = node.look { $0.image.broker(id)?.endpoint } ?? nil
    return found.map { Endpoint(host: $0.host, port: Int($0.port)) }
  }

  func missingTopics(_ names: [String]) -> [String] {
    node.look { broker in names.filter { broker.image.topicID(named: $0) == nil } } ?? []
  }

  func send(_ message: BrokerMessage, from: NodeID, to: NodeID) {
    if to == node.id { node.submit(message, from: from) } else { network.send(message, from: from, to: to) }
  }
}

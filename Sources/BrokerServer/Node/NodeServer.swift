import Broker
public import Clockwork
import Logging
import NIOCore
import NIOPosix

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

  public init() {}
}

/// What an operator configures for serving clients. Names in the comments are Kafka's.
public struct ServerSettings: Hashable, Sendable {
  /// auto.create.topics.enable
  public var autoCreateTopics = true
  /// num.partitions
  public var defaultPartitions: Int32 = 1

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
  let clusterID: String
  private let endpoints: [NodeID: Endpoint]
  private let network: LiveNetwork
  private var listener: (any Channel)?
  private var connections: [NodeID: ClientConnection] = [:]
  private var nextConnection: Int32 = 0
  var sessions = FetchSessions()
  /// Records can go from file to socket without passing through memory.
  let canSendFiles = true

  init(
    _ node: LiveNode, endpoints: [NodeID: Endpoint], clusterID: String, network: LiveNetwork, settings: ServerSettings,
    limits: ConnectionLimits, logger: Logger
  ) {
    self.node = node
    self.endpoints = endpoints
    self.clusterID = clusterID
    self.network = network
    self.settings = settings
    self.limits = limits
    self.logger = logger
  }

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
        return channel.localAddress?.port ?? endpoint.port
      }
  }

  private func welcome(_ channel: any Channel) throws {
    guard connections.count < limits.connections, node.status != .down else {
      logger.warning("refusing a connection", metadata: ["open": "\(connections.count)"])
      throw ChannelError.connectTimeout(.zero)
    }
    nextConnection = nextConnection % (NodeID.connectionsPerHost - 1) + 1
    let connection = ClientConnection(.connection(nextConnection, at: node.id), of: self)
    let idle = IdleStateHandler(allTimeout: .nanoseconds(limits.idle.nanoseconds))
    try channel.pipeline.syncOperations.addHandlers([idle, connection])
  }

  func opened(_ connection: ClientConnection) {
    connections[connection.node] = connection
    node.add(connection)
  }

  func closed(_ connection: ClientConnection) {
    connections[connection.node] = nil
    node.remove(connection)
  }

  /// Closes the door and every connection.
  func close() {
    listener?.close(promise: nil)
    listener = nil
    for connection in connections.values { connection.close("the broker stops") }
  }

  // MARK: For requests

  var now: Instant { node.clock.now }
  var isPaused: Bool { node.status == .paused }
  var controller: NodeID? { node.look { $0.quorum.leader } ?? nil }

  func endpoint(of id: NodeID) -> Endpoint? { endpoints[id] }

  func missingTopics(_ names: [String]) -> [String] {
    node.look { broker in names.filter { broker.image.topicID(named: $0) == nil } } ?? []
  }

  func send(_ message: BrokerMessage, from: NodeID, to: NodeID) {
    if to == node.id { node.submit(message, from: from) } else { network.send(message, from: from, to: to) }
  }
}

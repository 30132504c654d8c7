import Broker
public import Clockwork
public import Logging
import NIOCore
import NIOPosix
import RecordLog

/// A cluster in this process on the wall clock: each node on its own port for real clients, the links between the nodes
/// open to faults.
public final class LiveCluster: Sendable {
  public let network: LiveNetwork
  public let servers: [NodeServer]
  public let endpoints: [NodeID: Endpoint]
  private let group: MultiThreadedEventLoopGroup
  private let setup: BrokerSetup

  /// Boots `nodes` brokers n1 …, which listen on `host` from `port` on.
  public static func start(
    nodes: Int, host: String, port: Int, settings: ServerSettings = ServerSettings(),
    limits: ConnectionLimits = ConnectionLimits(), seed: UInt64, logger: Logger
  ) async throws -> LiveCluster {
    let cluster = LiveCluster(
      nodes: nodes, host: host, port: port, settings: settings, limits: limits, seed: seed, logger: logger)
    do {
      for server in cluster.servers {
        guard let endpoint = cluster.endpoints[server.node.id] else { continue }
        _ = try await server.node.loop.flatSubmit { server.listen(on: endpoint) }.get()
      }
    } catch {
      await cluster.stop()
      throw error
    }
    for server in cluster.servers {
      try await server.node.loop.submit { server.node.boot(cluster.setup, BrokerDisk()) }.get()
    }
    return cluster
  }

  private init(
    nodes: Int, host: String, port: Int, settings: ServerSettings, limits: ConnectionLimits, seed: UInt64,
    logger: Logger
  ) {
    let ids = (1...max(1, nodes)).map { NodeID(Int32($0)) }
    group = MultiThreadedEventLoopGroup(numberOfThreads: min(ids.count, System.coreCount))
    network = LiveNetwork()
    var setup = BrokerSetup(voters: ids)
    // Questions within one process cost nothing, and a cluster for local work should be ready at once.
    setup.registrationRetry = .milliseconds(5)
    setup.heartbeatInterval = .milliseconds(200)
    setup.sessionTimeout = .milliseconds(900)
    setup.electionTimeout = .milliseconds(250)
    setup.quorumFetchTimeout = .milliseconds(500)
    self.setup = setup
    let clock = LiveClock()
    let places = ids.map { ($0, Endpoint(host: host, port: port + Int($0.rawValue) - 1)) }
    endpoints = Dictionary(uniqueKeysWithValues: places)
    var servers: [NodeServer] = []
    for id in ids {
      let node = LiveNode(
        id, on: group.next(), clock: clock, network: network, seed: seed &+ UInt64(id.rawValue) &* 0x9E37_79B9)
      network.add(node)
      var logger = logger
      logger[metadataKey: "node"] = "\(id)"
      servers.append(
        NodeServer(
          node, endpoints: endpoints, clusterID: "baedal", network: network, settings: settings, limits: limits,
          logger: logger))
    }
    self.servers = servers
  }

  public func stop() async {
    for server in servers {
      try? await server.node.loop.submit {
        server.close()
        _ = server.node.crash()
      }.get()
    }
    try? await group.shutdownGracefully()
  }
}

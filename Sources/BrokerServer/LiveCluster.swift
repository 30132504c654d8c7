import Broker
public import Clockwork
public import Logging
import NIOCore
import NIOPosix
import RecordLog
import Synchronization

/// A cluster's brokers of this process on the wall clock, each on its own port for real clients: all of them, with links
/// that are open to faults, or one, with the others in processes of their own.
public final class LiveCluster: Sendable {
  public let network: LiveNetwork
  /// Notes nothing until it is told to.
  public let witness = ClientWitness()
  public let servers: [NodeServer]
  public let endpoints: [NodeID: Endpoint]
  let group: MultiThreadedEventLoopGroup
  private let pool: NIOThreadPool
  private let cleaningPool = NIOThreadPool(numberOfThreads: 1)
  private let setup: BrokerSetup
  let logger: Logger
  /// By broker; empty when disks are in memory.
  private let folders: [NodeID: DataFolder]
  /// The disks of brokers that are down, when they are in memory.
  let kept = Mutex<[NodeID: BrokerDisk<SegmentedLog>]>([:])
  private let isStopped = Mutex(false)
  private let peerListener = Mutex<(any Channel)?>(nil)

  /// Boots `nodes` brokers n1 …, which listen on `host` from `port` on. With `data` each keeps its disk in a folder of its
  /// own in there, `n1` …; without, in memory.
  public static func start(
    nodes: Int, host: String, port: Int, data: String? = nil, settings: ServerSettings = ServerSettings(),
    limits: ConnectionLimits = ConnectionLimits(), security: ServerSecurity = ServerSecurity(), seed: UInt64,
    logger: Logger
  ) async throws -> LiveCluster {
    let ids = (1...max(1, nodes)).map { NodeID(Int32($0)) }
    let places = ids.map { ($0, Endpoint(host: host, port: port + Int($0.rawValue) - 1)) }
    let cluster = try LiveCluster(
      Dictionary(uniqueKeysWithValues: places), voters: ids,
      folders: data.map { data in ids.map { ($0, "\(data)/\($0)") } } ?? [], settings, limits, security, seed, logger)
    return try await cluster.starting {
      for id in ids { try await cluster.boot(id) }
      for id in ids { try await cluster.untilAlive(id, among: ids) }
    }
  }

  /// Boots the one broker `id`; the others are processes of their own, which it reaches at `peers`, where it also listens
  /// for them. Clients are served on `endpoint`.
  ///
  /// Whoever reaches the peers' address is taken for a broker: keep it on loopback or on a network of your own.
  public static func join(
    _ id: NodeID, of peers: [NodeID: Endpoint], clientsAt endpoint: Endpoint, data: String?,
    settings: ServerSettings = ServerSettings(), limits: ConnectionLimits = ConnectionLimits(),
    security: ServerSecurity = ServerSecurity(), seed: UInt64, logger: Logger
  ) async throws -> LiveCluster {
    let voters = peers.keys.sorted()
    let cluster = try LiveCluster(
      [id: endpoint], voters: voters, folders: data.map { [(id, $0)] } ?? [], settings, limits, security, seed, logger)
    return try await cluster.starting {
      try await cluster.meet(peers, as: id)
      try await cluster.boot(id)
    }
  }

  private init(
    _ endpoints: [NodeID: Endpoint], voters: [NodeID], folders: [(NodeID, String)], _ settings: ServerSettings,
    _ limits: ConnectionLimits, _ security: ServerSecurity, _ seed: UInt64, _ logger: Logger
  ) throws {
    let security = try Guard(security)
    let names = voters.map { String($0.rawValue) }.joined(separator: ",")
    var opened: [NodeID: DataFolder] = [:]
    for (id, path) in folders { opened[id] = try DataFolder(path, broker: id, voters: names) }
    self.folders = opened
    self.endpoints = endpoints
    self.logger = logger
    group = MultiThreadedEventLoopGroup(numberOfThreads: min(endpoints.count, System.coreCount))
    pool = NIOThreadPool(numberOfThreads: folders.isEmpty ? 1 : 2)
    pool.start()
    cleaningPool.start()
    network = LiveNetwork()
    setup = BrokerSetup(live: voters, inOneProcess: voters.count == endpoints.count, settings)
    let clock = LiveClock()
    var servers: [NodeServer] = []
    for id in endpoints.keys.sorted() {
      let node = LiveNode(
        id, on: group.next(), clock: clock, network: network, seed: seed &+ UInt64(id.rawValue) &* 0x9E37_79B9)
      network.add(node)
      var logger = logger
      logger[metadataKey: "node"] = "\(id)"
      node.cleaner = LogCleaner(node, pool: cleaningPool, every: settings.cleaning, logger: logger)
      node.onDiskFailure = { [logger] error in
        logger.critical("the broker stops: its disk fails", metadata: ["error": "\(error)"])
      }
      servers.append(
        NodeServer(
          node, network: network, settings: settings, limits: limits, security: security, witness: witness,
          logger: logger))
    }
    self.servers = servers
  }

  private func starting(_ body: () async throws -> Void) async throws -> LiveCluster {
    do { try await body() } catch {
      await stop()
      throw error
    }
    return self
  }

  // MARK: Peers

  /// Listens for the others and calls them.
  private func meet(_ peers: [NodeID: Endpoint], as id: NodeID) async throws {
    guard let node = server(id)?.node, let own = peers[id] else { return }
    let channel = try await ServerBootstrap(group: node.loop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { [network, setup, logger] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            PeerReception(node, network, voters: setup.voters, logger: logger))
        }
      }
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .bind(host: own.host, port: own.port).get()
    peerListener.withLock { $0 = channel }
    for (peer, address) in peers.sorted(by: { $0.key < $1.key }) where peer != id {
      let link = PeerLink(
        PeerHandshake(from: id, to: peer, voters: setup.voters), at: address, on: node.loop, logger: logger
      ) { [weak node] in node?.nobodyAnswers(at: peer) }
      network.add(link, to: peer)
      try await node.loop.submit { link.open() }.get()
    }
  }

  /// No broker of the cluster is in another process.
  public var isWhole: Bool { setup.voters.count == endpoints.count }

  // MARK: Lives

  public func server(_ id: NodeID) -> NodeServer? { servers.first { $0.node.id == id } }

  /// A broker's own setup: it tells the others, and through them all clients, where it is reached.
  private func setup(at endpoint: Endpoint) -> BrokerSetup {
    var setup = setup
    setup.endpoint = UInt16(exactly: endpoint.port).map { BrokerEndpoint(host: endpoint.host, port: $0) }
    return setup
  }

  private func boot(_ id: NodeID) async throws {
    guard let server = server(id), let endpoint = endpoints[id] else { return }
    if let folder = folders[id] {
      let (disk, journal) = try await pool.runIfActive { try folder.recover() }
      try await server.node.loop.submit { [setup = setup(at: endpoint), pool] in
        let storage = NodeStorage(folder, journal, pool: pool, loop: server.node.loop)
        server.node.boot(setup, disk, storage)
      }.get()
    } else {
      let disk = kept.withLock { $0.removeValue(forKey: id) } ?? BrokerDisk()
      try await server.node.loop.submit { [setup = setup(at: endpoint)] in server.node.boot(setup, disk) }.get()
    }
    _ = try await server.node.loop.flatSubmit { server.listen(on: endpoint) }.get()
  }

  /// Returns when broker `id` knows all of them to be alive, or after ten seconds: a client that comes then finds whom to
  /// talk to.
  private func untilAlive(_ id: NodeID, among all: [NodeID]) async throws {
    guard let node = server(id)?.node else { return }
    try await node.loop.flatSubmit {
      let promise = node.loop.makePromise(of: Void.self)
      node.watch(until: node.clock.now + .seconds(10)) { image in
        all.allSatisfy(image.isLive)
      } _: { _ in
        promise.succeed()
      }
      return promise.futureResult
    }.get()
  }

  /// The broker dies as its process would, and its connections with it.
  public func crash(_ id: NodeID) async throws {
    guard let server = server(id) else { return }
    let (disk, settled) = try await server.node.loop.submit {
      server.close()
      // What was on its way to the platter gets there: the next life must not meet it.
      let settled = server.node.settled()
      return (server.node.crash(), settled)
    }.get()
    try await settled.get()
    if folders[id] == nil, let disk { kept.withLock { $0[id] = disk } }
  }

  /// Boots a broker that is down, from what its disk holds.
  public func restart(_ id: NodeID) async throws { try await boot(id) }

  /// Stops on purpose, with everything written back. Once stopped it stays so.
  public func stop() async {
    let isFirst = isStopped.withLock { isStopped in
      defer { isStopped = true }
      return !isStopped
    }
    guard isFirst else { return }
    try? await peerListener.withLock { $0 }?.close()
    for server in servers {
      let loop = server.node.loop
      for link in network.links { try? await loop.submit { link.close() }.get() }
      try? await loop.flatSubmit {
        server.close()
        return server.node.close()
      }.get()
    }
    try? await group.shutdownGracefully()
    try? await cleaningPool.shutdownGracefully()
    try? await pool.shutdownGracefully()
    for folder in folders.values { folder.release() }
  }
}

public import Broker
public import Clockwork
import Glibc
import Logging
import NIOCore
import NIOPosix
public import RecordLog
import Synchronization

/// What an operator does to a live cluster, and sees of it. From any thread.
extension LiveCluster {
  /// The brokers of this process, in order.
  public var nodes: [NodeID] { servers.map(\.node.id) }

  public func status(of id: NodeID) async -> LiveNode.Status {
    guard let server = server(id) else { return .down }
    return (try? await server.node.loop.submit { server.node.status }.get()) ?? .down
  }

  /// The broker hears nothing and says nothing, with its memory whole. Ignored unless it is up.
  public func pause(_ id: NodeID) async throws {
    guard let server = server(id) else { return }
    try await server.node.loop.submit { server.node.pause() }.get()
  }

  /// Lets a paused broker go on; what came meanwhile has waited.
  public func resume(_ id: NodeID) async throws {
    guard let server = server(id) else { return }
    try await server.node.loop.submit { server.resume() }.get()
  }

  /// Starts a cluster in memory on loopback that logs nothing. With port 0, on free ports.
  ///
  /// Free ports are looked for before they are taken; another process may be quicker, so this is tried a few times.
  public static func startQuietly(nodes: Int, port: Int, seed: UInt64) async throws -> LiveCluster {
    let host = "127.0.0.1"
    let logger = Logger(label: "baedal") { _ in SwiftLogNoOpLogHandler() }
    var attempts = 0
    while true {
      attempts += 1
      let first = port == 0 ? try await freePorts(nodes, host) : port
      do {
        return try await start(nodes: nodes, host: host, port: first, seed: seed, logger: logger)
      } catch  where port == 0 && isPortTaken(error) && attempts < 10 {}
    }
  }

  /// Whether a start failed because somebody else listens on one of its ports.
  public static func isPortTaken(_ error: any Error) -> Bool { (error as? IOError)?.errnoCode == EADDRINUSE }

  /// The first of `count` ports in a row on which nobody listens.
  private static func freePorts(_ count: Int, _ host: String) async throws -> Int {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let bootstrap = ServerBootstrap(group: group)
    var found: Result<Int, any Error> = .failure(IOError(errnoCode: EADDRINUSE, reason: "no free ports in a row"))
    search: for _ in 0..<50 {
      var open: [any Channel] = []
      do {
        open.append(try await bootstrap.bind(host: host, port: 0).get())
        let first = open[0].localAddress?.port ?? 0
        // Two nodes need two ports; the last one must be a port too.
        if first + count <= 65_536 {
          for port in first + 1..<max(first + 1, first + count) {
            open.append(try await bootstrap.bind(host: host, port: port).get())
          }
          found = .success(first)
        }
      } catch {
        if !isPortTaken(error) { found = .failure(error) }
      }
      for channel in open { try? await channel.close().get() }
      if case .success = found { break search }
    }
    try? await group.shutdownGracefully()
    return try found.get()
  }
}

/// What one broker of a live cluster is and believes, at one moment.
public struct LiveNodeView: Sendable {
  public struct Voter: Sendable {
    public var role: String
    public var epoch: QuorumEpoch
    public var isLeader: Bool
    public var leader: NodeID?
    public var end: Int64
    public var committed: Int64
  }

  public struct Replica: Sendable {
    public var id: PartitionID
    /// The epoch in which the broker believes that it leads.
    public var leadsIn: LeaderEpoch?
    public var start: Int64
    public var end: Int64
    /// Nil when the broker is down.
    public var highWatermark: Int64?
  }

  public var id: NodeID
  public var status: LiveNode.Status
  /// Nil when the broker is down, as is `voter`.
  public var image: MetadataImage?
  public var voter: Voter?
  /// Of a broker that is down, what its disk holds, as far as that is in memory.
  public var replicas: [Replica]
}

/// A record as it lies in a live broker's log.
public struct LiveRecord: Hashable, Sendable {
  public var offset: Int64
  public var epoch: Int32
  public var key: String?
  public var value: String?
}

/// A consumer group as its coordinator knows it.
public struct LiveGroup: Sendable {
  public var coordinator: NodeID
  public var described: DescribedGroup
  public var committed: [GroupOffset]
}

extension LiveCluster {
  /// Every broker of this process, one after the other: no snapshot of them all exists in real time.
  public func views() async -> [LiveNodeView] {
    var views: [LiveNodeView] = []
    for server in servers {
      let node = server.node
      let view = try? await node.loop.submit { [self] in
        let replicas = withDisk(of: node) { disk in
          disk.partitions.map { partition in
            let live = node.look { $0.replica(of: partition.id) } ?? nil
            return LiveNodeView.Replica(
              id: partition.id, leadsIn: live.flatMap { $0.isLeading ? $0.leaderEpoch : nil },
              start: partition.log.startOffset.rawValue, end: partition.log.endOffset.rawValue,
              highWatermark: live?.highWatermark.rawValue)
          }
        }
        return LiveNodeView(
          id: node.id, status: node.status, image: node.look { $0.image },
          voter: node.look { broker in
            LiveNodeView.Voter(
              role: broker.quorum.roleName, epoch: broker.quorum.epoch, isLeader: broker.quorum.isLeader,
              leader: broker.quorum.leader, end: broker.disk.quorum.log.endOffset,
              committed: broker.quorum.highWatermark)
          }, replicas: replicas ?? [])
      }.get()
      if let view { views.append(view) }
    }
    return views
  }

  /// At most `count` records from `offset` on; none where the log does not reach or cannot be read.
  public func records(of partition: PartitionID, on id: NodeID, from offset: Int64, count: Int) async -> [LiveRecord] {
    guard let node = server(id)?.node else { return [] }
    let found = try? await node.loop.submit { [self] in
      withDisk(of: node) { disk in
        disk.partitions.first { $0.id == partition }.map { Self.records(in: $0.log, from: offset, count: count) }
      }
    }.get()
    return (found ?? nil) ?? nil ?? []
  }

  /// How many offsets of a broker's log are taken up by transactions' markers.
  public func markers(in partition: PartitionID, on id: NodeID) async -> Int64 {
    guard let node = server(id)?.node else { return 0 }
    let found = try? await node.loop.submit { [self] in
      withDisk(of: node) { disk -> Int64 in
        var markers: Int64 = 0
        let log = disk.partitions.first { $0.id == partition }?.log
        try? log?.scan(from: .zero) { header, _ in if header.attributes.isControl { markers += 1 } }
        return markers
      }
    }.get()
    return (found ?? nil) ?? 0
  }

  public func group(_ name: String) async -> LiveGroup? {
    for server in servers {
      let node = server.node
      let found = try? await node.loop.submit { () -> LiveGroup? in
        guard node.status != .down else { return nil }
        return node.look { broker -> LiveGroup? in
          let shard = Int(broker.groups.shard(for: name))
          guard let topic = broker.image.topic(named: "__consumer_offsets"), topic.partitions.indices.contains(shard),
            topic.partitions[shard].leader == node.id, case .described(let described)? = broker.groups.describe(name)
          else { return nil }
          return LiveGroup(
            coordinator: node.id, described: described, committed: broker.groups.committed(by: name) ?? [])
        } ?? nil
      }.get()
      if let group = found ?? nil { return group }
    }
    return nil
  }

  /// On the node's loop: the disk of a broker that lives, or the one that it left behind.
  private func withDisk<Result>(of node: LiveNode, _ body: (BrokerDisk<SegmentedLog>) -> Result) -> Result? {
    node.look { body($0.disk) } ?? kept.withLock { $0[node.id] }.map(body)
  }

  private static func records(in log: SegmentedLog, from offset: Int64, count: Int) -> [LiveRecord] {
    let start = max(Offset(max(0, offset)), log.startOffset)
    let limit = min(Offset(start.rawValue + Int64(max(0, count))), log.endOffset)
    guard start < limit, let batches = try? log.read(from: start, upTo: limit, maxBytes: 1 << 24) else { return [] }
    return batches.flatMap { batch in
      ((try? batch.records()) ?? []).filter { $0.offset >= start && $0.offset < limit }.map { record in
        LiveRecord(
          offset: record.offset.rawValue, epoch: batch.leaderEpoch.rawValue, key: record.keyText,
          value: record.valueText)
      }
    }
  }
}

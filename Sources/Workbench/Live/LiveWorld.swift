import Broker
public import BrokerServer
import Clockwork
import Foundation

/// A live cluster in the hands of whoever types commands: every call waits for its answer.
///
/// It is no value: there is one, in real time, for a bench and all its snapshots and forks. What has happened to it
/// cannot be taken back.
final class LiveWorld: Sendable {
  let cluster: LiveCluster

  init(_ cluster: LiveCluster) {
    self.cluster = cluster
    watchClients()
  }

  static func start(nodes: Int, port: Int, seed: UInt64) throws(Refusal) -> LiveWorld {
    do {
      return LiveWorld(
        try Waiting.wait { try await LiveCluster.startQuietly(nodes: nodes, port: port, seed: seed) })
    } catch {
      guard LiveCluster.isPortTaken(error) else {
        throw Refusal("The cluster cannot start: \(error).", attempt: "live start --port 0")
      }
      throw Refusal(
        "Somebody else listens on a port from \(port) to \(port + nodes - 1).",
        expected: "Expected \(counted(nodes, "free port")) in a row; --port 0 finds some.",
        attempt: "live start --port 0")
    }
  }

  func stop() { try? Waiting.wait { [cluster] in await cluster.stop() } }

  var nodes: [NodeID] { cluster.nodes }

  /// Where clients connect: `127.0.0.1:9092,127.0.0.1:9093`. All of them, so that any may be down.
  var bootstrap: String {
    nodes.compactMap { cluster.endpoints[$0]?.description }.joined(separator: ",")
  }

  /// What to type where a real client is.
  var invitation: [Line] {
    [
      Line("In another terminal:"), .command("  kcat -b \(bootstrap) -P -t orders"),
      .command("  kcat -b \(bootstrap) -C -t orders"),
    ]
  }

  func status(_ node: NodeID) -> LiveNode.Status {
    (try? Waiting.wait { [cluster] in await cluster.status(of: node) }) ?? .down
  }

  var views: [LiveNodeView] { (try? Waiting.wait { [cluster] in await cluster.views() }) ?? [] }

  func records(_ partition: PartitionID, on node: NodeID, from offset: Int64, count: Int) -> [LiveRecord] {
    (try? Waiting.wait { [cluster] in
      await cluster.records(of: partition, on: node, from: offset, count: count)
    }) ?? []
  }

  func markers(_ partition: PartitionID, on node: NodeID) -> Int64 {
    (try? Waiting.wait { [cluster] in await cluster.markers(in: partition, on: node) }) ?? 0
  }

  func group(_ name: String) -> LiveGroup? {
    (try? Waiting.wait { [cluster] in await cluster.group(name) }) ?? nil
  }

  func needNode(_ node: NodeID) throws(Refusal) {
    guard nodes.contains(node) else {
      throw Refusal("No broker \(node) is live.", expected: "Brokers: \(list(nodes)).", attempt: "cluster show")
    }
  }

  func inflict(
    _ nodes: [NodeID], when allowed: Set<LiveNode.Status>, done: String, already: String, attempt: String,
    _ body: @escaping @Sendable (LiveCluster, NodeID) async throws -> Void
  ) throws(Refusal) -> Answer {
    guard !nodes.isEmpty else {
      throw Refusal("No node named.", expected: "Expected one, like n2.", attempt: "cluster show")
    }
    for node in nodes {
      try needNode(node)
      guard allowed.contains(status(node)) else {
        throw Refusal("\(node) is \(already).", attempt: "\(attempt) \(node)")
      }
    }
    let names = Refusal.list(nodes.map(\.description))
    do {
      try Waiting.wait { [cluster] in for node in nodes { try await body(cluster, node) } }
    } catch {
      return Answer(.failed, [Line("\(names): \(error).", .bad)])
    }
    return Answer(.done, [Line("\(names) \(done), live.")])
  }

  /// Lets real time pass until `condition` holds, no longer than `limit`.
  func wait(_ limit: Interval, _ errand: Errand, until condition: () -> Bool) -> Bench.Waited {
    let clock = LiveClock()
    let start = clock.now
    while !condition() {
      let passed = clock.now - start
      if errand.isCancelled() { return .cancelled }
      guard passed < limit else { return .never }
      errand.progress(
        "\(passed) of real time", Double(passed.nanoseconds) / Double(max(1, limit.nanoseconds)))
      Thread.sleep(forTimeInterval: min(0.02, Double((limit - passed).nanoseconds) / 1e9))
    }
    return .happened
  }
}

/// Where a bench keeps the live cluster: shared by all its copies, and the cluster's life is no longer than theirs.
final class LiveHold: @unchecked Sendable {
  private let lock = NSLock()
  private var kept: LiveWorld?

  var world: LiveWorld? {
    get { lock.withLock { kept } }
    set { lock.withLock { kept = newValue } }
  }

  deinit { kept?.stop() }
}

extension Bench {
  /// Takes over a cluster that runs already: from now on it is what commands act on, and it stops with the bench.
  public func adopt(_ cluster: LiveCluster) { live.world = LiveWorld(cluster) }

  /// Where real clients reach the live cluster; nil when none runs.
  public var liveAddress: String? { live.world?.bootstrap }

  /// Stops the live cluster, if one runs.
  public func stopLive() {
    live.world?.stop()
    live.world = nil
  }
}

/// A command that can be carried out on the live cluster as well.
protocol LiveCommand: BenchCommand {
  func run(on live: LiveWorld, _ bench: Bench, _ errand: Errand) throws(Refusal) -> Answer
}

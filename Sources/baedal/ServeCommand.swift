import ArgumentParser
import BrokerServer
import Clockwork
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// `baedal serve`: the broker on real sockets.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", _superCommandName: "baedal", abstract: "Run a Kafka-compatible cluster for real clients.",
    discussion: """
      A whole cluster in this process, in memory or in a folder. At a terminal it also takes commands, such as
      crash n2 and net cut n1 | n2 n3, which act on it:
        baedal serve
        baedal serve --nodes 3 --port 9092 --data /var/lib/baedal
        kcat -b 127.0.0.1:9092 -L

      Or one broker, with the others in processes of their own. --cluster is the same for all:
        baedal serve --id 1 --cluster 1@127.0.0.1:9093,2@127.0.0.1:9095 --port 9092 --data one
        baedal serve --id 2 --cluster 1@127.0.0.1:9093,2@127.0.0.1:9095 --port 9094 --data two
      Brokers do not ask each other for passwords: keep the addresses in --cluster from everybody else.
      """)

  @Option(help: "How many brokers, each on its own port.") var nodes = 1
  @Option(help: "The first broker's port; the others follow.") var port = 9092
  @Option(help: "The address to listen on, and to tell clients.") var host = "127.0.0.1"
  @Option(help: "Partitions of a topic that nobody counted out.") var partitions = 1
  @Option(help: "The folder to keep everything in. Without it, everything ends with this process.") var data: String?
  @Option(help: "Which broker of --cluster this is.") var id: Int?
  @Option(help: "Every broker's number, and where the others reach it: 1@host:port,2@host:port") var cluster: String?
  @Option(help: "How often old records are removed and logs compacted: 30s, 500ms.") var cleanerInterval = "30s"
  @Option(help: "How often leadership goes back to preferred replicas: 300s; 0s for never.")
  var leaderRebalance = "300s"
  @Option(help: "How many clients may be connected to each broker.") var maxConnections = 10_000
  @Option(help: "Serve numbers for Prometheus at http://HOST:PORT/metrics.") var metricsPort: Int?
  @OptionGroup(title: "Security") var security: SecurityOptions
  @Option(help: "trace, debug, info, notice, warning, error.") var logLevel = "notice"

  func validate() throws {
    guard Interval(parsing: cleanerInterval).map({ $0 > .zero }) == true else {
      throw ValidationError("--cleaner-interval \(cleanerInterval) is no time. Expected: 30s, 500ms, 5m.")
    }
    guard Interval(parsing: leaderRebalance) != nil else {
      throw ValidationError("--leader-rebalance \(leaderRebalance) is no time. Expected: 300s, 5m, 0s for never.")
    }
    guard (1...1000).contains(partitions) else {
      throw ValidationError("--partitions is \(partitions). Expected: 1 to 1000.")
    }
    guard (id == nil) == (cluster == nil) else {
      throw ValidationError(
        "--id and --cluster go together. Expected: both, for one broker of several processes, or neither.")
    }
    guard let id, let cluster else { return }
    guard (1...1000).contains(id) else { throw ValidationError("--id is \(id). Expected: 1 to 1000.") }
    let peers = try Self.peers(cluster)
    guard peers[NodeID(Int32(id))] != nil else {
      throw ValidationError("--cluster does not name broker \(id). Expected: \(id)@host:port among the others.")
    }
  }

  func run() async throws {
    var logger = Logger(label: "baedal") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = Logger.Level(rawValue: logLevel) ?? .notice
    let service = ClusterService(cluster: try await started(logger))
    try await ServiceGroup(
      configuration: .init(
        services: [.init(service: service)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    ).run()
  }

  /// By then the start is over, also what comes after the first line on standard output: signals, services, elections.
  private static let settling = Duration.seconds(1)

  /// Starts what is asked for, and says where it listens: the first line on standard output.
  func started() async throws -> LiveCluster {
    var logger = Logger(label: "baedal") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = Logger.Level(rawValue: logLevel) ?? .notice
    return try await started(logger)
  }

  private func started(_ logger: Logger) async throws -> LiveCluster {
    let cluster: LiveCluster
    do {
      cluster = try await start(logger)
    } catch let error as DataError {
      throw ValidationError("\(error)")
    } catch let error as CertificateError {
      throw ValidationError("\(error)")
    } catch {
      guard LiveCluster.isPortTaken(error) else { throw error }
      throw ValidationError("Somebody else listens where this cluster would, from port \(port) on. Try: --port 19092")
    }
    if let metricsPort {
      do { _ = try await cluster.serveMetrics(host: host, port: metricsPort) } catch {
        await cluster.stop()
        throw ValidationError("Port \(metricsPort) cannot serve metrics: \(error). Try: another --metrics-port.")
      }
    }
    print("ready: \(cluster.endpoints.sorted { $0.key < $1.key }.map { "\($0.value)" }.joined(separator: ","))")
    fflush(nil)
    Task {
      try await Task.sleep(for: Self.settling)
      LiveCluster.giveBackStartupPages()
    }
    return cluster
  }

  private func start(_ logger: Logger) async throws -> LiveCluster {
    let seed = UInt64.random(in: 0 ... .max)
    var settings = ServerSettings()
    settings.defaultPartitions = Int32(partitions)
    var limits = ConnectionLimits()
    limits.connections = max(1, maxConnections)
    let security = try security.settings()
    settings.cleaning = Interval(parsing: cleanerInterval) ?? settings.cleaning
    settings.leaderRebalance = Interval(parsing: leaderRebalance).flatMap { $0 > .zero ? $0 : nil }
    guard let id, let cluster else {
      return try await .start(
        nodes: nodes, host: host, port: port, data: data, settings: settings, limits: limits, security: security,
        seed: seed,
        logger: logger)
    }
    return try await .join(
      NodeID(Int32(id)), of: try Self.peers(cluster), clientsAt: Endpoint(host: host, port: port), data: data,
      settings: settings, limits: limits, security: security, seed: seed, logger: logger)
  }

  /// Reads `1@127.0.0.1:9093,2@127.0.0.1:9095`.
  private static func peers(_ text: String) throws -> [NodeID: Endpoint] {
    var peers: [NodeID: Endpoint] = [:]
    for word in text.split(separator: ",") {
      let parts = word.split(separator: "@", maxSplits: 1)
      guard parts.count == 2, let id = Int32(parts[0]), (1...1000).contains(id), peers[NodeID(id)] == nil,
        let colon = parts[1].lastIndex(of: ":"), colon > parts[1].startIndex,
        let port = Int(parts[1][parts[1].index(after: colon)...]), (1...65_535).contains(port)
      else {
        throw ValidationError(
          "--cluster cannot be read at \"\(word)\". Expected: each broker once, as 1@127.0.0.1:9093, with commas.")
      }
      peers[NodeID(id)] = Endpoint(host: String(parts[1][..<colon]), port: port)
    }
    return peers
  }
}

/// The cluster as something that runs until it is told to stop. SIGTERM and SIGINT tell it once; the second of them ends
/// the process at once.
private struct ClusterService: Service, CustomStringConvertible {
  let cluster: LiveCluster

  /// Its name in the log. Without one the whole cluster is looked through for what it might be called.
  var description: String { "cluster" }

  func run() async throws {
    do { try await gracefulShutdown() } catch { return await cluster.stop() }
    let impatience = Task {
      for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint) { _exit(128 + signal.rawValue) }
    }
    await cluster.shutDown()
    impatience.cancel()
  }
}

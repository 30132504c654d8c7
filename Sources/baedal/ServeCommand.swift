import ArgumentParser
import BrokerServer
import Clockwork
import Foundation
import Logging

/// `baedal serve`: the broker on real sockets.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Run a Kafka-compatible cluster for real clients.",
    discussion: """
      baedal serve
      baedal serve --nodes 3 --port 9092
      kcat -b 127.0.0.1:9092 -L
      """)

  @Option(help: "How many brokers, each on its own port.") var nodes = 1
  @Option(help: "The first broker's port; the others follow.") var port = 9092
  @Option(help: "The address to listen on, and to tell clients.") var host = "127.0.0.1"
  @Option(help: "Partitions of a topic that nobody counted out.") var partitions: Int32 = 1
  @Option(help: "trace, debug, info, notice, warning, error.") var logLevel = "notice"

  func run() async throws {
    var logger = Logger(label: "baedal") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = Logger.Level(rawValue: logLevel) ?? .notice
    var settings = ServerSettings()
    settings.defaultPartitions = partitions
    let cluster = try await LiveCluster.start(
      nodes: nodes, host: host, port: port, settings: settings, seed: UInt64.random(in: 0 ... .max), logger: logger)
    print("ready: \((0..<nodes).map { "\(host):\(port + $0)" }.joined(separator: ","))")
    fflush(nil)
    try await Task.sleep(for: .seconds(1_000_000))
    await cluster.stop()
  }
}

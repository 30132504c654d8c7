import BrokerServer
import DeliveryRuntime
import Glibc
import Logging
import Synchronization
import Testing

/// A cluster of our own brokers in this process, on ports nobody listens on.
enum OwnBrokers {
  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// Runs `body` against a cluster in memory, or in a folder.
  static func withCluster(
    nodes: Int = 1, data: String? = nil, _ body: (LiveCluster, ClientSettings) async throws -> Void
  ) async throws {
    let port = try freePorts(nodes)
    let cluster = try await LiveCluster.start(
      nodes: nodes, host: "127.0.0.1", port: port, data: data, seed: 1, logger: logger)
    let servers = (0..<nodes).map { "127.0.0.1:\(port + $0)" }.joined(separator: ",")
    do { try await body(cluster, ClientSettings(bootstrapServers: servers)) } catch {
      await cluster.stop()
      throw error
    }
    await cluster.stop()
  }

  /// The first of `count` adjacent ports that are free, below those the kernel hands out, and that no other test of this
  /// process has been given.
  static func freePorts(_ count: Int) throws -> Int {
    let found = untried.withLock { untried in
      let found = stride(from: untried, to: 32_000, by: count).first { port in
        (port..<port + count).allSatisfy(isFree)
      }
      untried = (found ?? untried) + count
      return found
    }
    return try #require(found, "no \(count) adjacent ports are free")
  }

  private static let untried = Mutex(21_000 + Int(getpid()) % 3000)

  private static func isFree(_ port: Int) -> Bool {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { return false }
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}

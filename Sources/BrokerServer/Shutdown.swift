import Broker
public import Clockwork
import Logging
import NIOCore

/// How a cluster ends when its operator wants it to: nobody who talks to it should notice more than a broker that is
/// gone.
extension LiveCluster {
  /// Hands leadership over to the brokers that stay, answers what was asked, and stops with everything written back.
  ///
  /// `handOver` bounds the first part: without a controller nobody lets a broker go. `answering` bounds the second.
  public func shutDown(
    handOver: Interval = .seconds(5), answering: Interval = .seconds(2)
  ) async {
    logger.notice("stopping: handing leadership over")
    // The controller goes last, as it is the one who lets the others go.
    let (controllers, others) = await byRole()
    let deadline = LiveClock().now + handOver
    for going in [others, controllers] where !going.isEmpty {
      await Self.everywhere(going) { server in _ = server.node.change { $0.stop(&$1) } }
      let isDone = await Self.wait(until: deadline, going) { $0.node.look { $0.registration.mayStop } ?? true }
      if !isDone { logger.warning("stopping without having been let go: no controller answered in time") }
    }
    logger.notice("stopping: answering what was asked")
    await Self.everywhere(servers) { $0.finish() }
    let isDone = await Self.wait(until: LiveClock().now + answering, servers) { $0.connectionCount == 0 }
    if !isDone { logger.info("closing connections that still wait for an answer") }
    await stop()
    logger.notice("stopped")
  }

  private func byRole() async -> (controllers: [NodeServer], others: [NodeServer]) {
    var (controllers, others): ([NodeServer], [NodeServer]) = ([], [])
    for server in servers {
      let leads = try? await server.node.loop.submit { server.node.look { $0.quorum.isLeader } ?? false }.get()
      if leads == true { controllers.append(server) } else { others.append(server) }
    }
    return (controllers, others)
  }

  private static func everywhere(_ servers: [NodeServer], _ body: @escaping @Sendable (NodeServer) -> Void) async {
    for server in servers { try? await server.node.loop.submit { body(server) }.get() }
  }

  /// False when the deadline came first.
  private static func wait(
    until deadline: Instant, _ servers: [NodeServer], _ isDone: @escaping @Sendable (NodeServer) -> Bool
  ) async -> Bool {
    for server in servers {
      while (try? await server.node.loop.submit { isDone(server) }.get()) == false {
        guard LiveClock().now < deadline else { return false }
        try? await Task.sleep(for: .milliseconds(10))
      }
    }
    return true
  }
}

import Broker
import NIOCore
import NIOHTTP1
import NIOPosix

extension LiveCluster {
  /// Serves what the nodes count at `http://host:port/metrics`, for Prometheus. Returns the port.
  public func serveMetrics(host: String, port: Int) async throws -> Int {
    let servers = self.servers
    let channel = try await ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
          let idle = IdleStateHandler(allTimeout: .seconds(60))
          try channel.pipeline.syncOperations.addHandlers([idle, MetricsHandler(servers)])
        }
      }
      .bind(host: host, port: port).get()
    return channel.localAddress?.port ?? port
  }
}

/// Answers one kind of question.
private final class MetricsHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let servers: [NodeServer]
  private var isFound = false

  init(_ servers: [NodeServer]) { self.servers = servers }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): isFound = head.method == .GET && head.uri.split(separator: "?").first == "/metrics"
    case .body: break
    case .end: isFound ? report(context) : answer("Expected: GET /metrics\n", .notFound, context)
    }
  }

  private func report(_ context: ChannelHandlerContext) {
    let reports = servers.map { server in server.node.loop.submit { server.report() } }
    EventLoopFuture.whenAllSucceed(reports, on: context.eventLoop).assumeIsolated().whenComplete { [self] result in
      switch result {
      case .success(let reports): answer(Exposition(reports).text, .ok, context)
      case .failure(let error): answer("\(error)\n", .internalServerError, context)
      }
    }
  }

  private func answer(_ text: String, _ status: HTTPResponseStatus, _ context: ChannelHandlerContext) {
    var headers = HTTPHeaders()
    headers.add(name: "content-type", value: "text/plain; version=0.0.4; charset=utf-8")
    headers.add(name: "content-length", value: "\(text.utf8.count)")
    context.write(
      wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
  }
}

import Glibc
import KafkaWire

/// A client that sends whatever it is told to, whole or in halves. Blocking, so not for the node's own threads.
final class RawClient {
  private let descriptor: Int32

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var patience = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw NoAnswer() }
  }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

  /// Without waiting for room: how many bytes were taken.
  func trySend(_ bytes: [UInt8]) -> Int {
    Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
  }

  /// Exactly so many bytes; nil when the connection ends or nothing comes for ten seconds.
  func receive(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var got = 0
    while got < count {
      let more = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress! + got, count - got, 0) }
      guard more > 0 else { return nil }
      got += more
    }
    return bytes
  }

  /// The other side has closed, within ten seconds.
  var isClosed: Bool {
    var byte: UInt8 = 0
    while true {
      let got = recv(descriptor, &byte, 1, 0)
      if got == 0 { return true }
      if got < 0 { return errno != EAGAIN && errno != EWOULDBLOCK }
    }
  }

  func receiveFrame() -> [UInt8]? {
    guard let length = receive(4) else { return nil }
    return receive(length.reduce(0) { $0 << 8 | Int($1) })
  }

  func ask<Request: WireRequest>(_ request: Request, version: Int16, correlation: Int32 = 1) throws -> Request.Response
  {
    send(try Self.frame(request, version: version, correlation: correlation))
    guard let frame = receiveFrame() else { throw NoAnswer() }
    var body = frame[4...]
    if Request.api.hasFlexibleResponseHeader(version) { body = body.dropFirst() }
    var reader = WireReader(body, version: version, isFlexible: Request.api.isFlexible(version))
    return try reader.message()
  }

  static func frame(_ request: some WireRequest, version: Int16, correlation: Int32 = 1) throws -> [UInt8] {
    var bytes: [UInt8] = []
    let api = type(of: request).api
    try RequestHeader(api: api.rawValue, version: version, correlation: correlation, client: "raw").write(into: &bytes)
    var writer = WireWriter(version: version, isFlexible: api.isFlexible(version))
    try writer.message(request)
    bytes += writer.bytes
    return (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) } + bytes
  }
}

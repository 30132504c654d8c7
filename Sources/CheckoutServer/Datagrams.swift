public import AtomicCommit
import Bytes
public import Clockwork
import Glibc

/// A UDP socket on the loopback address. A datagram may be lost, doubled or overtaken; the protocols stand all of that,
/// and nothing here retries.
public final class Datagrams {
  private let socket: Int32

  /// Binds to a port; 0 for any.
  public init(port: UInt16) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { throw CheckoutError.system("socket", errno) }
    var address = Self.address(port)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard bound == 0 else {
      let code = errno
      close(socket)
      throw CheckoutError.system("bind to port \(port)", code)
    }
  }

  deinit { close(socket) }

  /// The port that it is bound to.
  public var port: UInt16 {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
    }
    return UInt16(bigEndian: address.sin_port)
  }

  private static func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }

  /// Sends, or loses it when the socket has no room.
  public func send(_ bytes: [UInt8], to port: UInt16) {
    var address = Self.address(port)
    _ = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(socket, bytes, bytes.count, Int32(MSG_DONTWAIT), $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  /// The next datagram and the port that it came from; nil when there is none.
  public func receive() -> (bytes: ArraySlice<UInt8>, port: UInt16)? {
    var buffer = [UInt8](repeating: 0, count: 512)
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let count = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        recvfrom(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT), address, &length)
      }
    }
    return count >= 0 ? (buffer[..<count], UInt16(bigEndian: address.sin_port)) : nil
  }

  /// Waits for a datagram, or until so much time has passed.
  public func wait(_ interval: Interval) {
    var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    let milliseconds = max(0, min(60_000, (interval.nanoseconds + 999_999) / 1_000_000))
    poll(&descriptor, 1, Int32(milliseconds))
  }
}

/// A datagram's contents: who sent it, and what it says.
public enum Envelope {
  public static func seal(_ message: CommitMessage<Checkout>, from: NodeID) -> [UInt8] {
    var writer = ByteWriter(capacity: 48)
    writer.write(from.rawValue)
    CommitCoding.encode(message, into: &writer)
    return writer.bytes
  }

  /// Nil for what is no such message.
  public static func open(_ bytes: ArraySlice<UInt8>) -> (message: CommitMessage<Checkout>, from: NodeID)? {
    var reader = ByteReader(bytes)
    guard let from = try? reader.read(Int32.self), let message = try? CommitCoding.message(from: &reader),
      reader.isAtEnd
    else { return nil }
    return (message, NodeID(from))
  }
}

import Clockwork
import KafkaWire
import NIOCore
import Testing

@testable import BrokerServer

@Suite("A client that misbehaves", .serialized)
struct LimitTests {
  @Test("A connection too many is closed, and the others are served on")
  func connections() async throws {
    var limits = ConnectionLimits()
    limits.connections = 2
    try await withBroker(port: 19_500, limits: limits) {
      let (first, second) = (try RawClient(port: 19_500), try RawClient(port: 19_500))
      _ = try first.ask(ApiVersionsRequest(), version: 0)
      _ = try second.ask(ApiVersionsRequest(), version: 0)
      let third = try RawClient(port: 19_500)
      #expect(third.isClosed)
      #expect(try first.ask(ApiVersionsRequest(), version: 0).apis.isEmpty == false)
    }
  }

  @Test(
    "A malformed frame closes that one connection",
    arguments: [
      [0xFF, 0xFF, 0xFF, 0xFF], [0x7F, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0], [0, 0, 0, 2, 1, 2],
      Array("\0\0\0\u{10}GET / HTTP/1.1\r\n\r\n".utf8),
    ] as [[UInt8]])
  func malformed(bytes: [UInt8]) async throws {
    try await withBroker(port: 19_501) {
      let (good, bad) = (try RawClient(port: 19_501), try RawClient(port: 19_501))
      bad.send(bytes)
      #expect(bad.isClosed)
      #expect(try good.ask(ApiVersionsRequest(), version: 0).error == .none)
    }
  }

  @Test("Half a request is waited for, but not for ever")
  func halfFrame() async throws {
    var limits = ConnectionLimits()
    limits.frame = .milliseconds(300)
    try await withBroker(port: 19_502, limits: limits) {
      let (idle, slow) = (try RawClient(port: 19_502), try RawClient(port: 19_502))
      let frame = try RawClient.frame(ApiVersionsRequest(), version: 0)
      slow.send(Array(frame.prefix(7)))
      #expect(slow.isClosed)
      // Silence between requests is not owing one.
      #expect(try idle.ask(ApiVersionsRequest(), version: 0).error == .none)
    }
  }

  @Test("A silent client is closed after the idle time")
  func idle() async throws {
    var limits = ConnectionLimits()
    limits.idle = .milliseconds(300)
    try await withBroker(port: 19_503, limits: limits) {
      let silent = try RawClient(port: 19_503)
      #expect(silent.isClosed)
    }
  }

  @Test("Pipelined requests beyond the bound wait, and all are answered in order")
  func pipelining() async throws {
    var limits = ConnectionLimits()
    limits.requestsPerConnection = 4
    try await withBroker(port: 19_504, limits: limits) {
      let client = try RawClient(port: 19_504)
      for number in 0..<200 {
        client.send(try RawClient.frame(ApiVersionsRequest(), version: 0, correlation: Int32(number)))
      }
      for number in 0..<200 {
        let frame = try #require(client.receiveFrame())
        #expect(frame.prefix(4).reduce(0) { $0 << 8 | Int($1) } == number)
      }
    }
  }

  @Test("Halves of requests that fill all the room hold up the others only until they are overdue")
  func room() async throws {
    var limits = ConnectionLimits()
    limits.frame = .milliseconds(500)
    limits.requestBytes = 1_000_000
    limits.queuedBytes = 1_500_000
    try await withBroker(port: 19_505, limits: limits) {
      let hogs = try (0..<3).map { _ in try RawClient(port: 19_505) }
      for hog in hogs { hog.send([0, 0x0F, 0x42, 0x40] + [UInt8](repeating: 0, count: 900_000)) }
      let client = try RawClient(port: 19_505)
      #expect(try client.ask(ApiVersionsRequest(), version: 0).error == .none)
      for hog in hogs { #expect(hog.isClosed) }
    }
  }

  @Test("One who does not read its responses is not read from, and the others are served on")
  func slowReader() async throws {
    try await withBroker(port: 19_506) {
      let slow = try RawClient(port: 19_506)
      let frame = try RawClient.frame(ApiVersionsRequest(), version: 0)
      var sent = 0
      while sent < 64 << 20 {
        let taken = slow.trySend(frame)
        if taken < 0 { break }
        sent += taken
      }
      #expect(sent < 64 << 20)
      let other = try RawClient(port: 19_506)
      #expect(try other.ask(ApiVersionsRequest(), version: 0).error == .none)
    }
  }

  @Test("A few warnings are said, the others are counted")
  func warnings() {
    var budget = WarningBudget()
    let admitted = (0..<100).filter { _ in budget.admit(at: .start + .seconds(1)).isAdmitted }.count
    #expect(admitted == 10)
    let later = budget.admit(at: .start + .seconds(60))
    #expect(later.isAdmitted)
    #expect(later.keptBack == 90)
  }
}

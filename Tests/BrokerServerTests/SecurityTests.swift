import Broker
import Clockwork
import KafkaWire
import NIOCore
import Scram
import Testing

@testable import BrokerServer

@Suite("Who is let in, and to what", .serialized)
struct SecurityTests {
  private static var passwords: ServerSecurity {
    var security = ServerSecurity()
    security.mechanisms = SaslMechanism.all
    security.users = [("kim", "secret")]
    return security
  }

  private static func handshake(_ client: RawClient, _ mechanism: String) throws -> SaslHandshakeResponse {
    var request = SaslHandshakeRequest()
    request.mechanism = mechanism
    return try client.ask(request, version: 1)
  }

  private static func prove(_ client: RawClient, _ text: String) throws -> SaslAuthenticateResponse {
    var request = SaslAuthenticateRequest()
    request.bytes = Array(text.utf8)
    return try client.ask(request, version: 2)
  }

  @Test("Before the proof nothing is served but what leads to it")
  func unadmitted() async throws {
    try await withBroker(port: 19_510, security: Self.passwords) {
      let client = try RawClient(port: 19_510)
      #expect(try client.ask(ApiVersionsRequest(), version: 0).error == .none)
      client.send(try RawClient.frame(KafkaWire.MetadataRequest(), version: 1))
      #expect(client.isClosed)
    }
  }

  @Test("The right password opens, a wrong one or an unknown user closes")
  func plain() async throws {
    try await withBroker(port: 19_511, security: Self.passwords) {
      let client = try RawClient(port: 19_511)
      #expect(try Self.handshake(client, "PLAIN").error == .none)
      #expect(try Self.prove(client, "\0kim\0secret").error == .none)
      #expect(try client.ask(KafkaWire.MetadataRequest(), version: 1).brokers.count == 1)
      for text in ["\0kim\0wrong", "\0lee\0secret", "nonsense"] {
        let other = try RawClient(port: 19_511)
        _ = try Self.handshake(other, "PLAIN")
        #expect(try Self.prove(other, text).error == .saslAuthenticationFailed)
        #expect(other.isClosed)
      }
    }
  }

  @Test("A mechanism that is not configured is refused with those that are")
  func mechanisms() async throws {
    try await withBroker(port: 19_512, security: Self.passwords) {
      let answer = try Self.handshake(try RawClient(port: 19_512), "GSSAPI")
      #expect(answer.error == .unsupportedSaslMechanism)
      #expect(answer.mechanisms == ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
    }
  }

  @Test("What no ACL allows is refused, what one allows is served, the super user may do everything")
  func access() async throws {
    var security = ServerSecurity()
    security.superUsers = []
    try await withBroker(port: 19_513, security: security) {
      let client = try RawClient(port: 19_513)
      var request = KafkaWire.MetadataRequest()
      var topic = KafkaWire.MetadataRequest.Topic()
      topic.name = "orders"
      request.topics = [topic]
      #expect(try client.ask(request, version: 4).topics.map(\.error) == [.topicAuthorizationFailed])
      var group = HeartbeatRequest()
      group.group = "team"
      #expect(try client.ask(group, version: 0).error == .groupAuthorizationFailed)
    }
    security.superUsers = [Standing.anonymous]
    try await withBroker(port: 19_514, security: security) {
      var group = HeartbeatRequest()
      group.group = "team"
      let answer = try RawClient(port: 19_514).ask(group, version: 0)
      #expect(answer.error != .groupAuthorizationFailed)
    }
  }
}

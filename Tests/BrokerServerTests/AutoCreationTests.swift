import Clockwork
import Dispatch
import Glibc
import KafkaWire
import Testing

@testable import BrokerServer

@Suite("Topics made on demand", .serialized)
struct AutoCreationTests {
  let scratch = Scratch()

  @Test("Whoever asks for a topic while a broker comes back gets it by the first answer")
  func afterCrash() async throws {
    var errors: [[KafkaError]] = []
    var settings = ServerSettings()
    // However busy the machine is, an answer without the topic is not one that came too soon.
    settings.metadataPatience = .seconds(60)
    for round in 0..<10 {
      async let answer = answerOfFirstAsk(for: "orders-\(round)")
      let cluster = try await LiveCluster.start(
        nodes: 1, host: "127.0.0.1", port: 19_630, data: scratch.path, settings: settings, seed: UInt64(round),
        logger: LiveDiskTests.logger)
      errors.append(try await answer)
      // What it says of itself stays as it is: alive.
      try await cluster.crash(NodeID(1))
      await cluster.stop()
    }
    #expect(errors == Array(repeating: [.none], count: 10))
  }

  /// Asks as soon as there is somebody to ask. The client blocks, so it has a thread of its own.
  private func answerOfFirstAsk(for name: String) async throws -> [KafkaError] {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue(label: "client").async {
        continuation.resume(
          with: Result {
            var topic = MetadataRequest.Topic()
            topic.name = name
            var request = MetadataRequest()
            (request.topics, request.allowAutoTopicCreation) = ([topic], true)
            let limit = ContinuousClock.now + .seconds(60)
            while true {
              do { return try RawClient(port: 19_630).ask(request, version: 4).topics.map(\.error) } catch {
                guard ContinuousClock.now < limit else { throw error }
                usleep(500)
              }
            }
          })
      }
    }
  }
}

import Clockwork
import KafkaWire
import Testing

@testable import BrokerServer

@Suite("Topics made on demand", .serialized)
struct AutoCreationTests {
  let scratch = Scratch()

  @Test("Whoever asks for a topic while a broker comes back gets it by the first answer")
  func afterCrash() async throws {
    var errors: [[KafkaError]] = []
    for round in 0..<10 {
      // The client blocks, so it has a thread of its own. It asks as soon as there is somebody to ask.
      let client = Task {
        var topic = MetadataRequest.Topic()
        topic.name = "orders-\(round)"
        var request = MetadataRequest()
        (request.topics, request.allowAutoTopicCreation) = ([topic], true)
        let limit = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < limit {
          guard let client = try? RawClient(port: 19_630) else { continue }
          return try client.ask(request, version: 4).topics.map(\.error)
        }
        return []
      }
      let cluster = try await LiveCluster.start(
        nodes: 1, host: "127.0.0.1", port: 19_630, data: scratch.path, seed: UInt64(round),
        logger: LiveDiskTests.logger)
      errors.append(try await client.value)
      // What it says of itself stays as it is: alive.
      try await cluster.crash(NodeID(1))
      await cluster.stop()
    }
    #expect(errors == Array(repeating: [.none], count: 10))
  }
}

import Broker
import Clockwork
import KafkaWire
import RecordLog
import Testing

@testable import BrokerServer

/// Refusals that name the part that is to blame, so that a client can tell its records' fates apart.
@Suite("Who is to blame", .serialized)
struct BlameTests {
  private func withTopic(
    _ port: Int, _ config: [(String, String)] = [], _ body: @escaping @Sendable (RawClient) throws -> Void
  ) async throws {
    let cluster = try await LiveCluster.start(
      nodes: 1, host: "127.0.0.1", port: port, seed: 1, logger: LiveDiskTests.logger)
    let result = await Task.detached {
      Result {
        let client = try RawClient(port: port)
        var topic = CreateTopicsRequest.Topic()
        topic.name = "orders"
        topic.partitionCount = 1
        topic.replicationFactor = 1
        topic.configs = config.map { name, value in
          var one = CreateTopicsRequest.Config()
          one.name = name
          one.value = value
          return one
        }
        var request = CreateTopicsRequest()
        request.topics = [topic]
        request.timeoutMilliseconds = 5000
        #expect(try client.ask(request, version: 5).topics.map(\.error) == [.none])
        try body(client)
      }
    }.value
    await cluster.stop()
    try result.get()
  }

  @Test("Records without a key in a compacted topic are named by their places in the batch (KIP-467)")
  func keyless() async throws {
    try await withTopic(19_570, [("cleanup.policy", "compact")]) { client in
      let keys: [[UInt8]?] = [[1], nil, [2], nil]
      let batch = RecordBatch(records: keys.map { Record(key: $0, value: [7], timestamp: 1) })
      var partition = KafkaWire.ProduceRequest.Topic.Partition()
      partition.records = .bytes(batch.serialized()[...])
      var topic = KafkaWire.ProduceRequest.Topic()
      topic.name = "orders"
      topic.partitionData = [partition]
      var request = KafkaWire.ProduceRequest()
      request.acks = -1
      request.timeoutMilliseconds = 5000
      request.topicData = [topic]
      let answer = try client.ask(request, version: 9).responses[0].partitionResponses[0]
      #expect(answer.error == .invalidRecord)
      #expect(answer.recordErrors.map(\.batchIndex) == [1, 3])
    }
  }

  @Test("A commit for a topic that there is not is refused for that topic alone")
  func unknownTopic() async throws {
    try await withTopic(19_571) { client in
      var find = FindCoordinatorRequest()
      find.key = "team"
      for _ in 0..<50 where try client.ask(find, version: 1).error != .none {}
      var request = OffsetCommitRequest()
      request.group = "team"
      request.generation = -1
      request.topics = ["orders", "nothing"].map { name in
        var partition = OffsetCommitRequest.Topic.Partition()
        partition.committedOffset = 3
        var topic = OffsetCommitRequest.Topic()
        topic.name = name
        topic.partitions = [partition]
        return topic
      }
      var errors: [KafkaError] = []
      for _ in 0..<200 {
        errors = try client.ask(request, version: 7).topics.flatMap { $0.partitions.map(\.error) }
        if errors.first == KafkaError.none { break }
      }
      #expect(errors == [.none, .unknownTopicOrPartition])
      request.topics.removeFirst()
      #expect(try client.ask(request, version: 7).topics[0].partitions[0].error == .unknownTopicOrPartition)
    }
  }

  @Test("Who asks what it may do is told: everything, where no ACLs are in force (KIP-430)")
  func operations() async throws {
    try await withTopic(19_573) { client in
      var topic = KafkaWire.MetadataRequest.Topic()
      topic.name = "orders"
      var request = KafkaWire.MetadataRequest()
      request.topics = [topic]
      request.includeTopicAuthorizedOperations = true
      let topics = try client.ask(request, version: 9).topics
      #expect(topics.map(\.authorizedOperations.nonzeroBitCount) == [8])
      request.includeTopicAuthorizedOperations = false
      #expect(try client.ask(request, version: 9).topics.map(\.authorizedOperations) == [.min])
      var cluster = DescribeClusterRequest()
      cluster.includeClusterAuthorizedOperations = true
      #expect(try client.ask(cluster, version: 0).clusterAuthorizedOperations.nonzeroBitCount == 7)
    }
  }

  @Test("A group's settings are its own, known before it is, and told back (KIP-848)")
  func groupSettings() async throws {
    try await withTopic(19_572) { client in
      var config = IncrementalAlterConfigsRequest.Config()
      config.name = "consumer.session.timeout.ms"
      config.value = "50000"
      var resource = IncrementalAlterConfigsRequest.Resource()
      resource.type = 32
      resource.name = "team"
      resource.configs = [config]
      var request = IncrementalAlterConfigsRequest()
      request.resources = [resource]
      #expect(try client.ask(request, version: 1).resources.map(\.error) == [.none])
      request.resources[0].configs[0].value = "5"
      #expect(try client.ask(request, version: 1).resources.map(\.error) == [.invalidConfig])
      var asked = DescribeConfigsRequest.Resource()
      asked.type = 32
      asked.name = "team"
      asked.keys = nil
      var describe = DescribeConfigsRequest()
      describe.resources = [asked]
      let answer = try client.ask(describe, version: 4).resources[0]
      #expect(answer.configs.map(\.value) == ["5000", "50000"])
    }
  }
}

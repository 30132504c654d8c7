import Broker
import Bytes
import Clockwork
import Codecs
import KafkaWire
import RecordLog
import Testing

@testable import BrokerServer

/// Refusals that name the part that is to blame, so that a client can tell its records' fates apart.
@Suite("Who is to blame", .serialized)
struct BlameTests {
  @Test("Records without a key in a compacted topic are named by their places in the batch (KIP-467)")
  func keyless() async throws {
    try await withTopic(19_570, [("cleanup.policy", "compact")]) { client in
      func batch(_ keys: [[UInt8]?], _ codec: Codec) throws -> RecordBatch {
        try RecordBatch(records: keys.map { Record(key: $0, value: [7], timestamp: 1) }).compressed(by: codec)
      }
      for codec in Codec.allCases {
        let answer = try produce(batch([[1], nil, [2], nil], codec), client)
        #expect(answer.error == .invalidRecord)
        #expect(answer.recordErrors.map(\.batchIndex) == [1, 3])
        #expect(try produce(batch([[1], [2]], codec), client).error == .none)
      }
    }
  }

  @Test("A compacted topic takes no batch that it could not open, another one does")
  func unreadable() async throws {
    // Says that it is compressed by zstd, and is not; and more zeros than it may hold.
    var nonsense = RecordBatch(records: [Record(key: "a", value: "b", timestamp: 1)]).serialized()
    nonsense[22] = 4
    let checksum = CRC32C.checksum(nonsense[21...])
    for index in 0..<4 { nonsense[17 + index] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * UInt32(index))) }
    let zeros = Record(key: [1], value: [UInt8](repeating: 0, count: 17 << 20))
    let batches = [
      try RecordBatch(validating: nonsense), try RecordBatch(records: [zeros]).compressed(by: .zstd),
    ]
    try await withTopic(19_570, [("cleanup.policy", "compact")]) { client in
      let errors = try batches.map { try produce($0, client).error }
      #expect(errors == [.invalidRecord, .messageTooLarge])
    }
    try await withTopic(19_570) { client in
      let errors = try batches.map { try produce($0, client).error }
      #expect(errors == [.none, .none])
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

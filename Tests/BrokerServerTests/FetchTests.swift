import Clockwork
import KafkaWire
import RecordLog
import Testing

@testable import BrokerServer

@Suite("Fetches over a socket", .serialized)
struct FetchTests {
  @Test("What is not there has no marks, in any version", arguments: [4, 11, 12, 13] as [Int16])
  func unknown(version: Int16) async throws {
    try await withReader(port: 19_532, partitions: 1) { reader in
      var asked = WireFetchRequest()
      asked.sessionEpoch = -1
      asked.topics = ["orders", "nowhere"].map { name in
        var topic = WireFetchRequest.Topic()
        (topic.topic, topic.id) = (name, WireUUID(high: 1, low: 2))
        topic.partitions = [reader.partition(7, from: 0)]
        return topic
      }
      let answer = try reader.client.ask(asked, version: version)
      let partitions = answer.responses.flatMap(\.partitions)
      try #require(partitions.count == 2)
      for partition in partitions {
        #expect(partition.error == (version < 13 ? .unknownTopicOrPartition : .unknownTopicID))
        #expect(partition.highWatermark == -1 && partition.lastStableOffset == -1 && partition.logStartOffset == -1)
      }
    }
  }
}

/// A client with a fetch session on a topic `orders`.
private final class Reader {
  let client: RawClient
  private var session: Int32 = 0
  private var epoch: Int32 = 0

  init(port: Int, partitions: Int32) throws {
    client = try RawClient(port: port)
    var topic = CreateTopicsRequest.Topic()
    (topic.name, topic.partitionCount, topic.replicationFactor) = ("orders", partitions, 1)
    var request = CreateTopicsRequest()
    request.topics = [topic]
    #expect(try client.ask(request, version: 5).topics.map(\.error) == [.none])
  }

  func partition(_ index: Int32, from offset: Int64) -> WireFetchRequest.Topic.Partition {
    var partition = WireFetchRequest.Topic.Partition()
    (partition.partition, partition.fetchOffset, partition.partitionMaxBytes) = (index, offset, 1 << 20)
    return partition
  }

  func produce(to index: Int32) throws {
    var partition = WireProduceRequest.Topic.Partition()
    partition.index = index
    partition.records = .bytes(
      RecordBatch(records: [Record(key: nil, value: "bibimbap", timestamp: 1)]).serialized()[...])
    var topic = WireProduceRequest.Topic()
    (topic.name, topic.partitionData) = ("orders", [partition])
    var request = WireProduceRequest()
    (request.acks, request.timeoutMilliseconds, request.topicData) = (-1, 3000, [topic])
    let answer = try client.ask(request, version: 8)
    #expect(answer.responses.flatMap(\.partitionResponses).map(\.error) == [.none])
  }

  /// The session's next fetch: what changes, and what is told.
  func fetch(
    _ changed: [Int32] = [], from offset: Int64 = 0, forgetting forgotten: [Int32] = [], maxBytes: Int32 = 1 << 20
  ) throws -> [FetchResponse.Topic.Partition] {
    var request = WireFetchRequest()
    (request.session, request.sessionEpoch, request.maxBytes) = (session, epoch, maxBytes)
    if !changed.isEmpty {
      var topic = WireFetchRequest.Topic()
      topic.topic = "orders"
      topic.partitions = changed.map { partition($0, from: offset) }
      request.topics = [topic]
    }
    if !forgotten.isEmpty {
      var topic = WireFetchRequest.ForgottenTopic()
      (topic.topic, topic.partitions) = ("orders", forgotten)
      request.forgottenTopicsData = [topic]
    }
    let answer = try client.ask(request, version: 11)
    #expect(answer.error == .none)
    (session, epoch) = (answer.session, epoch + 1)
    return answer.responses.flatMap(\.partitions)
  }
}

/// A broker on a port of its own and a client of it. The body blocks, so it has a thread of its own.
private func withReader(
  port: Int, partitions: Int32, _ body: @escaping @Sendable (Reader) throws -> Void
) async throws {
  let cluster = try await LiveCluster.start(
    nodes: 1, host: "127.0.0.1", port: port, seed: 1, logger: LiveDiskTests.logger)
  let result = await Task { Result { try body(Reader(port: port, partitions: partitions)) } }.value
  await cluster.stop()
  try result.get()
}

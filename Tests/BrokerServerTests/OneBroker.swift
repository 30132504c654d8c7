import BrokerServer
import KafkaWire
import RecordLog
import Testing

/// A broker on a port of its own, stopped when the body is done. The body blocks, so it runs beside the test.
func withBroker(
  port: Int, limits: ConnectionLimits = ConnectionLimits(), security: ServerSecurity = ServerSecurity(),
  _ body: @escaping @Sendable () throws -> Void
) async throws {
  let cluster = try await LiveCluster.start(
    nodes: 1, host: "127.0.0.1", port: port, limits: limits, security: security, seed: 1, logger: LiveDiskTests.logger)
  let result = await Task.detached { Result { try body() } }.value
  await cluster.stop()
  try result.get()
}

/// A broker with the topic `orders`, and a client.
func withTopic(
  _ port: Int, _ config: [(String, String)] = [], partitions: Int32 = 1,
  _ body: @escaping @Sendable (RawClient) throws -> Void
) async throws {
  try await withBroker(port: port) {
    let client = try RawClient(port: port)
    var topic = CreateTopicsRequest.Topic()
    (topic.name, topic.partitionCount, topic.replicationFactor) = ("orders", partitions, 1)
    topic.configs = config.map { name, value in
      var one = CreateTopicsRequest.Config()
      (one.name, one.value) = (name, value)
      return one
    }
    var request = CreateTopicsRequest()
    (request.topics, request.timeoutMilliseconds) = ([topic], 5000)
    #expect(try client.ask(request, version: 5).topics.map(\.error) == [.none])
    try body(client)
  }
}

/// One batch to `orders`, with acks=all.
func produce(
  _ batch: RecordBatch, to index: Int32 = 0, _ client: RawClient
) throws -> ProduceResponse.Topic.Partition {
  var partition = KafkaWire.ProduceRequest.Topic.Partition()
  partition.index = index
  partition.records = .bytes(batch.serialized()[...])
  var topic = KafkaWire.ProduceRequest.Topic()
  topic.name = "orders"
  topic.partitionData = [partition]
  var request = KafkaWire.ProduceRequest()
  request.acks = -1
  request.timeoutMilliseconds = 5000
  request.topicData = [topic]
  return try client.ask(request, version: 9).responses[0].partitionResponses[0]
}

/// The first batch of `orders`, as it lies in the log.
func fetchFirst(_ client: RawClient) throws -> RecordBatch {
  var partition = KafkaWire.FetchRequest.Topic.Partition()
  partition.partitionMaxBytes = 1 << 24
  var topic = KafkaWire.FetchRequest.Topic()
  (topic.topic, topic.partitions) = ("orders", [partition])
  var request = KafkaWire.FetchRequest()
  (request.sessionEpoch, request.maxBytes, request.topics) = (-1, 1 << 24, [topic])
  let answer = try client.ask(request, version: 11).responses[0].partitions[0]
  guard case .bytes(let bytes) = answer.records else { throw RecordBatchError.truncated(needed: 1, available: 0) }
  return try RecordBatch(validating: bytes)
}

import Clockwork
import DeliveryRuntime
import Testing

/// What tests do with librdkafka's mock brokers.
struct MockBrokers: ~Copyable {
  let cluster: MockCluster
  let settings: ClientSettings

  init(topics: [String], partitions: Int32) throws {
    let cluster = try MockCluster(brokers: 3)
    for topic in topics { try cluster.create(topic, partitions: partitions, replicas: 3) }
    settings = ClientSettings(bootstrapServers: cluster.bootstrapServers)
    self.cluster = cluster
  }

  func fill(_ topic: String, partitions: Int32, count: Int) throws {
    let producer = try RecordProducer(settings)
    for number in 0..<count {
      try producer.send(
        ProducerRecord(TopicPartition(topic, Int32(number) % partitions), key: nil, value: bytes("\(number)")))
    }
    try producer.flush(.seconds(60))
    #expect(producer.tally == DeliveryTally(taken: count))
  }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
func text(_ bytes: [UInt8]?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }

/// Polls until `isDone`, a bounded number of times.
func poll(
  _ consumer: borrowing GroupConsumer, _ isDone: ([GroupConsumer.Batch]) -> Bool
) throws -> [GroupConsumer.Batch] {
  var batches: [GroupConsumer.Batch] = []
  for _ in 0..<600 where !isDone(batches) { batches.append(try consumer.poll(.milliseconds(100))) }
  return batches
}

func read(_ reader: borrowing PartitionReader, count: Int) throws -> [ConsumerRecord] {
  var records: [ConsumerRecord] = []
  for _ in 0..<600 where records.count < count { records += try reader.poll(.milliseconds(100)) }
  return records
}

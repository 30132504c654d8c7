internal import CKafkaClient

/// librdkafka's own mock brokers, on loopback ports of this process, for tests: they keep records in memory, know groups,
/// and say yes to transactions, of which they can undo no record and keep no offset.
public struct MockCluster: ~Copyable {
  private let handle: HandleBox
  /// Where clients find it.
  public let bootstrapServers: String

  public init(brokers: Int) throws(ClientError) {
    let settings = ClientSettings(bootstrapServers: "", [.init("test.mock.num.brokers", String(brokers))])
    let handle = HandleBox(try ClientHandle(RD_KAFKA_PRODUCER, consuming: try settings.configuration()))
    guard let cluster = rd_kafka_handle_mock_cluster(handle.pointer),
      let servers = rd_kafka_mock_cluster_bootstraps(cluster)
    else { throw .unusable("this librdkafka has no mock cluster") }
    self.handle = handle
    bootstrapServers = String(cString: servers)
  }

  private var cluster: OpaquePointer? { rd_kafka_handle_mock_cluster(handle.pointer) }

  /// Makes a topic: the mock answers no administrator.
  public func create(_ topic: String, partitions: Int32, replicas: Int32) throws(ClientError) {
    let code = rd_kafka_mock_topic_create(cluster, topic, partitions, replicas)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw ClientError(code) }
  }

  /// Which requests can be made to fail.
  public enum Request: Int16, Sendable {
    case produce = 0
    case initProducerID = 22
    case addPartitions = 24
    case addOffsets = 25
    case endTransaction = 26
    case commitOffsets = 28
  }

  /// The next such requests are answered with these codes of Kafka's, in turn; 0 is none.
  public func fail(_ request: Request, with codes: [Int32]) {
    let codes = codes.map { rd_kafka_resp_err_t($0) }
    rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, codes.count, codes)
  }

  /// A broker goes away, with its connections, or comes back.
  public func set(broker: Int32, isUp: Bool) throws(ClientError) {
    let code = isUp ? rd_kafka_mock_broker_set_up(cluster, broker) : rd_kafka_mock_broker_set_down(cluster, broker)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw ClientError(code) }
  }

  /// Makes a broker the leader of a partition, or nobody.
  public func set(leader: Int32?, of place: TopicPartition) throws(ClientError) {
    let code = rd_kafka_mock_partition_set_leader(cluster, place.topic, place.partition, leader ?? -1)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw ClientError(code) }
  }
}

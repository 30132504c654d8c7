internal import CKafkaClient
public import Clockwork

/// Asks a cluster for its topics, and makes new ones.
public struct ClusterAdministrator: ~Copyable {
  private let handle: ClientHandle

  /// A topic to be; -1 replicas are as many as the cluster gives a topic by itself.
  public struct NewTopic: Hashable, Sendable {
    public var name: String
    public var partitions: Int32
    public var replicas: Int32
    public var configuration: [ClientSettings.Property]

    public init(
      _ name: String, partitions: Int32, replicas: Int32, _ configuration: [ClientSettings.Property] = []
    ) {
      self.name = name
      self.partitions = partitions
      self.replicas = replicas
      self.configuration = configuration
    }
  }

  public init(_ settings: ClientSettings) throws(ClientError) {
    handle = try ClientHandle(RD_KAFKA_PRODUCER, consuming: try settings.configuration())
  }

  /// How many partitions each topic has.
  public func partitions(_ patience: Interval = .seconds(10)) throws(ClientError) -> [String: Int32] {
    var found: UnsafePointer<rd_kafka_metadata>?
    let code = rd_kafka_metadata(handle.pointer, 1, nil, &found, patience.timeout)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let found else { throw ClientError(code) }
    defer { rd_kafka_metadata_destroy(found) }
    var partitions: [String: Int32] = [:]
    for index in 0..<Int(found.pointee.topic_cnt) {
      let topic = found.pointee.topics[index]
      if topic.err == RD_KAFKA_RESP_ERR_NO_ERROR {
        partitions[String(cString: topic.topic)] = topic.partition_cnt
      }
    }
    return partitions
  }

  /// Creates the topics; those that are there already stay as they are.
  public func create(_ topics: [NewTopic], patience: Interval = .seconds(30)) throws(ClientError) {
    guard !topics.isEmpty else { return }
    var made: [OpaquePointer?] = []
    defer { for topic in made { rd_kafka_NewTopic_destroy(topic) } }
    for topic in topics {
      let said = Said()
      guard
        let new = said.hear({
          rd_kafka_NewTopic_new(topic.name, topic.partitions, topic.replicas, $0, $1)
        })
      else { throw .unusable("topic \(topic.name): \(said.text)") }
      made.append(new)
      for property in topic.configuration {
        let code = rd_kafka_NewTopic_set_config(new, property.name, property.value)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw ClientError(code) }
      }
    }
    let queue = rd_kafka_queue_new(handle.pointer)
    defer { rd_kafka_queue_destroy(queue) }
    let options = rd_kafka_AdminOptions_new(handle.pointer, RD_KAFKA_ADMIN_OP_CREATETOPICS)
    defer { rd_kafka_AdminOptions_destroy(options) }
    _ = rd_kafka_AdminOptions_set_operation_timeout(options, patience.timeout, nil, 0)
    _ = rd_kafka_AdminOptions_set_request_timeout(options, patience.timeout, nil, 0)
    rd_kafka_CreateTopics(handle.pointer, &made, made.count, options, queue)
    guard let event = rd_kafka_queue_poll(queue, patience.timeout + 1000) else {
      throw .late("no answer to the creation of \(topics.count) topics")
    }
    defer { rd_kafka_event_destroy(event) }
    let code = rd_kafka_event_error(event)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
      throw ClientError(code, rd_kafka_event_error_string(event).map { String(cString: $0) })
    }
    var count = 0
    guard let result = rd_kafka_event_CreateTopics_result(event),
      let outcomes = rd_kafka_CreateTopics_result_topics(result, &count)
    else { return }
    for index in 0..<count {
      let code = rd_kafka_topic_result_error(outcomes[index])
      guard code != RD_KAFKA_RESP_ERR_NO_ERROR, code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS else { continue }
      throw ClientError(code, rd_kafka_topic_result_error_string(outcomes[index]).map { String(cString: $0) })
    }
  }
}

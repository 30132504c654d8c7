internal import CKafkaClient
internal import Clockwork

/// One client of librdkafka, with one owner: the client ends with it.
struct ClientHandle: ~Copyable {
  let pointer: OpaquePointer
  /// What callbacks are handed; it outlives the client, which may call back until it is gone.
  private let context: (any AnyObject & Sendable)?

  /// Uses the configuration up, whether or not there is a client afterwards.
  init(_ kind: rd_kafka_type_t, consuming configuration: OpaquePointer, context: (any AnyObject & Sendable)? = nil)
    throws(ClientError)
  {
    if let context { rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(context).toOpaque()) }
    let said = Said()
    guard let pointer = said.hear({ rd_kafka_new(kind, configuration, $0, $1) }) else {
      rd_kafka_conf_destroy(configuration)
      throw .unusable(said.text)
    }
    self.pointer = pointer
    self.context = context
  }

  deinit { rd_kafka_destroy(pointer) }

  /// Why the client is of no more use; nil while it is.
  var fatal: ClientError? {
    let said = Said()
    let code = said.hear { rd_kafka_fatal_error(pointer, $0, $1) }
    guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
    let error = ClientError(code, said.text)
    if case .fenced = error { return error }
    return .fatal(error.refusal)
  }
}

extension Interval {
  /// As librdkafka wants it: milliseconds, at most a day.
  var timeout: Int32 { Int32(max(0, min(86_400_000, milliseconds))) }
}

/// A list of partitions and offsets, freed with its owner.
struct PartitionList: ~Copyable {
  let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

  init(_ places: some Collection<TopicPartition>) {
    pointer = rd_kafka_topic_partition_list_new(Int32(places.count))
    for place in places { rd_kafka_topic_partition_list_add(pointer, place.topic, place.partition) }
  }

  init(_ offsets: some Collection<(TopicPartition, Int64)>) {
    pointer = rd_kafka_topic_partition_list_new(Int32(offsets.count))
    for (place, offset) in offsets {
      rd_kafka_topic_partition_list_add(pointer, place.topic, place.partition).pointee.offset = offset
    }
  }

  deinit { rd_kafka_topic_partition_list_destroy(pointer) }

  /// What another's list names.
  static func places(in list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) -> [TopicPartition] {
    offsets(in: list).map(\.0)
  }

  static func offsets(
    in list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
  ) -> [(TopicPartition, Int64)] {
    guard let list = list?.pointee, let elements = list.elems else { return [] }
    return (0..<Int(list.cnt)).map { index in
      let element = elements[index]
      return (TopicPartition(String(cString: element.topic), element.partition), element.offset)
    }
  }
}

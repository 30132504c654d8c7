internal import CKafkaClient
public import Clockwork
internal import Glibc

/// Reads partitions from where it is told, for whoever restores a state or follows a log; belongs to no group.
public struct PartitionReader: ~Copyable {
  private let handle: ClientHandle
  private let batchLimit: Int

  public enum Start: Hashable, Sendable {
    case beginning
    case end
    case offset(Int64)
  }

  /// `isCommittedOnly` leaves out what was aborted, and waits for what is still open.
  public init(_ settings: ClientSettings, isCommittedOnly: Bool = true, batchLimit: Int = 4000) throws(ClientError) {
    let configuration = try settings.with([
      // A name is asked for, and never used: no offset is committed and nothing is subscribed to.
      .init("group.id", "baedal-reader"), .init("enable.auto.commit", "false"),
      // What is not there any more is told of, never passed over.
      .init("auto.offset.reset", "error"), .init("fetch.wait.max.ms", "50"),
      .init("queued.max.messages.kbytes", "16384"), .init("enable.partition.eof", "true"),
      .init("isolation.level", isCommittedOnly ? "read_committed" : "read_uncommitted"),
    ]).configuration()
    handle = try ClientHandle(RD_KAFKA_CONSUMER, consuming: configuration)
    self.batchLimit = max(1, batchLimit)
    rd_kafka_poll_set_consumer(handle.pointer)
  }

  /// Reads these partitions, and no others, from here on.
  public func start(_ places: [(TopicPartition, Start)]) throws(ClientError) {
    let list = PartitionList(
      places.map { place, start in
        switch start {
        case .beginning: (place, Int64(RD_KAFKA_OFFSET_BEGINNING))
        case .end: (place, Int64(RD_KAFKA_OFFSET_END))
        case .offset(let offset): (place, offset)
        }
      })
    let code = rd_kafka_assign(handle.pointer, list.pointer)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw ClientError(code) }
  }

  /// Waits up to `patience` for the first record, then takes what has come already.
  public func poll(_ patience: Interval) throws(ClientError) -> [ConsumerRecord] {
    var records: [ConsumerRecord] = []
    var wait = patience.timeout
    while records.count < batchLimit, let message = rd_kafka_consumer_poll(handle.pointer, wait) {
      defer { rd_kafka_message_destroy(message) }
      switch message.pointee.err {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
        records.append(ConsumerRecord(message))
        wait = 0
      case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
        let record = ConsumerRecord(message)
        throw ClientError(
          message.pointee.err, "\(record.place) has no offset \(record.offset): \(message.text ?? "it is out of range")"
        )
      case RD_KAFKA_RESP_ERR__PARTITION_EOF: wait = records.isEmpty ? min(wait, 20) : 0
      default:
        let error = ClientError(message.pointee.err, message.text)
        switch error {
        case .fatal, .fenced, .refused: throw error
        case .retriable, .abortable: wait = records.isEmpty ? min(wait, 50) : 0
        }
      }
    }
    return records
  }

  /// The next offset that will be read of each partition, transaction markers and aborted records left behind; nil before
  /// anything was.
  public func positions(_ places: [TopicPartition]) -> [TopicPartition: Int64] {
    let list = PartitionList(places)
    guard rd_kafka_position(handle.pointer, list.pointer) == RD_KAFKA_RESP_ERR_NO_ERROR else { return [:] }
    return Dictionary(
      PartitionList.offsets(in: list.pointer).filter { $0.1 >= 0 }, uniquingKeysWith: { first, _ in first })
  }

  /// The first offset kept and the one after the last, whatever is still open.
  ///
  /// While nobody leads the partition, librdkafka says so at once, and even calls it unknown: it is told to learn who leads
  /// now and asked again until `patience` is over, and only then `.retriable` is thrown.
  public func bounds(_ place: TopicPartition, patience: Interval = .seconds(30))
    throws(ClientError) -> Range<Int64>
  {
    let end = Instant.wallClock + patience
    while true {
      var (low, high): (Int64, Int64) = (0, 0)
      let left = max(.milliseconds(1), end - .wallClock)
      let code = rd_kafka_query_watermark_offsets(
        handle.pointer, place.topic, place.partition, &low, &high, left.timeout)
      guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return low..<max(low, high) }
      let error = ClientError(code)
      guard case .retriable = error, .wallClock < end else { throw error }
      // An election is no event that the client would tell of.
      usleep(50_000)
      learnLeaders(of: place.topic, left)
    }
  }

  /// Has the client ask for the topic anew; what it hears goes into its cache.
  private func learnLeaders(of topic: String, _ patience: Interval) {
    guard let topic = rd_kafka_topic_new(handle.pointer, topic, nil) else { return }
    defer { rd_kafka_topic_destroy(topic) }
    var metadata: UnsafePointer<rd_kafka_metadata>?
    if rd_kafka_metadata(handle.pointer, 0, topic, &metadata, patience.timeout) == RD_KAFKA_RESP_ERR_NO_ERROR {
      rd_kafka_metadata_destroy(metadata)
    }
  }
}

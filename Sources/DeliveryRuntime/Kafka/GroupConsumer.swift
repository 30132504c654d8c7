internal import CKafkaClient
public import Clockwork
internal import Synchronization

/// A member of a consumer group that reads what is committed, and whose offsets are kept by whoever commits them.
///
/// Partitions change hands only inside `poll`, and cooperatively (KIP-429): what stays is read on. What changed stands in
/// the answer, before the records that were read.
public struct GroupConsumer: ~Copyable {
  private let rebalances: Rebalances
  private let handle: HandleBox
  private let batchLimit: Int

  /// What a call of `poll` came to.
  public struct Batch: Sendable {
    /// Partitions that are another's now. Nothing may be committed for them any more.
    public var revoked: [TopicPartition] = []
    /// Partitions that are this member's from now on.
    public var assigned: [TopicPartition] = []
    public var records: [ConsumerRecord] = []
    /// Something that passes by itself, or a record that could not be had.
    public var errors: [ClientError] = []

    public var isEmpty: Bool { revoked.isEmpty && assigned.isEmpty && records.isEmpty && errors.isEmpty }
  }

  /// Joins `group` for `topics`. `batchLimit` bounds how many records a poll returns.
  public init(
    _ settings: ClientSettings, group: String, topics: [String], batchLimit: Int = 2000,
    sessionTimeout: Interval = .seconds(6)
  ) throws(ClientError) {
    let rebalances = Rebalances()
    let configuration = try settings.with([
      .init("group.id", group), .init("enable.auto.commit", "false"), .init("auto.offset.reset", "earliest"),
      .init("isolation.level", "read_committed"), .init("partition.assignment.strategy", "cooperative-sticky"),
      .init("session.timeout.ms", String(sessionTimeout.timeout)),
      .init("heartbeat.interval.ms", String(max(100, sessionTimeout.timeout / 6))),
      .init("queued.max.messages.kbytes", "16384"), .init("fetch.wait.max.ms", "100"),
      .init("topic.metadata.refresh.interval.ms", "5000"),
    ]).configuration()
    rd_kafka_conf_set_rebalance_cb(configuration) { client, code, partitions, opaque in
      guard let client, let opaque else { return }
      Unmanaged<Rebalances>.fromOpaque(opaque).takeUnretainedValue().happen(client, code, partitions)
    }
    let handle = HandleBox(try ClientHandle(RD_KAFKA_CONSUMER, consuming: configuration, context: rebalances))
    // Rebalances and errors come by the same queue as records.
    rd_kafka_poll_set_consumer(handle.pointer)
    let list = PartitionList(topics.map { TopicPartition($0, -1) })
    let code = rd_kafka_subscribe(handle.pointer, list.pointer)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw ClientError(code) }
    self.handle = handle
    self.rebalances = rebalances
    self.batchLimit = max(1, batchLimit)
  }

  /// Waits up to `patience` for the first record, then takes what has come already.
  public func poll(_ patience: Interval) throws(ClientError) -> Batch {
    var batch = Batch()
    var wait = patience.timeout
    while batch.records.count < batchLimit, let message = rd_kafka_consumer_poll(handle.pointer, wait) {
      defer { rd_kafka_message_destroy(message) }
      wait = 0
      if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
        batch.records.append(ConsumerRecord(message))
      } else if message.pointee.err != RD_KAFKA_RESP_ERR__PARTITION_EOF {
        let error = ClientError(message.pointee.err, message.text)
        if case .fatal = error { throw handle.fatal ?? error }
        if case .fenced = error { throw error }
        batch.errors.append(error)
      }
    }
    (batch.revoked, batch.assigned) = rebalances.take()
    return batch
  }

  /// Reads on from here: after an aborted transaction, from what was committed last.
  public func rewind(to offsets: [(TopicPartition, Int64)], patience: Interval = .seconds(10)) throws(ClientError) {
    for (place, offset) in offsets {
      let list = PartitionList([(place, offset)])
      if let error = rd_kafka_seek_partitions(handle.pointer, list.pointer, patience.timeout) {
        throw ClientError(consuming: error)
      }
    }
  }

  /// How far the group has read, by what is committed and settled; nil where nothing is.
  public func committed(_ places: [TopicPartition], patience: Interval = .seconds(10))
    throws(ClientError) -> [TopicPartition: Int64]
  {
    let list = PartitionList(places)
    let code = rd_kafka_committed(handle.pointer, list.pointer, patience.timeout)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw ClientError(code) }
    return Dictionary(
      PartitionList.offsets(in: list.pointer).filter { $0.1 >= 0 }, uniquingKeysWith: { first, _ in first })
  }

  /// The next offset that will be read of each partition; nil before anything was.
  public func positions(_ places: [TopicPartition]) -> [TopicPartition: Int64] {
    let list = PartitionList(places)
    guard rd_kafka_position(handle.pointer, list.pointer) == RD_KAFKA_RESP_ERR_NO_ERROR else { return [:] }
    return Dictionary(
      PartitionList.offsets(in: list.pointer).filter { $0.1 >= 0 }, uniquingKeysWith: { first, _ in first })
  }

  /// What this member reads now.
  public var assignment: [TopicPartition] {
    var list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
    guard rd_kafka_assignment(handle.pointer, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [] }
    defer { rd_kafka_topic_partition_list_destroy(list) }
    return PartitionList.places(in: list).sorted()
  }

  /// Leaves the group, so that the others need not wait for the session to run out.
  public consuming func close() { leave() }

  func leave() { _ = rd_kafka_consumer_close(handle.pointer) }

  /// Who this member is to the group, for a transaction; the caller frees it.
  var membership: OpaquePointer? { rd_kafka_consumer_group_metadata(handle.pointer) }
}

/// Takes partitions when the group says so, and notes it for whoever polls.
final class Rebalances: Sendable {
  private struct Changes {
    var revoked: [TopicPartition] = []
    var assigned: [TopicPartition] = []
  }

  private let changes = Mutex(Changes())

  func take() -> (revoked: [TopicPartition], assigned: [TopicPartition]) {
    changes.withLock { changes in
      defer { changes = Changes() }
      return (changes.revoked.sorted(), changes.assigned.sorted())
    }
  }

  func happen(
    _ client: OpaquePointer, _ code: rd_kafka_resp_err_t,
    _ partitions: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
  ) {
    let places = PartitionList.places(in: partitions)
    let isAssigning = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS
    // Nil for a client that is on its way out, which takes nothing up any more.
    let agreed = rd_kafka_rebalance_protocol(client).map { String(cString: $0) }
    if agreed == "COOPERATIVE" {
      let error =
        isAssigning
        ? rd_kafka_incremental_assign(client, partitions) : rd_kafka_incremental_unassign(client, partitions)
      if let error { rd_kafka_error_destroy(error) }
    } else {
      _ = rd_kafka_assign(client, isAssigning && agreed != nil ? partitions : nil)
    }
    changes.withLock { changes in
      if isAssigning {
        changes.assigned += places
      } else {
        // Given and taken between two polls: nobody needs to know.
        let untold = Set(changes.assigned).intersection(places)
        changes.assigned.removeAll(where: untold.contains)
        changes.revoked += places.filter { !untold.contains($0) }
      }
    }
  }
}

extension UnsafeMutablePointer<rd_kafka_message_t> {
  /// librdkafka's words for the error that the message stands for.
  var text: String? { rd_kafka_message_errstr(self).map { String(cString: $0) } }
}

extension ConsumerRecord {
  /// Copies what librdkafka lends.
  init(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
    let topic = message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? ""
    func bytes(_ start: UnsafeMutableRawPointer?, _ count: Int) -> [UInt8]? {
      start.map { Array(UnsafeRawBufferPointer(start: $0, count: count)) }
    }
    self.init(
      place: TopicPartition(topic, message.pointee.partition), offset: message.pointee.offset,
      key: bytes(message.pointee.key, message.pointee.key_len),
      value: bytes(message.pointee.payload, message.pointee.len),
      timestamp: rd_kafka_message_timestamp(message, nil), headers: Self.headers(message))
  }

  private static func headers(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> [ProducerRecord.Header] {
    var list: OpaquePointer?
    guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [] }
    var headers: [ProducerRecord.Header] = []
    for index in 0..<rd_kafka_header_cnt(list) {
      var (name, value, size): (UnsafePointer<CChar>?, UnsafeRawPointer?, Int) = (nil, nil, 0)
      guard rd_kafka_header_get_all(list, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let name
      else { break }
      headers.append(
        .init(String(cString: name), Array(UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size))))
    }
    return headers
  }
}

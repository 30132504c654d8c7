internal import CKafkaClient
public import Clockwork
internal import Synchronization

/// An idempotent producer: what it was given is in the log once, in order for each partition, or reported lost.
///
/// Its queue is bounded (`queue.buffering.max.messages`); `send` waits for room, not for the broker.
public struct RecordProducer: ~Copyable {
  private let core: ProducerCore

  public init(_ settings: ClientSettings) throws(ClientError) {
    core = try ProducerCore(settings.with([.init("enable.idempotence", "true"), .init("linger.ms", "5")]))
  }

  /// How many records the cluster has taken and how many it surely or possibly has not, so far.
  public var tally: DeliveryTally { core.tally }

  /// Queues a record. Waits up to `patience` for room.
  public func send(_ record: ProducerRecord, patience: Interval = .seconds(30)) throws(ClientError) {
    try core.send(record, patience: patience)
  }

  /// Hears what became of records sent earlier.
  public func poll() { core.poll(.zero) }

  /// How many records are neither taken nor lost yet.
  public var pending: Int { core.pending }

  /// Waits until everything sent is taken or lost; throws `.retriable` when that takes longer than `patience`.
  public func flush(_ patience: Interval) throws(ClientError) { try core.flush(patience) }
}

/// What became of the records of a producer.
public struct DeliveryTally: Hashable, Sendable {
  public var taken = 0
  public var lost = 0
  /// Why the last lost record was.
  public var lastError: ClientError?

  public init(taken: Int = 0, lost: Int = 0) {
    self.taken = taken
    self.lost = lost
  }
}

/// What both producers stand on.
final class ProducerCore: Sendable {
  // Unchecked: librdkafka's own locks guard what the pointer leads to.
  private struct Pointers: @unchecked Sendable {
    var topics: [String: OpaquePointer] = [:]
  }

  private let reports: DeliveryReports
  private let handle: HandleBox
  private let topics = Mutex(Pointers())
  /// A transaction was begun and neither committed nor aborted.
  let isInTransaction = Atomic(false)

  init(_ settings: ClientSettings) throws(ClientError) {
    let reports = DeliveryReports()
    let settings = settings.with([.init("acks", "all"), .init("partitioner", "murmur2_random")])
    let configuration = try settings.configuration()
    rd_kafka_conf_set_dr_msg_cb(configuration) { _, message, opaque in
      guard let message, let opaque else { return }
      Unmanaged<DeliveryReports>.fromOpaque(opaque).takeUnretainedValue().note(message.pointee)
    }
    handle = HandleBox(try ClientHandle(RD_KAFKA_PRODUCER, consuming: configuration, context: reports))
    self.reports = reports
  }

  deinit {
    topics.withLock { for topic in $0.topics.values { rd_kafka_topic_destroy(topic) } }
    rd_kafka_purge(pointer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
  }

  var pointer: OpaquePointer { handle.pointer }
  var fatal: ClientError? { handle.fatal }
  var tally: DeliveryTally { reports.tally }
  /// Where the newest record of each partition stands, of those taken since it was last asked and of which it is known.
  func takeOffsets() -> [TopicPartition: Int64] { reports.takeOffsets() }
  var pending: Int { Int(rd_kafka_outq_len(pointer)) }

  func poll(_ patience: Interval) { rd_kafka_poll(pointer, patience.timeout) }

  func send(_ record: ProducerRecord, patience: Interval) throws(ClientError) {
    let topic = try topic(record.place.topic)
    var waited = Interval.zero
    while true {
      let headers = record.headers.isEmpty ? nil : Self.headers(record.headers)
      let code = record.key.lent { key in
        record.value.lent { value in
          baedal_kafka_produce(
            pointer, topic, record.place.partition, key.baseAddress, key.count, value.baseAddress, value.count,
            record.timestamp, headers)
        }
      }
      guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
      if let headers { rd_kafka_headers_destroy(headers) }
      if code == RD_KAFKA_RESP_ERR__FATAL, let fatal { throw fatal }
      guard code == RD_KAFKA_RESP_ERR__QUEUE_FULL, waited < patience else { throw ClientError(code) }
      poll(.milliseconds(10))
      waited = waited + .milliseconds(10)
    }
  }

  func flush(_ patience: Interval) throws(ClientError) {
    let code = rd_kafka_flush(pointer, patience.timeout)
    if let fatal { throw fatal }
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw ClientError(code) }
  }

  private func topic(_ name: String) throws(ClientError) -> OpaquePointer {
    let pointer = topics.withLock { topics in
      if let known = topics.topics[name] { return Pointers(topics: [name: known]) }
      topics.topics[name] = rd_kafka_topic_new(handle.pointer, name, nil)
      return Pointers(topics: topics.topics[name].map { [name: $0] } ?? [:])
    }
    guard let topic = pointer.topics[name] else { throw ClientError(rd_kafka_last_error()) }
    return topic
  }

  private static func headers(_ headers: [ProducerRecord.Header]) -> OpaquePointer {
    let list: OpaquePointer = rd_kafka_headers_new(headers.count)
    for header in headers {
      header.value.withUnsafeBytes { _ = rd_kafka_header_add(list, header.name, -1, $0.baseAddress, $0.count) }
    }
    return list
  }
}

/// A handle that a class can hold.
// Unchecked: librdkafka's own locks guard what the pointer leads to.
final class HandleBox: @unchecked Sendable {
  private let handle: ClientHandle

  init(_ handle: consuming ClientHandle) { self.handle = handle }

  var pointer: OpaquePointer { handle.pointer }
  var fatal: ClientError? { handle.fatal }
}

/// Hears delivery reports, which come on whatever thread polls.
private final class DeliveryReports: Sendable {
  private struct State {
    var tally = DeliveryTally()
    /// By the address of the topic's handle, which is the same for all of its records.
    var newest: [Place: Int64] = [:]
    var names: [UInt: String] = [:]
  }

  private struct Place: Hashable {
    var topic: UInt
    var partition: Int32
  }

  private let state = Mutex(State())

  var tally: DeliveryTally { state.withLock { $0.tally } }

  func note(_ message: rd_kafka_message_t) {
    let topic = UInt(bitPattern: message.rkt)
    state.withLock { state in
      guard message.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
        state.tally.lost += 1
        state.tally.lastError = ClientError(message.err)
        return
      }
      state.tally.taken += 1
      if state.names[topic] == nil { state.names[topic] = String(cString: rd_kafka_topic_name(message.rkt)) }
      // Negative where a broker has said only that it has the record already.
      state.newest[Place(topic: topic, partition: message.partition)] = message.offset
    }
  }

  func takeOffsets() -> [TopicPartition: Int64] {
    state.withLock { state in
      defer { state.newest = [:] }
      let known = state.newest.filter { $0.value >= 0 }
      return Dictionary(
        known.map { (TopicPartition(state.names[$0.key.topic] ?? "", $0.key.partition), $0.value) },
        uniquingKeysWith: max)
    }
  }
}

extension [UInt8]? {
  /// The bytes, or no address at all where there are none: the difference between empty and null.
  fileprivate func lent<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    guard let bytes = self else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    guard !bytes.isEmpty else {
      return withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) {
        body(UnsafeRawBufferPointer(start: $0.baseAddress, count: 0))
      }
    }
    return bytes.withUnsafeBytes(body)
  }
}

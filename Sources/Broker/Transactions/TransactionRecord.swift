import Bytes
import Clockwork
import RecordLog

/// One record of `__transaction_state`, in Kafka's own encoding, so that its tools can read ours: TransactionLogKey 0,
/// TransactionLogValue 0, or 1 where there is something that 0 cannot say.
///
/// The topic is compacted: the last record of a transactional id counts; nil removes it.
struct TransactionRecord: Hashable {
  var transactionalID: String
  var snapshot: TransactionSnapshot?
}

/// What of a transactional id outlives its coordinator.
struct TransactionSnapshot: Hashable, Sendable {
  var producerID: Int64 = -1
  /// The id before this one, whose epochs ran out; -1: none.
  var previousProducerID: Int64 = -1
  /// The id to go on with once this transaction is complete, because the epochs of this one have run out; -1: this one.
  var nextProducerID: Int64 = -1
  var producerEpoch: Int16 = -1
  /// The epoch before this one, as far as its owner may not have heard of this one (KIP-360). Not in the log.
  var lastProducerEpoch: Int16 = -1
  var timeout = Interval.zero
  var state = TransactionState.empty
  /// Sorted.
  var partitions: [TopicPartition] = []
  /// Milliseconds on the coordinator's clock; -1: never.
  var updated: Int64 = -1
  var started: Int64 = -1
  /// The end of the latest transaction bumped the epoch (KIP-890).
  var bumpsEpoch = false

  /// No higher epoch may be given to a client: the highest is kept for fencing it.
  var isExhausted: Bool { producerEpoch >= .max - 1 }
}

extension TransactionRecord {
  var record: Record {
    var key = ByteWriter()
    key.write(0 as Int16)
    key.write(text: transactionalID)
    return Record(key: key.bytes, value: snapshot.map(Self.encode), timestamp: max(0, snapshot?.updated ?? 0))
  }

  private static func encode(_ snapshot: TransactionSnapshot) -> [UInt8] {
    let isFlexible = snapshot.previousProducerID >= 0 || snapshot.nextProducerID >= 0 || snapshot.bumpsEpoch
    var value = ByteWriter()
    value.write((isFlexible ? 1 : 0) as Int16)
    value.write(snapshot.producerID)
    value.write(snapshot.producerEpoch)
    value.write(Int32(clamping: snapshot.timeout.milliseconds))
    value.write(snapshot.state.rawValue)
    write(snapshot, to: &value, isFlexible)
    value.write(snapshot.updated)
    value.write(snapshot.started)
    if isFlexible { writeTags(snapshot, to: &value) }
    return value.bytes
  }

  /// By topic, as in Kafka; null for an id that has written nothing.
  private static func write(_ snapshot: TransactionSnapshot, to value: inout ByteWriter, _ isFlexible: Bool) {
    var topics: [(name: String, indices: [Int32])] = []
    for partition in snapshot.partitions {
      if topics.last?.name == partition.topic {
        topics[topics.count - 1].indices.append(partition.index)
      } else {
        topics.append((partition.topic, [partition.index]))
      }
    }
    let isNull = snapshot.state == .empty
    guard isFlexible else {
      value.write(isNull ? -1 as Int32 : Int32(topics.count))
      for topic in topics {
        value.write(text: topic.name)
        value.write(Int32(topic.indices.count))
        for index in topic.indices { value.write(index) }
      }
      return
    }
    value.writeUnsignedVarint(isNull ? 0 : UInt32(topics.count) + 1)
    for topic in topics {
      let name = topic.name.utf8
      value.writeUnsignedVarint(UInt32(name.count) + 1)
      value.write(bytes: name)
      value.writeUnsignedVarint(UInt32(topic.indices.count) + 1)
      for index in topic.indices { value.write(index) }
      value.writeUnsignedVarint(0)
    }
  }

  private static func writeTags(_ snapshot: TransactionSnapshot, to value: inout ByteWriter) {
    let ids = [(0 as UInt32, snapshot.previousProducerID), (1, snapshot.nextProducerID)].filter { $0.1 >= 0 }
    value.writeUnsignedVarint(UInt32(ids.count + (snapshot.bumpsEpoch ? 1 : 0)))
    for (tag, id) in ids {
      value.writeUnsignedVarint(tag)
      value.writeUnsignedVarint(8)
      value.write(id)
    }
    guard snapshot.bumpsEpoch else { return }
    value.writeUnsignedVarint(2)
    value.writeUnsignedVarint(2)
    value.write(2 as Int16)
  }
}

extension TransactionRecord {
  /// Nil for a kind of record that this version does not know.
  init?(_ record: Record) throws(ByteError) {
    guard let key = record.key else { return nil }
    var reader = ByteReader(key)
    guard try reader.read(Int16.self) == 0 else { return nil }
    transactionalID = try reader.readText16()
    guard let value = record.value else { return }
    guard let snapshot = try Self.snapshot(value) else { return nil }
    self.snapshot = snapshot
  }

  private static func snapshot(_ bytes: [UInt8]) throws(ByteError) -> TransactionSnapshot? {
    var reader = ByteReader(bytes)
    let version = try reader.read(Int16.self)
    guard version == 0 || version == 1 else { return nil }
    var snapshot = TransactionSnapshot()
    snapshot.producerID = try reader.read()
    snapshot.producerEpoch = try reader.read()
    snapshot.timeout = .milliseconds(Int64(try reader.read(Int32.self)))
    guard let state = TransactionState(rawValue: try reader.read()) else { return nil }
    snapshot.state = state
    snapshot.partitions = try (version == 0 ? partitions(&reader) : compactPartitions(&reader)).sorted()
    snapshot.updated = try reader.read()
    snapshot.started = try reader.read()
    if version == 1 { try readTags(&reader, into: &snapshot) }
    return snapshot
  }

  private static func partitions(_ reader: inout ByteReader) throws(ByteError) -> [TopicPartition] {
    var partitions: [TopicPartition] = []
    for _ in 0..<(try reader.readCount32(itemSize: 6)) {
      let topic = try reader.readText16()
      for _ in 0..<(try reader.readCount32(itemSize: 4)) {
        partitions.append(TopicPartition(topic, try reader.read()))
      }
    }
    return partitions
  }

  private static func compactPartitions(_ reader: inout ByteReader) throws(ByteError) -> [TopicPartition] {
    var partitions: [TopicPartition] = []
    for _ in 0..<(try reader.readCompactCount(itemSize: 3)) {
      let topic = try reader.readText(try reader.readCompactCount(itemSize: 1))
      for _ in 0..<(try reader.readCompactCount(itemSize: 4)) {
        partitions.append(TopicPartition(topic, try reader.read()))
      }
      for _ in 0..<(try reader.readTagCount()) { _ = try reader.readTag() }
    }
    return partitions
  }

  private static func readTags(
    _ reader: inout ByteReader, into snapshot: inout TransactionSnapshot
  ) throws(ByteError) {
    for _ in 0..<(try reader.readTagCount()) {
      var (tag, field) = try reader.readTag()
      switch tag {
      case 0: snapshot.previousProducerID = try field.read()
      case 1: snapshot.nextProducerID = try field.read()
      case 2: snapshot.bumpsEpoch = try field.read(Int16.self) >= 2
      default: break
      }
    }
  }
}

/// Kafka's compact encoding (KIP-482), as far as transactions need it: lengths are unsigned varints plus one, 0 for null.
extension ByteReader {
  /// A count that the rest could not hold is refused; null is 0.
  fileprivate mutating func readCompactCount(itemSize: Int) throws(ByteError) -> Int {
    let count = Int(try readUnsignedVarint()) - 1
    guard count <= remaining / itemSize else { throw .badLength(count) }
    return max(0, count)
  }

  fileprivate mutating func readTagCount() throws(ByteError) -> Int {
    let count = Int(try readUnsignedVarint())
    guard count <= remaining / 2 else { throw .badLength(count) }
    return count
  }

  fileprivate mutating func readTag() throws(ByteError) -> (tag: UInt32, field: ByteReader) {
    let tag = try readUnsignedVarint()
    let size = Int(try readUnsignedVarint())
    guard size <= remaining else { throw .badLength(size) }
    return (tag, ByteReader(try readBytes(size)))
  }
}

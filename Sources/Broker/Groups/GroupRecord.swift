import Bytes
import RecordLog

/// One record of `__consumer_offsets`, in Kafka's own encoding, so that its tools can read ours: OffsetCommitKey 1 and
/// OffsetCommitValue 3, GroupMetadataKey 2 and GroupMetadataValue 3; for the new protocol's see `RosterRecord`.
///
/// The topic is compacted: the last record of a key counts, and one without a value removes what it names.
enum GroupRecord: Hashable {
  case offset(group: String, TopicPartition, CommittedOffset?)
  case group(String, GroupSnapshot?)
  case roster(String, RosterRecord)
}

/// An offset as it was committed.
struct CommittedOffset: Hashable, Sendable {
  var offset: Int64
  /// -1: not known.
  var leaderEpoch: Int32
  var metadata: String
  /// Milliseconds on the coordinator's clock.
  var timestamp: Int64
}

/// What of a group outlives its coordinator: its last generation that had an assignment, or that it is empty.
struct GroupSnapshot: Hashable {
  struct Member: Hashable {
    var id: String
    var instance: String?
    var client: String
    var host: String
    /// Milliseconds.
    var rebalanceTimeout: Int32
    var sessionTimeout: Int32
    var subscription: [UInt8]
    var assignment: [UInt8]
  }

  var protocolType: String
  var generation: Int32
  var protocolName: String?
  var leader: String?
  var timestamp: Int64
  var members: [Member]
}

extension GroupRecord {
  var record: Record {
    switch self {
    case .offset(let group, let partition, let committed):
      var key = ByteWriter()
      key.write(1 as Int16)
      key.write(text: group)
      key.write(text: partition.topic)
      key.write(partition.index)
      return Record(key: key.bytes, value: committed.map(Self.encode), timestamp: committed?.timestamp ?? 0)
    case .group(let id, let snapshot):
      var key = ByteWriter()
      key.write(2 as Int16)
      key.write(text: id)
      return Record(key: key.bytes, value: snapshot.map(Self.encode), timestamp: snapshot?.timestamp ?? 0)
    case .roster(let id, let record):
      return Record(key: record.key(of: id), value: record.value, timestamp: 0)
    }
  }

  private static func encode(_ committed: CommittedOffset) -> [UInt8] {
    var value = ByteWriter()
    value.write(3 as Int16)
    value.write(committed.offset)
    value.write(committed.leaderEpoch)
    value.write(text: committed.metadata)
    value.write(committed.timestamp)
    return value.bytes
  }

  private static func encode(_ snapshot: GroupSnapshot) -> [UInt8] {
    var value = ByteWriter()
    value.write(3 as Int16)
    value.write(text: snapshot.protocolType)
    value.write(snapshot.generation)
    value.write(text: snapshot.protocolName)
    value.write(text: snapshot.leader)
    value.write(snapshot.timestamp)
    value.write(Int32(truncatingIfNeeded: snapshot.members.count))
    for member in snapshot.members {
      value.write(text: member.id)
      value.write(text: member.instance)
      value.write(text: member.client)
      value.write(text: member.host)
      value.write(member.rebalanceTimeout)
      value.write(member.sessionTimeout)
      value.write(blob: member.subscription)
      value.write(blob: member.assignment)
    }
    return value.bytes
  }
}

extension GroupRecord {
  /// Nil for a kind of record that this version does not know.
  init?(_ record: Record) throws(ByteError) {
    guard let key = record.key else { return nil }
    var reader = ByteReader(key)
    let version = try reader.read(Int16.self)
    switch version {
    case 0, 1:
      let group = try reader.readText16()
      let topic = try reader.readText16()
      let partition = TopicPartition(topic, try reader.read(Int32.self))
      guard let value = record.value else {
        self = .offset(group: group, partition, nil)
        return
      }
      guard let committed = try Self.committed(value) else { return nil }
      self = .offset(group: group, partition, committed)
    case 2:
      let id = try reader.readText16()
      guard let value = record.value else {
        self = .group(id, nil)
        return
      }
      guard let snapshot = try Self.snapshot(value) else { return nil }
      self = .group(id, snapshot)
    case RosterRecord.versions:
      let id = try reader.readText16()
      guard let record = try RosterRecord(version: version, &reader, record.value) else { return nil }
      self = .roster(id, record)
    default: return nil
    }
  }

  private static func committed(_ bytes: [UInt8]) throws(ByteError) -> CommittedOffset? {
    var reader = ByteReader(bytes)
    guard try reader.read(Int16.self) == 3 else { return nil }
    return CommittedOffset(
      offset: try reader.read(), leaderEpoch: try reader.read(), metadata: try reader.readText16(),
      timestamp: try reader.read())
  }

  private static func snapshot(_ bytes: [UInt8]) throws(ByteError) -> GroupSnapshot? {
    var reader = ByteReader(bytes)
    guard try reader.read(Int16.self) == 3 else { return nil }
    var snapshot = GroupSnapshot(
      protocolType: try reader.readText16(), generation: try reader.read(),
      protocolName: try reader.readNullableText16(), leader: try reader.readNullableText16(),
      timestamp: try reader.read(), members: [])
    // A member takes at least 24 bytes: three texts, two numbers, two blobs and a null.
    for _ in 0..<(try reader.readCount32(itemSize: 24)) {
      let id = try reader.readText16()
      let instance = try reader.readNullableText16()
      let client = try reader.readText16()
      let host = try reader.readText16()
      snapshot.members.append(
        GroupSnapshot.Member(
          id: id, instance: instance, client: client, host: host, rebalanceTimeout: try reader.read(),
          sessionTimeout: try reader.read(), subscription: try reader.readBlob32(), assignment: try reader.readBlob32())
      )
    }
    return snapshot
  }
}

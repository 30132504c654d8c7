public import Bytes

/// What consumers of a group tell each other through the coordinator, which does not look inside: Kafka's
/// ConsumerProtocol, version 0. Later versions append fields, so they read as well.
public enum ConsumerProtocol {
  /// The topics that a member wants to read.
  public static func subscription(to topics: [String]) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(0 as Int16)
    writer.write(Int32(truncatingIfNeeded: topics.count))
    for topic in topics { writer.write(text: topic) }
    writer.write(blob: nil)
    return writer.bytes
  }

  /// The topics in a subscription.
  public static func topics(in subscription: [UInt8]) throws(ByteError) -> [String] {
    var reader = ByteReader(subscription)
    _ = try reader.read(Int16.self)
    var topics: [String] = []
    for _ in 0..<(try reader.readCount32(itemSize: 2)) { topics.append(try reader.readText16()) }
    return topics
  }

  /// The partitions that a member shall read, in order.
  public static func assignment(of partitions: [TopicPartition]) -> [UInt8] {
    let sorted = partitions.sorted()
    var topics: [(name: String, indices: [Int32])] = []
    for partition in sorted {
      if topics.last?.name == partition.topic {
        topics[topics.count - 1].indices.append(partition.index)
      } else {
        topics.append((partition.topic, [partition.index]))
      }
    }
    var writer = ByteWriter()
    writer.write(0 as Int16)
    writer.write(Int32(truncatingIfNeeded: topics.count))
    for topic in topics {
      writer.write(text: topic.name)
      writer.write(Int32(truncatingIfNeeded: topic.indices.count))
      for index in topic.indices { writer.write(index) }
    }
    writer.write(blob: nil)
    return writer.bytes
  }

  /// The partitions in an assignment, in order; none in an empty one, which a member gets that the leader left out.
  public static func assignment(from bytes: [UInt8]) throws(ByteError) -> [TopicPartition] {
    guard !bytes.isEmpty else { return [] }
    var reader = ByteReader(bytes)
    _ = try reader.read(Int16.self)
    var partitions: [TopicPartition] = []
    for _ in 0..<(try reader.readCount32(itemSize: 6)) {
      let topic = try reader.readText16()
      for _ in 0..<(try reader.readCount32(itemSize: 4)) {
        partitions.append(TopicPartition(topic, try reader.read(Int32.self)))
      }
    }
    return partitions.sorted()
  }
}

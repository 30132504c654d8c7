/// One partition of a topic.
public struct TopicPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var topic: String
  public var partition: Int32

  public init(_ topic: String, _ partition: Int32) {
    self.topic = topic
    self.partition = partition
  }

  public static func < (a: TopicPartition, b: TopicPartition) -> Bool {
    (a.topic, a.partition) < (b.topic, b.partition)
  }

  public var description: String { "\(topic)/\(partition)" }
}

/// What a producer is given.
public struct ProducerRecord: Hashable, Sendable {
  public var place: TopicPartition
  public var key: [UInt8]?
  /// Nil is a tombstone.
  public var value: [UInt8]?
  /// Milliseconds since 1970; 0 lets the client say.
  public var timestamp: Int64
  public var headers: [Header]

  public struct Header: Hashable, Sendable {
    public var name: String
    public var value: [UInt8]

    public init(_ name: String, _ value: [UInt8]) {
      self.name = name
      self.value = value
    }
  }

  public init(
    _ place: TopicPartition, key: [UInt8]?, value: [UInt8]?, timestamp: Int64 = 0, headers: [Header] = []
  ) {
    self.place = place
    self.key = key
    self.value = value
    self.timestamp = timestamp
    self.headers = headers
  }
}

/// What a consumer reads.
public struct ConsumerRecord: Hashable, Sendable {
  public var place: TopicPartition
  public var offset: Int64
  public var key: [UInt8]?
  /// Nil is a tombstone.
  public var value: [UInt8]?
  /// Milliseconds since 1970.
  public var timestamp: Int64
  public var headers: [ProducerRecord.Header]

  public init(
    place: TopicPartition, offset: Int64, key: [UInt8]?, value: [UInt8]?, timestamp: Int64 = 0,
    headers: [ProducerRecord.Header] = []
  ) {
    self.place = place
    self.offset = offset
    self.key = key
    self.value = value
    self.timestamp = timestamp
    self.headers = headers
  }
}

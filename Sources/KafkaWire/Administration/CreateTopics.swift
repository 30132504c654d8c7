/// Create these topics, with partitions counted out or placed by hand.
public struct CreateTopicsRequest: WireRequest {
  public typealias Response = CreateTopicsResponse
  public static let api = WireAPI.createTopics

  /// Where the replicas of one partition are to be; the first is preferred as leader.
  public struct Assignment: WireStruct {
    public var index: Int32 = 0
    public var brokers: [Int32] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.int32(&index)
      try c.int32s(&brokers)
      try c.tags()
    }
  }

  public struct Config: WireStruct {
    public var name = ""
    public var value: String?

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.nullableString(&value)
      try c.tags()
    }
  }

  public struct Topic: WireStruct {
    public var name = ""
    /// -1 with `assignments`, or for the broker's default (from version 4).
    public var partitionCount: Int32 = 0
    /// -1 with `assignments`, or for the broker's default (from version 4).
    public var replicationFactor: Int16 = 0
    public var assignments: [Assignment] = []
    public var configs: [Config] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.int32(&partitionCount)
      try c.int16(&replicationFactor)
      try c.array(&assignments)
      try c.array(&configs)
      try c.tags()
    }
  }

  public var topics: [Topic] = []
  public var timeoutMilliseconds: Int32 = 60_000
  public var validateOnly = false

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.array(&topics)
    try c.int32(&timeoutMilliseconds)
    try c.bool(&validateOnly)
    try c.tags()
  }
}

public struct CreateTopicsResponse: WireStruct {
  public struct Config: WireStruct {
    public var name = ""
    public var value: String?
    public var isReadOnly = false
    /// As in `DescribeConfigsResponse.Config`.
    public var source: Int8 = -1
    public var isSensitive = false

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.nullableString(&value)
      try c.bool(&isReadOnly)
      try c.int8(&source)
      try c.bool(&isSensitive)
      try c.tags()
    }
  }

  public struct Topic: WireStruct {
    public var name = ""
    public var id = WireUUID()
    public var error = KafkaError.none
    public var message: String?
    public var partitionCount: Int32 = -1
    public var replicationFactor: Int16 = -1
    /// Never null: Kafka's Java admin client walks it without looking.
    public var configs: [Config] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.uuid(&id, from: 7)
      try c.error(&error)
      try c.nullableString(&message)
      try c.int32(&partitionCount, from: 5)
      try c.int16(&replicationFactor, from: 5)
      try c.array(&configs, from: 5)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var topics: [Topic] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.array(&topics)
    try c.tags()
  }
}

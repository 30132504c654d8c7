/// Move these partitions to other brokers, or stop moving them (KIP-455).
public struct AlterPartitionReassignmentsRequest: WireRequest {
  public typealias Response = AlterPartitionReassignmentsResponse
  public static let api = WireAPI.alterPartitionReassignments

  public struct Partition: WireStruct {
    public var index: Int32 = 0
    /// Nil stops a move that is under way.
    public var replicas: [Int32]?

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.int32(&index)
      try c.nullableInt32s(&replicas)
      try c.tags()
    }
  }

  public struct Topic: WireStruct {
    public var name = ""
    public var partitions: [Partition] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.array(&partitions)
      try c.tags()
    }
  }

  public var timeoutMilliseconds: Int32 = 60_000
  public var topics: [Topic] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&timeoutMilliseconds)
    try c.array(&topics)
    try c.tags()
  }
}

public struct AlterPartitionReassignmentsResponse: WireStruct {
  public struct Partition: WireStruct {
    public var index: Int32 = 0
    public var error = KafkaError.none
    public var message: String?

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.int32(&index)
      try c.error(&error)
      try c.nullableString(&message)
      try c.tags()
    }
  }

  public struct Topic: WireStruct {
    public var name = ""
    public var partitions: [Partition] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.array(&partitions)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var error = KafkaError.none
  public var message: String?
  public var topics: [Topic] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.error(&error)
    try c.nullableString(&message)
    try c.array(&topics)
    try c.tags()
  }
}

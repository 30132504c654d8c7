/// Which partitions are on the move? (KIP-455)
public struct ListPartitionReassignmentsRequest: WireRequest {
  public typealias Response = ListPartitionReassignmentsResponse
  public static let api = WireAPI.listPartitionReassignments

  public struct Topic: WireStruct {
    public var name = ""
    public var partitions: [Int32] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.int32s(&partitions)
      try c.tags()
    }
  }

  public var timeoutMilliseconds: Int32 = 60_000
  /// Nil asks for all.
  public var topics: [Topic]?

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&timeoutMilliseconds)
    try c.nullableArray(&topics)
    try c.tags()
  }
}

public struct ListPartitionReassignmentsResponse: WireStruct {
  public struct Partition: WireStruct {
    public var index: Int32 = 0
    /// All that there are now, those that come and go among them.
    public var replicas: [Int32] = []
    public var adding: [Int32] = []
    public var removing: [Int32] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.int32(&index)
      try c.int32s(&replicas)
      try c.int32s(&adding)
      try c.int32s(&removing)
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

/// Give these topics more partitions.
public struct CreatePartitionsRequest: WireRequest {
  public typealias Response = CreatePartitionsResponse
  public static let api = WireAPI.createPartitions

  /// Where the replicas of one new partition are to be.
  public struct Assignment: WireStruct {
    public var brokers: [Int32] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.int32s(&brokers)
      try c.tags()
    }
  }

  public struct Topic: WireStruct {
    public var name = ""
    /// How many there are to be, with those that exist.
    public var count: Int32 = 0
    /// One per new partition; nil lets the controller place them.
    public var assignments: [Assignment]?

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.int32(&count)
      try c.nullableArray(&assignments)
      try c.tags()
    }
  }

  public var topics: [Topic] = []
  public var timeoutMilliseconds: Int32 = 0
  public var validateOnly = false

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.array(&topics)
    try c.int32(&timeoutMilliseconds)
    try c.bool(&validateOnly)
    try c.tags()
  }
}

public struct CreatePartitionsResponse: WireStruct {
  public struct Topic: WireStruct {
    public var name = ""
    public var error = KafkaError.none
    public var message: String?

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.error(&error)
      try c.nullableString(&message)
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

/// Elect the leaders of these partitions anew (KIP-460).
public struct ElectLeadersRequest: WireRequest {
  public typealias Response = ElectLeadersResponse
  public static let api = WireAPI.electLeaders

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

  /// 0 elects the preferred replica, 1 any that is alive, in sync or not.
  public var electionType: Int8 = 0
  /// Nil asks for all.
  public var topics: [Topic]?
  public var timeoutMilliseconds: Int32 = 60_000

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int8(&electionType, from: 1)
    try c.nullableArray(&topics)
    try c.int32(&timeoutMilliseconds)
    try c.tags()
  }
}

public struct ElectLeadersResponse: WireStruct {
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
  public var topics: [Topic] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.error(&error, from: 1)
    try c.array(&topics)
    try c.tags()
  }
}

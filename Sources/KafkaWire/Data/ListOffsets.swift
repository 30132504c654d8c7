/// Which offset belongs to a timestamp? -1 is the end, -2 the start, -3 the largest timestamp (KIP-734).
public struct ListOffsetsRequest: WireRequest {
  public typealias Response = ListOffsetsResponse
  public static let api = WireAPI.listOffsets

  public struct Topic: WireStruct {
    public struct Partition: WireStruct {
      public var index: Int32 = 0
      public var currentLeaderEpoch: Int32 = -1
      public var timestamp: Int64 = 0

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.int32(&index)
        try c.int32(&currentLeaderEpoch, from: 4)
        try c.int64(&timestamp)
        try c.tags()
      }
    }

    public var name = ""
    public var partitions: [Partition] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.array(&partitions)
      try c.tags()
    }
  }

  public var replica: Int32 = 0
  public var isolationLevel: Int8 = 0
  public var topics: [Topic] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&replica)
    try c.int8(&isolationLevel, from: 2)
    try c.array(&topics)
    try c.tags()
  }
}

/// The offset, or -1 where no record is that late.
public struct ListOffsetsResponse: WireStruct {
  public struct Topic: WireStruct {
    public struct Partition: WireStruct {
      public var index: Int32 = 0
      public var error = KafkaError.none
      public var timestamp: Int64 = -1
      public var offset: Int64 = -1
      public var leaderEpoch: Int32 = -1

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.int32(&index)
        try c.error(&error)
        try c.int64(&timestamp)
        try c.int64(&offset)
        try c.int32(&leaderEpoch, from: 4)
        try c.tags()
      }
    }

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
  public var topics: [Topic] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds, from: 2)
    try c.array(&topics)
    try c.tags()
  }
}

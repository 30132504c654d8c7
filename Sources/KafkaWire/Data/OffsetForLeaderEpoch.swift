/// Where did this leader epoch end in your log (KIP-101, 279, 320)?
public struct OffsetForLeaderEpochRequest: WireRequest {
  public typealias Response = OffsetForLeaderEpochResponse
  public static let api = WireAPI.offsetForLeaderEpoch

  public struct Topic: WireStruct {
    public struct Partition: WireStruct {
      public var partition: Int32 = 0
      public var currentLeaderEpoch: Int32 = -1
      public var leaderEpoch: Int32 = 0

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.int32(&partition)
        try c.int32(&currentLeaderEpoch)
        try c.int32(&leaderEpoch)
        try c.tags()
      }
    }

    public var topic = ""
    public var partitions: [Partition] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&topic)
      try c.array(&partitions)
      try c.tags()
    }
  }

  public var replica: Int32 = -2
  public var topics: [Topic] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&replica, from: 3)
    try c.array(&topics)
    try c.tags()
  }
}

/// The largest epoch up to the asked one, and where it ended; -1 where none is known.
public struct OffsetForLeaderEpochResponse: WireStruct {
  public struct Topic: WireStruct {
    public struct Partition: WireStruct {
      public var error = KafkaError.none
      public var partition: Int32 = 0
      public var leaderEpoch: Int32 = -1
      public var endOffset: Int64 = -1

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.error(&error)
        try c.int32(&partition)
        try c.int32(&leaderEpoch)
        try c.int64(&endOffset)
        try c.tags()
      }
    }

    public var topic = ""
    public var partitions: [Partition] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&topic)
      try c.array(&partitions)
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

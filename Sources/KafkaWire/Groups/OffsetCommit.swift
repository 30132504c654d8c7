/// Remember how far the group has read.
public struct OffsetCommitRequest: WireRequest {
  public typealias Response = OffsetCommitResponse
  public static let api = WireAPI.offsetCommit

  public struct Topic: WireStruct {
    public struct Partition: WireStruct {
      public var index: Int32 = 0
      public var committedOffset: Int64 = 0
      public var committedLeaderEpoch: Int32 = -1
      public var committedMetadata: String?

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.int32(&index)
        try c.int64(&committedOffset)
        try c.int32(&committedLeaderEpoch, from: 6)
        try c.nullableString(&committedMetadata)
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

  public var group = ""
  public var generation: Int32 = -1
  public var member = ""
  public var instance: String?
  public var retentionMilliseconds: Int64 = -1
  public var topics: [Topic] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.string(&group)
    try c.int32(&generation)
    try c.string(&member)
    try c.nullableString(&instance, from: 7)
    try c.int64(&retentionMilliseconds, to: 4)
    try c.array(&topics)
    try c.tags()
  }
}

/// Whether each offset is remembered.
public struct OffsetCommitResponse: WireStruct {
  public struct Topic: WireStruct {
    public struct Partition: WireStruct {
      public var index: Int32 = 0
      public var error = KafkaError.none

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.int32(&index)
        try c.error(&error)
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
    try c.int32(&throttleMilliseconds, from: 3)
    try c.array(&topics)
    try c.tags()
  }
}

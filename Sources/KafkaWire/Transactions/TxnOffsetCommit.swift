/// Remember how far the group has read, if the transaction commits (KIP-447).
public struct TxnOffsetCommitRequest: WireRequest {
  public typealias Response = TxnOffsetCommitResponse
  public static let api = WireAPI.txnOffsetCommit

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
        try c.int32(&committedLeaderEpoch, from: 2)
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

  public var transactionalID = ""
  public var group = ""
  public var producerID: Int64 = 0
  public var producerEpoch: Int16 = 0
  public var generation: Int32 = -1
  public var member = ""
  public var instance: String?
  public var topics: [Topic] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.string(&transactionalID)
    try c.string(&group)
    try c.int64(&producerID)
    try c.int16(&producerEpoch)
    try c.int32(&generation, from: 3)
    try c.string(&member, from: 3)
    try c.nullableString(&instance, from: 3)
    try c.array(&topics)
    try c.tags()
  }
}

/// Whether each offset is noted.
public struct TxnOffsetCommitResponse: WireStruct {
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
    try c.int32(&throttleMilliseconds)
    try c.array(&topics)
    try c.tags()
  }
}

/// How do these transactions stand (KIP-664)?
public struct DescribeTransactionsRequest: WireRequest {
  public typealias Response = DescribeTransactionsResponse
  public static let api = WireAPI.describeTransactions

  public var transactionalIDs: [String] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.strings(&transactionalIDs)
    try c.tags()
  }
}

/// Each as its coordinator knows it.
public struct DescribeTransactionsResponse: WireStruct {
  public struct Transaction: WireStruct {
    public struct Topic: WireStruct {
      public var topic = ""
      public var partitions: [Int32] = []

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.string(&topic)
        try c.int32s(&partitions)
        try c.tags()
      }
    }

    public var error = KafkaError.none
    public var transactionalID = ""
    public var state = ""
    public var timeoutMilliseconds: Int32 = 0
    public var startTimestamp: Int64 = 0
    public var producerID: Int64 = 0
    public var producerEpoch: Int16 = 0
    public var topics: [Topic] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.error(&error)
      try c.string(&transactionalID)
      try c.string(&state)
      try c.int32(&timeoutMilliseconds)
      try c.int64(&startTimestamp)
      try c.int64(&producerID)
      try c.int16(&producerEpoch)
      try c.array(&topics)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var states: [Transaction] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.array(&states)
    try c.tags()
  }
}

/// Who writes to these partitions idempotently (KIP-664)?
public struct DescribeProducersRequest: WireRequest {
  public typealias Response = DescribeProducersResponse
  public static let api = WireAPI.describeProducers

  public struct Topic: WireStruct {
    public var name = ""
    public var indexes: [Int32] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.int32s(&indexes)
      try c.tags()
    }
  }

  public var topics: [Topic] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.array(&topics)
    try c.tags()
  }
}

/// Each partition's producers.
public struct DescribeProducersResponse: WireStruct {
  public struct Topic: WireStruct {
    public struct Partition: WireStruct {
      public struct Producer: WireStruct {
        public var producerID: Int64 = 0
        public var producerEpoch: Int32 = 0
        public var lastSequence: Int32 = -1
        public var lastTimestamp: Int64 = -1
        public var coordinatorEpoch: Int32 = 0
        public var currentTxnStartOffset: Int64 = -1

        public init() {}

        public mutating func code(_ c: inout some WireCoder) throws(WireError) {
          try c.int64(&producerID)
          try c.int32(&producerEpoch)
          try c.int32(&lastSequence)
          try c.int64(&lastTimestamp)
          try c.int32(&coordinatorEpoch)
          try c.int64(&currentTxnStartOffset)
          try c.tags()
        }
      }

      public var index: Int32 = 0
      public var error = KafkaError.none
      public var message: String?
      public var activeProducers: [Producer] = []

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.int32(&index)
        try c.error(&error)
        try c.nullableString(&message)
        try c.array(&activeProducers)
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

/// Give records from these offsets on; in a session (KIP-227) only what differs from the last time is named.
public struct FetchRequest: WireRequest {
  public typealias Response = FetchResponse
  public static let api = WireAPI.fetch

  public struct Topic: WireStruct {
    public struct Partition: WireStruct {
      public var partition: Int32 = 0
      public var currentLeaderEpoch: Int32 = -1
      public var fetchOffset: Int64 = 0
      public var lastFetchedEpoch: Int32 = -1
      public var logStartOffset: Int64 = -1
      public var partitionMaxBytes: Int32 = 0

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.int32(&partition)
        try c.int32(&currentLeaderEpoch, from: 9)
        try c.int64(&fetchOffset)
        try c.int32(&lastFetchedEpoch, from: 12)
        try c.int64(&logStartOffset, from: 5)
        try c.int32(&partitionMaxBytes)
        try c.tags()
      }
    }

    public var topic = ""
    public var id = WireUUID()
    public var partitions: [Partition] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&topic, to: 12)
      try c.uuid(&id, from: 13)
      try c.array(&partitions)
      try c.tags()
    }
  }

  public struct ForgottenTopic: WireStruct {
    public var topic = ""
    public var id = WireUUID()
    public var partitions: [Int32] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&topic, from: 7, to: 12)
      try c.uuid(&id, from: 13)
      try c.int32s(&partitions, from: 7)
      try c.tags()
    }
  }

  public var replica: Int32 = -1
  public var maxWaitMilliseconds: Int32 = 0
  public var minBytes: Int32 = 0
  public var maxBytes: Int32 = 0x7fff_ffff
  public var isolationLevel: Int8 = 0
  public var session: Int32 = 0
  public var sessionEpoch: Int32 = -1
  public var topics: [Topic] = []
  public var forgottenTopicsData: [ForgottenTopic] = []
  public var rackID = ""

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&replica)
    try c.int32(&maxWaitMilliseconds)
    try c.int32(&minBytes)
    try c.int32(&maxBytes)
    try c.int8(&isolationLevel)
    try c.int32(&session, from: 7)
    try c.int32(&sessionEpoch, from: 7)
    try c.array(&topics)
    try c.array(&forgottenTopicsData, from: 7)
    try c.string(&rackID, from: 11)
    try c.tags()
  }
}

/// Record batches, as they lie in the log. The diverging epoch and other tagged fields are not sent.
public struct FetchResponse: WireStruct {
  public struct Topic: WireStruct {
    public struct Partition: WireStruct {
      public struct AbortedTransaction: WireStruct {
        public var producerID: Int64 = 0
        public var firstOffset: Int64 = 0

        public init() {}

        public mutating func code(_ c: inout some WireCoder) throws(WireError) {
          try c.int64(&producerID)
          try c.int64(&firstOffset)
          try c.tags()
        }
      }

      public var index: Int32 = 0
      public var error = KafkaError.none
      /// As the other two marks -1 beside an error, where a partition has none to tell.
      public var highWatermark: Int64 = -1
      public var lastStableOffset: Int64 = -1
      public var logStartOffset: Int64 = -1
      public var abortedTransactions: [AbortedTransaction]? = []
      public var preferredReadReplica: Int32 = -1
      /// Empty, not null, beside an error too: librdkafka drops a whole response over a null, as Kafka never sends one.
      public var records = WireRecords.bytes([])

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.int32(&index)
        try c.error(&error)
        try c.int64(&highWatermark)
        try c.int64(&lastStableOffset)
        try c.int64(&logStartOffset, from: 5)
        try c.nullableArray(&abortedTransactions)
        try c.int32(&preferredReadReplica, from: 11)
        try c.records(&records)
        try c.tags()
      }
    }

    public var topic = ""
    public var id = WireUUID()
    public var partitions: [Partition] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&topic, to: 12)
      try c.uuid(&id, from: 13)
      try c.array(&partitions)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var error = KafkaError.none
  public var session: Int32 = 0
  public var responses: [Topic] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.error(&error, from: 7)
    try c.int32(&session, from: 7)
    try c.array(&responses)
    try c.tags()
  }
}

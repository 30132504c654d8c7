/// Append record batches to partitions: one batch a partition.
public struct ProduceRequest: WireRequest {
  public typealias Response = ProduceResponse
  public static let api = WireAPI.produce

  public struct Topic: WireStruct {
    public struct Partition: WireStruct {
      public var index: Int32 = 0
      public var records = WireRecords.none

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.int32(&index)
        try c.records(&records)
        try c.tags()
      }
    }

    public var name = ""
    public var partitionData: [Partition] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.array(&partitionData)
      try c.tags()
    }
  }

  public var transactionalID: String?
  public var acks: Int16 = 0
  public var timeoutMilliseconds: Int32 = 0
  public var topicData: [Topic] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.nullableString(&transactionalID)
    try c.int16(&acks)
    try c.int32(&timeoutMilliseconds)
    try c.array(&topicData)
    try c.tags()
  }
}

/// What became of each batch.
public struct ProduceResponse: WireStruct {
  public struct Topic: WireStruct {
    public struct Partition: WireStruct {
      public struct RecordError: WireStruct {
        public var batchIndex: Int32 = 0
        public var batchIndexErrorMessage: String?

        public init() {}

        public mutating func code(_ c: inout some WireCoder) throws(WireError) {
          try c.int32(&batchIndex, from: 8)
          try c.nullableString(&batchIndexErrorMessage, from: 8)
          try c.tags()
        }
      }

      public var index: Int32 = 0
      public var error = KafkaError.none
      public var baseOffset: Int64 = 0
      public var logAppendTime: Int64 = -1
      public var logStartOffset: Int64 = -1
      public var recordErrors: [RecordError] = []
      public var message: String?

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.int32(&index)
        try c.error(&error)
        try c.int64(&baseOffset)
        try c.int64(&logAppendTime)
        try c.int64(&logStartOffset, from: 5)
        try c.array(&recordErrors, from: 8)
        try c.nullableString(&message, from: 8)
        try c.tags()
      }
    }

    public var name = ""
    public var partitionResponses: [Partition] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.array(&partitionResponses)
      try c.tags()
    }
  }

  public var responses: [Topic] = []
  public var throttleMilliseconds: Int32 = 0

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.array(&responses)
    try c.int32(&throttleMilliseconds)
    try c.tags()
  }
}

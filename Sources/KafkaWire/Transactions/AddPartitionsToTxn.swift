/// These partitions take part in the transaction.
public struct AddPartitionsToTxnRequest: WireRequest {
  public typealias Response = AddPartitionsToTxnResponse
  public static let api = WireAPI.addPartitionsToTxn

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

  public var transactionalID = ""
  public var producerID: Int64 = 0
  public var producerEpoch: Int16 = 0
  public var topics: [Topic] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.string(&transactionalID)
    try c.int64(&producerID)
    try c.int16(&producerEpoch)
    try c.array(&topics)
    try c.tags()
  }
}

/// Whether each does.
public struct AddPartitionsToTxnResponse: WireStruct {
  public struct Topic: WireStruct {
    public struct Partition: WireStruct {
      public var index: Int32 = 0
      public var partitionErrorCode: Int16 = 0

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.int32(&index)
        try c.int16(&partitionErrorCode)
        try c.tags()
      }
    }

    public var name = ""
    public var resultsByPartition: [Partition] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.array(&resultsByPartition)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var results: [Topic] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.array(&results)
    try c.tags()
  }
}

/// Forget the records before these offsets.
public struct DeleteRecordsRequest: WireRequest {
  public typealias Response = DeleteRecordsResponse
  public static let api = WireAPI.deleteRecords

  public struct Partition: WireStruct {
    public var index: Int32 = 0
    /// The first to keep; -1 for the high watermark.
    public var offset: Int64 = 0

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.int32(&index)
      try c.int64(&offset)
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

  public var topics: [Topic] = []
  public var timeoutMilliseconds: Int32 = 0

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.array(&topics)
    try c.int32(&timeoutMilliseconds)
    try c.tags()
  }
}

public struct DeleteRecordsResponse: WireStruct {
  public struct Partition: WireStruct {
    public var index: Int32 = 0
    /// The first offset that is left; -1 with an error.
    public var lowWatermark: Int64 = 0
    public var error = KafkaError.none

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.int32(&index)
      try c.int64(&lowWatermark)
      try c.error(&error)
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
  public var topics: [Topic] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.array(&topics)
    try c.tags()
  }
}

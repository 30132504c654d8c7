/// These transactions have ended: say so in these partitions' logs.
public struct WriteTxnMarkersRequest: WireRequest {
  public typealias Response = WriteTxnMarkersResponse
  public static let api = WireAPI.writeTxnMarkers

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

  public struct Marker: WireStruct {
    public var producerID: Int64 = 0
    public var producerEpoch: Int16 = 0
    /// Else the transaction is aborted.
    public var isCommit = false
    public var topics: [Topic] = []
    public var coordinatorEpoch: Int32 = 0

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.int64(&producerID)
      try c.int16(&producerEpoch)
      try c.bool(&isCommit)
      try c.array(&topics)
      try c.int32(&coordinatorEpoch)
      try c.tags()
    }
  }

  public var markers: [Marker] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.array(&markers)
    try c.tags()
  }
}

/// How it went, for each marker in each partition.
public struct WriteTxnMarkersResponse: WireStruct {
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

  public struct Marker: WireStruct {
    public var producerID: Int64 = 0
    public var topics: [Topic] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.int64(&producerID)
      try c.array(&topics)
      try c.tags()
    }
  }

  public var markers: [Marker] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.array(&markers)
    try c.tags()
  }
}

/// Forget a group's offsets (KIP-496).
public struct OffsetDeleteRequest: WireRequest {
  public typealias Response = OffsetDeleteResponse
  public static let api = WireAPI.offsetDelete

  public struct Topic: WireStruct {
    public struct Partition: WireStruct {
      public var index: Int32 = 0

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.int32(&index)
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
  public var topics: [Topic] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.string(&group)
    try c.array(&topics)
    try c.tags()
  }
}

/// Whether each is forgotten.
public struct OffsetDeleteResponse: WireStruct {
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

  public var error = KafkaError.none
  public var throttleMilliseconds: Int32 = 0
  public var topics: [Topic] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.error(&error)
    try c.int32(&throttleMilliseconds)
    try c.array(&topics)
    try c.tags()
  }
}

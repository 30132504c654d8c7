/// How large are the logs of these partitions, and where do they lie?
public struct DescribeLogDirsRequest: WireRequest {
  public typealias Response = DescribeLogDirsResponse
  public static let api = WireAPI.describeLogDirs

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

  /// Nil asks for all.
  public var topics: [Topic]?

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.nullableArray(&topics)
    try c.tags()
  }
}

public struct DescribeLogDirsResponse: WireStruct {
  public struct Partition: WireStruct {
    public var index: Int32 = 0
    /// In bytes.
    public var size: Int64 = 0
    /// How far the log's end is behind the high watermark, or a copy on the move behind the log it copies.
    public var offsetLag: Int64 = 0
    /// The log is a copy on its way to this directory.
    public var isFutureKey = false

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.int32(&index)
      try c.int64(&size)
      try c.int64(&offsetLag)
      try c.bool(&isFutureKey)
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

  public struct Directory: WireStruct {
    public var error = KafkaError.none
    public var path = ""
    public var topics: [Topic] = []
    /// Of the volume; -1 if unknown.
    public var totalBytes: Int64 = -1
    public var usableBytes: Int64 = -1

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.error(&error)
      try c.string(&path)
      try c.array(&topics)
      try c.int64(&totalBytes, from: 4)
      try c.int64(&usableBytes, from: 4)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var error = KafkaError.none
  public var directories: [Directory] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.error(&error, from: 3)
    try c.array(&directories)
    try c.tags()
  }
}

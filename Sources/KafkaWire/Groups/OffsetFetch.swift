/// How far has the group read? Several groups at once from version 8 (KIP-709).
public struct OffsetFetchRequest: WireRequest {
  public typealias Response = OffsetFetchResponse
  public static let api = WireAPI.offsetFetch

  public struct Topic: WireStruct {
    public var name = ""
    public var indexes: [Int32] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name, to: 7)
      try c.int32s(&indexes, to: 7)
      try c.tags()
    }
  }

  public struct Group: WireStruct {
    public struct GroupTopic: WireStruct {
      public var name = ""
      public var indexes: [Int32] = []

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.string(&name, from: 8)
        try c.int32s(&indexes, from: 8)
        try c.tags()
      }
    }

    public var group = ""
    public var member: String?
    public var memberEpoch: Int32 = -1
    public var topics: [GroupTopic]? = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&group, from: 8)
      try c.nullableString(&member, from: 9)
      try c.int32(&memberEpoch, from: 9)
      try c.nullableArray(&topics, from: 8)
      try c.tags()
    }
  }

  public var group = ""
  public var topics: [Topic]? = []
  public var groups: [Group] = []
  public var requireStable = false

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.string(&group, to: 7)
    try c.nullableArray(&topics, to: 7, nullableFrom: 2)
    try c.array(&groups, from: 8)
    try c.bool(&requireStable, from: 7)
    try c.tags()
  }
}

/// -1 where nothing is remembered.
public struct OffsetFetchResponse: WireStruct {
  public struct Topic: WireStruct {
    public struct Partition: WireStruct {
      public var index: Int32 = 0
      public var committedOffset: Int64 = 0
      public var committedLeaderEpoch: Int32 = -1
      public var metadata: String?
      public var error = KafkaError.none

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.int32(&index, to: 7)
        try c.int64(&committedOffset, to: 7)
        try c.int32(&committedLeaderEpoch, from: 5, to: 7)
        try c.nullableString(&metadata, to: 7)
        try c.error(&error, to: 7)
        try c.tags()
      }
    }

    public var name = ""
    public var partitions: [Partition] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name, to: 7)
      try c.array(&partitions, to: 7)
      try c.tags()
    }
  }

  public struct Group: WireStruct {
    public struct GroupTopic: WireStruct {
      public struct GroupPartition: WireStruct {
        public var index: Int32 = 0
        public var committedOffset: Int64 = 0
        public var committedLeaderEpoch: Int32 = -1
        public var metadata: String?
        public var error = KafkaError.none

        public init() {}

        public mutating func code(_ c: inout some WireCoder) throws(WireError) {
          try c.int32(&index, from: 8)
          try c.int64(&committedOffset, from: 8)
          try c.int32(&committedLeaderEpoch, from: 8)
          try c.nullableString(&metadata, from: 8)
          try c.error(&error, from: 8)
          try c.tags()
        }
      }

      public var name = ""
      public var partitions: [GroupPartition] = []

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.string(&name, from: 8)
        try c.array(&partitions, from: 8)
        try c.tags()
      }
    }

    public var group = ""
    public var topics: [GroupTopic] = []
    public var error = KafkaError.none

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&group, from: 8)
      try c.array(&topics, from: 8)
      try c.error(&error, from: 8)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var topics: [Topic] = []
  public var error = KafkaError.none
  public var groups: [Group] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds, from: 3)
    try c.array(&topics, to: 7)
    try c.error(&error, from: 2, to: 7)
    try c.array(&groups, from: 8)
    try c.tags()
  }
}

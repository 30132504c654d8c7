/// Who is in these groups of the new protocol (KIP-848)?
public struct ConsumerGroupDescribeRequest: WireRequest {
  public typealias Response = ConsumerGroupDescribeResponse
  public static let api = WireAPI.consumerGroupDescribe

  public var groups: [String] = []
  public var includeAuthorizedOperations = false

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.strings(&groups)
    try c.bool(&includeAuthorizedOperations)
    try c.tags()
  }
}

/// Members, what they have, and what they shall have.
public struct ConsumerGroupDescribeResponse: WireStruct {
  public struct Group: WireStruct {
    public struct TopicPartitions: WireStruct {
      public var topic = WireUUID()
      public var name = ""
      public var partitions: [Int32] = []

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.uuid(&topic)
        try c.string(&name)
        try c.int32s(&partitions)
        try c.tags()
      }
    }

    public struct Assignment: WireStruct {
      public var topicPartitions: [TopicPartitions] = []

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.array(&topicPartitions)
        try c.tags()
      }
    }

    public struct Member: WireStruct {
      public var member = ""
      public var instance: String?
      public var rack: String?
      public var memberEpoch: Int32 = 0
      public var clientID = ""
      public var clientHost = ""
      public var topicNames: [String] = []
      public var topicRegex: String?
      public var assignment = Assignment()
      public var targetAssignment = Assignment()
      /// 0: by the classic protocol; 1: by the new one; -1: not known.
      public var memberType: Int8 = -1

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.string(&member)
        try c.nullableString(&instance)
        try c.nullableString(&rack)
        try c.int32(&memberEpoch)
        try c.string(&clientID)
        try c.string(&clientHost)
        try c.strings(&topicNames)
        try c.nullableString(&topicRegex)
        try assignment.code(&c)
        try targetAssignment.code(&c)
        try c.int8(&memberType, from: 1)
        try c.tags()
      }
    }

    public var error = KafkaError.none
    public var message: String?
    public var group = ""
    public var groupState = ""
    public var groupEpoch: Int32 = 0
    public var assignmentEpoch: Int32 = 0
    public var assignorName = ""
    public var members: [Member] = []
    public var authorizedOperations = Int32.min

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.error(&error)
      try c.nullableString(&message)
      try c.string(&group)
      try c.string(&groupState)
      try c.int32(&groupEpoch)
      try c.int32(&assignmentEpoch)
      try c.string(&assignorName)
      try c.array(&members)
      try c.int32(&authorizedOperations)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var groups: [Group] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.array(&groups)
    try c.tags()
  }
}

/// Who is in these groups?
public struct DescribeGroupsRequest: WireRequest {
  public typealias Response = DescribeGroupsResponse
  public static let api = WireAPI.describeGroups

  public var groups: [String] = []
  public var includeAuthorizedOperations = false

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.strings(&groups)
    try c.bool(&includeAuthorizedOperations, from: 3)
    try c.tags()
  }
}

/// Each group as its coordinator knows it.
public struct DescribeGroupsResponse: WireStruct {
  public struct Group: WireStruct {
    public struct Member: WireStruct {
      public var member = ""
      public var instance: String?
      public var clientID = ""
      public var clientHost = ""
      public var memberMetadata: [UInt8] = []
      public var memberAssignment: [UInt8] = []

      public init() {}

      public mutating func code(_ c: inout some WireCoder) throws(WireError) {
        try c.string(&member)
        try c.nullableString(&instance, from: 4)
        try c.string(&clientID)
        try c.string(&clientHost)
        try c.bytes(&memberMetadata)
        try c.bytes(&memberAssignment)
        try c.tags()
      }
    }

    public var error = KafkaError.none
    public var group = ""
    public var groupState = ""
    public var protocolType = ""
    public var protocolData = ""
    public var members: [Member] = []
    public var authorizedOperations: Int32 = -2_147_483_648

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.error(&error)
      try c.string(&group)
      try c.string(&groupState)
      try c.string(&protocolType)
      try c.string(&protocolData)
      try c.array(&members)
      try c.int32(&authorizedOperations, from: 3)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var groups: [Group] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds, from: 1)
    try c.array(&groups)
    try c.tags()
  }
}

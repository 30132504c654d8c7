/// Be, or remain, a member of a group.
public struct JoinGroupRequest: WireRequest {
  public typealias Response = JoinGroupResponse
  public static let api = WireAPI.joinGroup

  public struct GroupProtocol: WireStruct {
    public var name = ""
    public var metadata: [UInt8] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.bytes(&metadata)
      try c.tags()
    }
  }

  public var group = ""
  public var sessionTimeoutMilliseconds: Int32 = 0
  public var rebalanceTimeoutMilliseconds: Int32 = -1
  public var member = ""
  public var instance: String?
  public var protocolType = ""
  public var protocols: [GroupProtocol] = []
  public var reason: String?

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.string(&group)
    try c.int32(&sessionTimeoutMilliseconds)
    try c.int32(&rebalanceTimeoutMilliseconds, from: 1)
    try c.string(&member)
    try c.nullableString(&instance, from: 5)
    try c.string(&protocolType)
    try c.array(&protocols)
    try c.nullableString(&reason, from: 8)
    try c.tags()
  }
}

/// A new generation: the leader also hears of the other members.
public struct JoinGroupResponse: WireStruct {
  public struct Member: WireStruct {
    public var member = ""
    public var instance: String?
    public var metadata: [UInt8] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&member)
      try c.nullableString(&instance, from: 5)
      try c.bytes(&metadata)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var error = KafkaError.none
  public var generation: Int32 = -1
  public var protocolType: String?
  public var protocolName: String?
  public var leader = ""
  public var skipAssignment = false
  public var member = ""
  public var members: [Member] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds, from: 2)
    try c.error(&error)
    try c.int32(&generation)
    try c.nullableString(&protocolType, from: 7)
    try c.nullableString(&protocolName, nullableFrom: 7)
    try c.string(&leader)
    try c.bool(&skipAssignment, from: 9)
    try c.string(&member)
    try c.array(&members)
    try c.tags()
  }
}

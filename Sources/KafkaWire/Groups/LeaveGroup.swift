/// These members leave; several at once from version 3 (KIP-345).
public struct LeaveGroupRequest: WireRequest {
  public typealias Response = LeaveGroupResponse
  public static let api = WireAPI.leaveGroup

  public struct Member: WireStruct {
    public var member = ""
    public var instance: String?
    public var reason: String?

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&member, from: 3)
      try c.nullableString(&instance, from: 3)
      try c.nullableString(&reason, from: 5)
      try c.tags()
    }
  }

  public var group = ""
  public var member = ""
  public var members: [Member] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.string(&group)
    try c.string(&member, to: 2)
    try c.array(&members, from: 3)
    try c.tags()
  }
}

/// What became of each.
public struct LeaveGroupResponse: WireStruct {
  public struct Member: WireStruct {
    public var member = ""
    public var instance: String?
    public var error = KafkaError.none

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&member, from: 3)
      try c.nullableString(&instance, from: 3)
      try c.error(&error, from: 3)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var error = KafkaError.none
  public var members: [Member] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds, from: 1)
    try c.error(&error)
    try c.array(&members, from: 3)
    try c.tags()
  }
}

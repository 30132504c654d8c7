/// The leader hands out assignments; the others send none. All get their own.
public struct SyncGroupRequest: WireRequest {
  public typealias Response = SyncGroupResponse
  public static let api = WireAPI.syncGroup

  public struct Assignment: WireStruct {
    public var member = ""
    public var assignment: [UInt8] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&member)
      try c.bytes(&assignment)
      try c.tags()
    }
  }

  public var group = ""
  public var generation: Int32 = 0
  public var member = ""
  public var instance: String?
  public var protocolType: String?
  public var protocolName: String?
  public var assignments: [Assignment] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.string(&group)
    try c.int32(&generation)
    try c.string(&member)
    try c.nullableString(&instance, from: 3)
    try c.nullableString(&protocolType, from: 5)
    try c.nullableString(&protocolName, from: 5)
    try c.array(&assignments)
    try c.tags()
  }
}

/// This member's assignment.
public struct SyncGroupResponse: WireStruct {
  public var throttleMilliseconds: Int32 = 0
  public var error = KafkaError.none
  public var protocolType: String?
  public var protocolName: String?
  public var assignment: [UInt8] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds, from: 1)
    try c.error(&error)
    try c.nullableString(&protocolType, from: 5)
    try c.nullableString(&protocolName, from: 5)
    try c.bytes(&assignment)
    try c.tags()
  }
}

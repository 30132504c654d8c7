/// This member is alive.
public struct HeartbeatRequest: WireRequest {
  public typealias Response = HeartbeatResponse
  public static let api = WireAPI.heartbeat

  public var group = ""
  public var generation: Int32 = 0
  public var member = ""
  public var instance: String?

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.string(&group)
    try c.int32(&generation)
    try c.string(&member)
    try c.nullableString(&instance, from: 3)
    try c.tags()
  }
}

/// Whether the group rebalances.
public struct HeartbeatResponse: WireStruct {
  public var throttleMilliseconds: Int32 = 0
  public var error = KafkaError.none

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds, from: 1)
    try c.error(&error)
    try c.tags()
  }
}

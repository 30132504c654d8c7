/// Change these settings and leave the others (KIP-339).
public struct IncrementalAlterConfigsRequest: WireRequest {
  public typealias Response = IncrementalAlterConfigsResponse
  public static let api = WireAPI.incrementalAlterConfigs

  public struct Config: WireStruct {
    public var name = ""
    /// 0 sets, 1 deletes, 2 appends to a list, 3 takes away from a list.
    public var operation: Int8 = 0
    public var value: String?

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.int8(&operation)
      try c.nullableString(&value)
      try c.tags()
    }
  }

  public struct Resource: WireStruct {
    /// As in `DescribeConfigsRequest.Resource`.
    public var type: Int8 = 0
    public var name = ""
    public var configs: [Config] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.int8(&type)
      try c.string(&name)
      try c.array(&configs)
      try c.tags()
    }
  }

  public var resources: [Resource] = []
  public var validateOnly = false

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.array(&resources)
    try c.bool(&validateOnly)
    try c.tags()
  }
}

public struct IncrementalAlterConfigsResponse: WireStruct {
  public struct Resource: WireStruct {
    public var error = KafkaError.none
    public var message: String?
    public var type: Int8 = 0
    public var name = ""

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.error(&error)
      try c.nullableString(&message)
      try c.int8(&type)
      try c.string(&name)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var resources: [Resource] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.array(&resources)
    try c.tags()
  }
}

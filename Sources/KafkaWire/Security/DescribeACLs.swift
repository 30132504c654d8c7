/// Which access rules agree with this filter?
public struct DescribeACLsRequest: WireRequest {
  public typealias Response = DescribeACLsResponse
  public static let api = WireAPI.describeACLs

  public var filter = WireACLFilter()

  public init() {}

  /// The filter's fields are the request's own.
  public mutating func code(_ c: inout some WireCoder) throws(WireError) { try filter.code(&c) }
}

public struct DescribeACLsResponse: WireStruct {
  /// What of a `WireACL` is not the resource.
  public struct Rule: WireStruct {
    public var principal = ""
    public var host = ""
    public var operation: Int8 = 0
    public var permission: Int8 = 0

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&principal)
      try c.string(&host)
      try c.int8(&operation)
      try c.int8(&permission)
      try c.tags()
    }
  }

  public struct Resource: WireStruct {
    public var type: Int8 = 0
    public var name = ""
    public var patternType: Int8 = 3
    public var rules: [Rule] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.int8(&type)
      try c.string(&name)
      try c.int8(&patternType)
      try c.array(&rules)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var error = KafkaError.none
  public var message: String?
  public var resources: [Resource] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.error(&error)
    try c.nullableString(&message)
    try c.array(&resources)
    try c.tags()
  }
}

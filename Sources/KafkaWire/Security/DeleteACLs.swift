/// Delete the access rules that agree with any of these filters.
public struct DeleteACLsRequest: WireRequest {
  public typealias Response = DeleteACLsResponse
  public static let api = WireAPI.deleteACLs

  public var filters: [WireACLFilter] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.array(&filters)
    try c.tags()
  }
}

public struct DeleteACLsResponse: WireStruct {
  public struct Match: WireStruct {
    public var error = KafkaError.none
    public var message: String?
    public var rule = WireACL()

    public init() {}

    /// The rule's fields are the match's own.
    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.error(&error)
      try c.nullableString(&message)
      try rule.code(&c)
    }
  }

  public struct Result: WireStruct {
    public var error = KafkaError.none
    public var message: String?
    public var matches: [Match] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.error(&error)
      try c.nullableString(&message)
      try c.array(&matches)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  /// One for each filter, in order.
  public var results: [Result] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.array(&results)
    try c.tags()
  }
}

/// Add these access rules.
public struct CreateACLsRequest: WireRequest {
  public typealias Response = CreateACLsResponse
  public static let api = WireAPI.createACLs

  public var rules: [WireACL] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.array(&rules)
    try c.tags()
  }
}

public struct CreateACLsResponse: WireStruct {
  public struct Result: WireStruct {
    public var error = KafkaError.none
    public var message: String?

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.error(&error)
      try c.nullableString(&message)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  /// One for each rule, in order.
  public var results: [Result] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.array(&results)
    try c.tags()
  }
}

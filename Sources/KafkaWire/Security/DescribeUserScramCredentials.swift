/// Which users have SCRAM credentials? (KIP-554)
public struct DescribeUserScramCredentialsRequest: WireRequest {
  public typealias Response = DescribeUserScramCredentialsResponse
  public static let api = WireAPI.describeUserScramCredentials

  public struct User: WireStruct {
    public var name = ""

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.tags()
    }
  }

  /// Nil or empty asks for all.
  public var users: [User]?

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.nullableArray(&users)
    try c.tags()
  }
}

public struct DescribeUserScramCredentialsResponse: WireStruct {
  public struct Credential: WireStruct {
    /// 1 for SCRAM-SHA-256, 2 for SCRAM-SHA-512.
    public var mechanism: Int8 = 0
    public var iterations: Int32 = 0

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.int8(&mechanism)
      try c.int32(&iterations)
      try c.tags()
    }
  }

  public struct User: WireStruct {
    public var name = ""
    public var error = KafkaError.none
    public var message: String?
    public var credentials: [Credential] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.error(&error)
      try c.nullableString(&message)
      try c.array(&credentials)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var error = KafkaError.none
  public var message: String?
  public var users: [User] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.error(&error)
    try c.nullableString(&message)
    try c.array(&users)
    try c.tags()
  }
}

/// Set and delete SCRAM credentials; the password itself is never sent (KIP-554).
public struct AlterUserScramCredentialsRequest: WireRequest {
  public typealias Response = AlterUserScramCredentialsResponse
  public static let api = WireAPI.alterUserScramCredentials

  public struct Deletion: WireStruct {
    public var name = ""
    /// As in `DescribeUserScramCredentialsResponse.Credential`.
    public var mechanism: Int8 = 0

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.int8(&mechanism)
      try c.tags()
    }
  }

  public struct Upsertion: WireStruct {
    public var name = ""
    public var mechanism: Int8 = 0
    public var iterations: Int32 = 0
    public var salt: [UInt8] = []
    /// What PBKDF2 makes of the password; the server makes its two keys of it.
    public var saltedPassword: [UInt8] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.int8(&mechanism)
      try c.int32(&iterations)
      try c.bytes(&salt)
      try c.bytes(&saltedPassword)
      try c.tags()
    }
  }

  public var deletions: [Deletion] = []
  public var upsertions: [Upsertion] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.array(&deletions)
    try c.array(&upsertions)
    try c.tags()
  }
}

public struct AlterUserScramCredentialsResponse: WireStruct {
  public struct User: WireStruct {
    public var name = ""
    public var error = KafkaError.none
    public var message: String?

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.error(&error)
      try c.nullableString(&message)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var users: [User] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.array(&users)
    try c.tags()
  }
}

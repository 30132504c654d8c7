/// Delete these topics: by name, and from version 6 by name or identity.
public struct DeleteTopicsRequest: WireRequest {
  public typealias Response = DeleteTopicsResponse
  public static let api = WireAPI.deleteTopics

  public struct Topic: WireStruct {
    public var name: String?
    public var id = WireUUID()

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.nullableString(&name)
      try c.uuid(&id)
      try c.tags()
    }
  }

  public var topics: [Topic] = []
  public var names: [String] = []
  public var timeoutMilliseconds: Int32 = 0

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.array(&topics, from: 6)
    try c.strings(&names, to: 5)
    try c.int32(&timeoutMilliseconds)
    try c.tags()
  }
}

public struct DeleteTopicsResponse: WireStruct {
  public struct Topic: WireStruct {
    public var name: String?
    public var id = WireUUID()
    public var error = KafkaError.none
    public var message: String?

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.nullableString(&name, nullableFrom: 6)
      try c.uuid(&id, from: 6)
      try c.error(&error)
      try c.nullableString(&message, from: 5)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var topics: [Topic] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.array(&topics)
    try c.tags()
  }
}

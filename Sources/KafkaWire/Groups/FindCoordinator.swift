/// Which broker coordinates these groups (type 0) or transactional ids (type 1)? Several at once from version 4 (KIP-699).
public struct FindCoordinatorRequest: WireRequest {
  public typealias Response = FindCoordinatorResponse
  public static let api = WireAPI.findCoordinator

  public var key = ""
  public var keyType: Int8 = 0
  public var coordinatorKeys: [String] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.string(&key, to: 3)
    try c.int8(&keyType, from: 1)
    try c.strings(&coordinatorKeys, from: 4)
    try c.tags()
  }
}

/// One coordinator, or from version 4 one for each key.
public struct FindCoordinatorResponse: WireStruct {
  public struct Coordinator: WireStruct {
    public var key = ""
    public var node: Int32 = 0
    public var host = ""
    public var port: Int32 = 0
    public var error = KafkaError.none
    public var message: String?

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&key, from: 4)
      try c.int32(&node, from: 4)
      try c.string(&host, from: 4)
      try c.int32(&port, from: 4)
      try c.error(&error, from: 4)
      try c.nullableString(&message, from: 4)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var error = KafkaError.none
  public var message: String?
  public var node: Int32 = 0
  public var host = ""
  public var port: Int32 = 0
  public var coordinators: [Coordinator] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds, from: 1)
    try c.error(&error, to: 3)
    try c.nullableString(&message, from: 1, to: 3)
    try c.int32(&node, to: 3)
    try c.string(&host, to: 3)
    try c.int32(&port, to: 3)
    try c.array(&coordinators, from: 4)
    try c.tags()
  }
}

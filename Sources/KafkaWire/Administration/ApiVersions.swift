/// Which requests does this broker serve? The first thing a client asks (KIP-35, KIP-511).
public struct ApiVersionsRequest: WireRequest {
  public typealias Response = ApiVersionsResponse
  public static let api = WireAPI.apiVersions

  public var clientSoftwareName = ""
  public var clientSoftwareVersion = ""

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.string(&clientSoftwareName, from: 3)
    try c.string(&clientSoftwareVersion, from: 3)
    try c.tags()
  }
}

public struct ApiVersionsResponse: WireStruct {
  public struct API: WireStruct {
    public var key: Int16 = 0
    public var minVersion: Int16 = 0
    public var maxVersion: Int16 = 0

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.int16(&key)
      try c.int16(&minVersion)
      try c.int16(&maxVersion)
      try c.tags()
    }
  }

  public var error = KafkaError.none
  public var apis: [API] = []
  public var throttleMilliseconds: Int32 = 0

  public init() {}

  /// No tagged field is written: librdkafka before 2.2 trips over four of them.
  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.error(&error)
    try c.array(&apis)
    try c.int32(&throttleMilliseconds, from: 1)
    try c.tags()
  }
}

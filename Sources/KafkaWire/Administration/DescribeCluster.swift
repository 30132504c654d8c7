/// Which brokers are there, and which one is the controller? (KIP-700)
public struct DescribeClusterRequest: WireRequest {
  public typealias Response = DescribeClusterResponse
  public static let api = WireAPI.describeCluster

  public var includeClusterAuthorizedOperations = false
  /// 1 asks for brokers, 2 for controllers (KIP-919).
  public var endpointType: Int8 = 1

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.bool(&includeClusterAuthorizedOperations)
    try c.int8(&endpointType, from: 1)
    try c.tags()
  }
}

public struct DescribeClusterResponse: WireStruct {
  public struct Broker: WireStruct {
    public var id: Int32 = 0
    public var host = ""
    public var port: Int32 = 0
    public var rack: String?

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.int32(&id)
      try c.string(&host)
      try c.int32(&port)
      try c.nullableString(&rack)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var error = KafkaError.none
  public var message: String?
  public var endpointType: Int8 = 1
  public var clusterID = ""
  public var controllerID: Int32 = -1
  public var brokers: [Broker] = []
  public var clusterAuthorizedOperations = Int32.min

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.error(&error)
    try c.nullableString(&message)
    try c.int8(&endpointType, from: 1)
    try c.string(&clusterID)
    try c.int32(&controllerID)
    try c.array(&brokers)
    try c.int32(&clusterAuthorizedOperations)
    try c.tags()
  }
}

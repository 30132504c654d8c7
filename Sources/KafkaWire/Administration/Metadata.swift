/// Which brokers and topics are there, and who leads each partition?
public struct MetadataRequest: WireRequest {
  public typealias Response = MetadataResponse
  public static let api = WireAPI.metadata

  public struct Topic: WireStruct {
    public var id = WireUUID()
    public var name: String?

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.uuid(&id, from: 10)
      try c.nullableString(&name, nullableFrom: 10)
      try c.tags()
    }
  }

  /// Nil asks for all; an empty list for none (in version 0, for all).
  public var topics: [Topic]?
  public var allowAutoTopicCreation = true
  public var includeClusterAuthorizedOperations = false
  public var includeTopicAuthorizedOperations = false

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.nullableArray(&topics, nullableFrom: 1)
    try c.bool(&allowAutoTopicCreation, from: 4)
    try c.bool(&includeClusterAuthorizedOperations, from: 8, to: 10)
    try c.bool(&includeTopicAuthorizedOperations, from: 8)
    try c.tags()
  }
}

public struct MetadataResponse: WireStruct {
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
      try c.nullableString(&rack, from: 1)
      try c.tags()
    }
  }

  public struct Partition: WireStruct {
    public var error = KafkaError.none
    public var index: Int32 = 0
    /// -1 while nobody leads.
    public var leader: Int32 = -1
    public var leaderEpoch: Int32 = -1
    public var replicas: [Int32] = []
    public var inSync: [Int32] = []
    public var offline: [Int32] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.error(&error)
      try c.int32(&index)
      try c.int32(&leader)
      try c.int32(&leaderEpoch, from: 7)
      try c.int32s(&replicas)
      try c.int32s(&inSync)
      try c.int32s(&offline, from: 5)
      try c.tags()
    }
  }

  public struct Topic: WireStruct {
    public var error = KafkaError.none
    public var name: String? = ""
    public var id = WireUUID()
    public var isInternal = false
    public var partitions: [Partition] = []
    public var authorizedOperations = Int32.min

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.error(&error)
      try c.nullableString(&name, nullableFrom: 12)
      try c.uuid(&id, from: 10)
      try c.bool(&isInternal, from: 1)
      try c.array(&partitions)
      try c.int32(&authorizedOperations, from: 8)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var brokers: [Broker] = []
  public var clusterID: String?
  public var controllerID: Int32 = -1
  public var topics: [Topic] = []
  public var clusterAuthorizedOperations = Int32.min

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds, from: 3)
    try c.array(&brokers)
    try c.nullableString(&clusterID, from: 2)
    try c.int32(&controllerID, from: 1)
    try c.array(&topics)
    try c.int32(&clusterAuthorizedOperations, from: 8, to: 10)
    try c.tags()
  }
}

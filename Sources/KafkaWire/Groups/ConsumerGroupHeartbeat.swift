/// A member of the new group protocol (KIP-848) joins, stays, reads, gives up and leaves by this alone. Null is what has
/// not changed.
public struct ConsumerGroupHeartbeatRequest: WireRequest {
  public typealias Response = ConsumerGroupHeartbeatResponse
  public static let api = WireAPI.consumerGroupHeartbeat

  public var group = ""
  public var member = ""
  public var memberEpoch: Int32 = 0
  public var instance: String?
  public var rack: String?
  public var rebalanceTimeoutMilliseconds: Int32 = -1
  public var topicNames: [String]?
  public var topicRegex: String?
  public var serverAssignor: String?
  public var topicPartitions: [WireTopicPartitions]?

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.string(&group)
    try c.string(&member)
    try c.int32(&memberEpoch)
    try c.nullableString(&instance)
    try c.nullableString(&rack)
    try c.int32(&rebalanceTimeoutMilliseconds)
    try c.nullableStrings(&topicNames)
    try c.nullableString(&topicRegex, from: 1)
    try c.nullableString(&serverAssignor)
    try c.nullableArray(&topicPartitions)
    try c.tags()
  }
}

/// Partitions of a topic that is named by its identity.
public struct WireTopicPartitions: WireStruct {
  public var topic = WireUUID()
  public var partitions: [Int32] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.uuid(&topic)
    try c.int32s(&partitions)
    try c.tags()
  }
}

/// The member's epoch, and all that it may read when that has changed.
public struct ConsumerGroupHeartbeatResponse: WireStruct {
  public struct Assignment: WireStruct {
    public var topicPartitions: [WireTopicPartitions] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.array(&topicPartitions)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var error = KafkaError.none
  public var message: String?
  public var member: String?
  public var memberEpoch: Int32 = 0
  public var heartbeatIntervalMilliseconds: Int32 = 0
  public var assignment: Assignment?

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.error(&error)
    try c.nullableString(&message)
    try c.nullableString(&member)
    try c.int32(&memberEpoch)
    try c.int32(&heartbeatIntervalMilliseconds)
    try c.nullableStruct(&assignment)
    try c.tags()
  }
}

extension WireCoder {
  /// A struct that may be missing: a byte before it says so.
  mutating func nullableStruct<Part: WireStruct>(_ part: inout Part?) throws(WireError) {
    var presence: Int8 = part == nil ? -1 : 1
    try int8(&presence)
    guard presence >= 0 else {
      part = nil
      return
    }
    var some = part ?? Part()
    try some.code(&self)
    part = some
  }
}

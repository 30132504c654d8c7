/// Give me a producer id, and fence whoever used this transactional id before (KIP-98, KIP-360).
public struct InitProducerIDRequest: WireRequest {
  public typealias Response = InitProducerIDResponse
  public static let api = WireAPI.initProducerID

  public var transactionalID: String?
  public var timeoutMilliseconds: Int32 = 0
  public var producerID: Int64 = -1
  public var producerEpoch: Int16 = -1

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.nullableString(&transactionalID)
    try c.int32(&timeoutMilliseconds)
    try c.int64(&producerID, from: 3)
    try c.int16(&producerEpoch, from: 3)
    try c.tags()
  }
}

/// The id and epoch to write with.
public struct InitProducerIDResponse: WireStruct {
  public var throttleMilliseconds: Int32 = 0
  public var error = KafkaError.none
  public var producerID: Int64 = -1
  public var producerEpoch: Int16 = 0

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.error(&error)
    try c.int64(&producerID)
    try c.int16(&producerEpoch)
    try c.tags()
  }
}

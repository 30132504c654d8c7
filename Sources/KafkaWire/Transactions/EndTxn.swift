/// Commit the transaction, or abort it.
public struct EndTxnRequest: WireRequest {
  public typealias Response = EndTxnResponse
  public static let api = WireAPI.endTxn

  public var transactionalID = ""
  public var producerID: Int64 = 0
  public var producerEpoch: Int16 = 0
  public var committed = false

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.string(&transactionalID)
    try c.int64(&producerID)
    try c.int16(&producerEpoch)
    try c.bool(&committed)
    try c.tags()
  }
}

/// Whether it is decided.
public struct EndTxnResponse: WireStruct {
  public var throttleMilliseconds: Int32 = 0
  public var error = KafkaError.none

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.error(&error)
    try c.tags()
  }
}

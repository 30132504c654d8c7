/// The offsets of this group take part in the transaction.
public struct AddOffsetsToTxnRequest: WireRequest {
  public typealias Response = AddOffsetsToTxnResponse
  public static let api = WireAPI.addOffsetsToTxn

  public var transactionalID = ""
  public var producerID: Int64 = 0
  public var producerEpoch: Int16 = 0
  public var group = ""

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.string(&transactionalID)
    try c.int64(&producerID)
    try c.int16(&producerEpoch)
    try c.string(&group)
    try c.tags()
  }
}

/// Whether they do.
public struct AddOffsetsToTxnResponse: WireStruct {
  public var throttleMilliseconds: Int32 = 0
  public var error = KafkaError.none

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.error(&error)
    try c.tags()
  }
}

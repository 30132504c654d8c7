/// Which transactions does this broker coordinate (KIP-664)?
public struct ListTransactionsRequest: WireRequest {
  public typealias Response = ListTransactionsResponse
  public static let api = WireAPI.listTransactions

  public var states: [String] = []
  public var producerIDs: [Int64] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.strings(&states)
    try c.int64s(&producerIDs)
    try c.tags()
  }
}

/// Their ids and states.
public struct ListTransactionsResponse: WireStruct {
  public struct Transaction: WireStruct {
    public var transactionalID = ""
    public var producerID: Int64 = 0
    public var state = ""

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&transactionalID)
      try c.int64(&producerID)
      try c.string(&state)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var error = KafkaError.none
  public var unknownStates: [String] = []
  public var states: [Transaction] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.error(&error)
    try c.strings(&unknownStates)
    try c.array(&states)
    try c.tags()
  }
}

/// Delete groups that have no members.
public struct DeleteGroupsRequest: WireRequest {
  public typealias Response = DeleteGroupsResponse
  public static let api = WireAPI.deleteGroups

  public var groupsNames: [String] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.strings(&groupsNames)
    try c.tags()
  }
}

/// Whether each is gone.
public struct DeleteGroupsResponse: WireStruct {
  public struct Result: WireStruct {
    public var group = ""
    public var error = KafkaError.none

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&group)
      try c.error(&error)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var results: [Result] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.array(&results)
    try c.tags()
  }
}

/// Which groups does this broker coordinate?
public struct ListGroupsRequest: WireRequest {
  public typealias Response = ListGroupsResponse
  public static let api = WireAPI.listGroups

  public var states: [String] = []
  /// `classic`, `consumer`; none: all.
  public var types: [String] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.strings(&states, from: 4)
    try c.strings(&types, from: 5)
    try c.tags()
  }
}

/// Their names, kinds and states.
public struct ListGroupsResponse: WireStruct {
  public struct Group: WireStruct {
    public var group = ""
    public var protocolType = ""
    public var groupState = ""
    public var groupType = ""

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&group)
      try c.string(&protocolType)
      try c.string(&groupState, from: 4)
      try c.string(&groupType, from: 5)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var error = KafkaError.none
  public var groups: [Group] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds, from: 1)
    try c.error(&error)
    try c.array(&groups)
    try c.tags()
  }
}

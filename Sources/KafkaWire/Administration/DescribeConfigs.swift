/// What are the settings of these topics and brokers?
public struct DescribeConfigsRequest: WireRequest {
  public typealias Response = DescribeConfigsResponse
  public static let api = WireAPI.describeConfigs

  public struct Resource: WireStruct {
    /// 2 a topic, 4 a broker, 8 a broker's loggers.
    public var type: Int8 = 0
    public var name = ""
    /// Nil asks for all.
    public var keys: [String]?

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.int8(&type)
      try c.string(&name)
      try c.nullableStrings(&keys)
      try c.tags()
    }
  }

  public var resources: [Resource] = []
  public var includeSynonyms = false
  public var includeDocumentation = false

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.array(&resources)
    try c.bool(&includeSynonyms)
    try c.bool(&includeDocumentation, from: 3)
    try c.tags()
  }
}

public struct DescribeConfigsResponse: WireStruct {
  /// Where a setting's value would come from, were the sources before it not there.
  public struct Synonym: WireStruct {
    public var name = ""
    public var value: String?
    public var source: Int8 = 0

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.nullableString(&value)
      try c.int8(&source)
      try c.tags()
    }
  }

  public struct Config: WireStruct {
    public var name = ""
    /// Nil if sensitive, or unset.
    public var value: String?
    public var isReadOnly = false
    /// Who set it: 1 the topic, 2 the broker, 3 all brokers, 4 the broker's file, 5 nobody (the default).
    public var source: Int8 = -1
    public var isSensitive = false
    public var synonyms: [Synonym] = []
    /// 0 unknown, 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9 password.
    public var type: Int8 = 0
    public var documentation: String?

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.string(&name)
      try c.nullableString(&value)
      try c.bool(&isReadOnly)
      try c.int8(&source)
      try c.bool(&isSensitive)
      try c.array(&synonyms)
      try c.int8(&type, from: 3)
      try c.nullableString(&documentation, from: 3)
      try c.tags()
    }
  }

  public struct Resource: WireStruct {
    public var error = KafkaError.none
    public var message: String?
    public var type: Int8 = 0
    public var name = ""
    public var configs: [Config] = []

    public init() {}

    public mutating func code(_ c: inout some WireCoder) throws(WireError) {
      try c.error(&error)
      try c.nullableString(&message)
      try c.int8(&type)
      try c.string(&name)
      try c.array(&configs)
      try c.tags()
    }
  }

  public var throttleMilliseconds: Int32 = 0
  public var resources: [Resource] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.int32(&throttleMilliseconds)
    try c.array(&resources)
    try c.tags()
  }
}

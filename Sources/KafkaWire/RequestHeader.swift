/// What begins every request. Kept apart from `WireAPI`, because it must be readable for requests that are not served.
public struct RequestHeader: Hashable, Sendable {
  public var api: Int16
  public var version: Int16
  public var correlation: Int32
  public var client: String?

  public init(api: Int16, version: Int16, correlation: Int32, client: String?) {
    self.api = api
    self.version = version
    self.correlation = correlation
    self.client = client
  }

  /// Reads the header off the front of a frame and leaves the body. The client's name has a plain length even in flexible
  /// versions. Of an API that is not served only what identifies it is read.
  public init(reading frame: inout ArraySlice<UInt8>) throws(WireError) {
    var reader = WireReader(frame, version: 1, isFlexible: false)
    self.init(api: 0, version: 0, correlation: 0, client: nil)
    try reader.int16(&api)
    try reader.int16(&version)
    try reader.int32(&correlation)
    try reader.nullableString(&client)
    frame = frame.suffix(reader.remaining)
    if WireAPI(rawValue: api)?.isFlexible(version) ?? false {
      var tail = WireReader(frame, version: version, isFlexible: true)
      try tail.tags()
      frame = frame.suffix(tail.remaining)
    }
  }

  /// Writes the header, for clients and tests.
  public func write(into bytes: inout [UInt8]) throws(WireError) {
    var writer = WireWriter(appendingTo: bytes, version: 1, isFlexible: false)
    var copy = self
    try writer.int16(&copy.api)
    try writer.int16(&copy.version)
    try writer.int32(&copy.correlation)
    try writer.nullableString(&copy.client)
    bytes = writer.bytes
    if WireAPI(rawValue: api)?.isFlexible(version) ?? false { bytes.append(0) }
  }
}

/// A request of one API, and what answers it.
public protocol WireRequest: WireStruct {
  associatedtype Response: WireStruct
  static var api: WireAPI { get }
}

/// May I prove who I am by this mechanism? After version 0 the mechanism's messages follow as bare frames, after
/// version 1 as `SaslAuthenticateRequest`s (KIP-43, KIP-152).
public struct SaslHandshakeRequest: WireRequest {
  public typealias Response = SaslHandshakeResponse
  public static let api = WireAPI.saslHandshake

  public var mechanism = ""

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.string(&mechanism)
  }
}

public struct SaslHandshakeResponse: WireStruct {
  public var error = KafkaError.none
  /// Those that would do.
  public var mechanisms: [String] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.error(&error)
    try c.strings(&mechanisms)
  }
}

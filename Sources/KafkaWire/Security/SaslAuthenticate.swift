/// One message of the mechanism that the handshake chose (KIP-152).
public struct SaslAuthenticateRequest: WireRequest {
  public typealias Response = SaslAuthenticateResponse
  public static let api = WireAPI.saslAuthenticate

  public var bytes: [UInt8] = []

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.bytes(&bytes)
    try c.tags()
  }
}

public struct SaslAuthenticateResponse: WireStruct {
  public var error = KafkaError.none
  public var message: String?
  /// The mechanism's answer; empty with an error.
  public var bytes: [UInt8] = []
  /// After so long the client is to prove itself again; 0 for never (KIP-368).
  public var sessionMilliseconds: Int64 = 0

  public init() {}

  public mutating func code(_ c: inout some WireCoder) throws(WireError) {
    try c.error(&error)
    try c.nullableString(&message)
    try c.bytes(&bytes)
    try c.int64(&sessionMilliseconds, from: 1)
    try c.tags()
  }
}

/// The server's side of one SCRAM exchange (RFC 5802): two messages in, two out, and then it is known who the client is.
///
/// Sans-IO: randomness and credentials are passed in, messages go in and out as bytes. A refused message ends the exchange.
/// The client may say that it could bind to the channel ("y") but not insist on it ("p"); extensions are passed over,
/// mandatory ones ("m") refused.
public struct ScramServer: Sendable {
  private enum State {
    case waitingForName
    case waitingForProof(Challenge)
    case proved(String)
    case refused
  }

  /// What the client's last message is checked against.
  private struct Challenge {
    var user: String
    var credential: ScramCredential
    /// In base64, as the client repeats it.
    var header: [UInt8]
    /// The bare first message, a comma, the answer to it, and a comma.
    var transcript: [UInt8]
  }

  public let mechanism: ScramMechanism
  private let nonce: [UInt8]
  private var state = State.waitingForName

  /// How many bytes are read of a message.
  public static let messageLimit = 4096

  /// `nonce`: at least 16 random bytes, never used before.
  public init(_ mechanism: ScramMechanism, nonce: [UInt8]) {
    self.init(mechanism, printableNonce: base64(nonce))
  }

  init(_ mechanism: ScramMechanism, printableNonce: [UInt8]) {
    self.mechanism = mechanism
    nonce = printableNonce
  }

  /// Who the client has proved to be; nil until then.
  public var user: String? {
    if case .proved(let user) = state { user } else { nil }
  }

  /// Takes the client's next message and returns the answer to it. At the first message `credential` is asked for what is
  /// kept of a user, by a name that may be anything.
  public mutating func answer(
    _ message: [UInt8], credential: (String) -> ScramCredential?
  ) throws(SaslError) -> [UInt8] {
    let now = state
    state = .refused
    guard message.count <= Self.messageLimit else { throw .tooLong(message.count) }
    switch now {
    case .waitingForName: return try challenge(ClientFirst(message), credential)
    case .waitingForProof(let challenge): return try verify(ClientFinal(message), challenge)
    case .proved, .refused: throw .ended
    }
  }

  private mutating func challenge(
    _ first: ClientFirst, _ find: (String) -> ScramCredential?
  ) throws(SaslError) -> [UInt8] {
    guard first.identity == nil || first.identity == first.user else { throw .otherIdentity }
    guard let credential = find(first.user), credential.mechanism == mechanism else { throw .wrongCredentials }
    let both = first.nonce + nonce
    var answer = Array("r=".utf8) + both
    answer += Array(",s=".utf8) + base64(credential.salt) + Array(",i=\(credential.iterations)".utf8)
    state = .waitingForProof(
      Challenge(
        user: first.user, credential: credential, header: base64(first.header),
        transcript: first.bare + [comma] + answer + [comma]))
    return answer
  }

  private mutating func verify(_ final: ClientFinal, _ challenge: Challenge) throws(SaslError) -> [UInt8] {
    // The end of the nonce is this server's part, which is what keeps an old proof from being used again. Before it
    // librdkafka 2.0.2 writes its own part twice; Kafka looks at the end alone as well (CVE-2024-56128).
    guard final.channel == challenge.header, final.nonce.suffix(nonce.count).elementsEqual(nonce) else {
      throw .otherExchange
    }
    let transcript = challenge.transcript + final.withoutProof
    // The proof is the client's key, hidden under a signature that only the key's hash is needed for.
    var key = mechanism.hmac(challenge.credential.storedKey, transcript)
    guard final.proof.count == key.count else { throw .wrongCredentials }
    for index in key.indices { key[index] ^= final.proof[index] }
    guard sameBytes(mechanism.hash(key), challenge.credential.storedKey) else { throw .wrongCredentials }
    state = .proved(challenge.user)
    return Array("v=".utf8) + base64(mechanism.hmac(challenge.credential.serverKey, transcript))
  }
}

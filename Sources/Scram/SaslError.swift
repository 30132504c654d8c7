/// Why somebody is not let in. No text tells whether the user exists.
public enum SaslError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The message does not have the form that its RFC gives it.
  case malformed
  /// Longer than `ScramServer.messageLimit`.
  case tooLong(Int)
  /// The client insists on binding to the TLS channel (GS2 flag "p").
  case channelBinding
  /// The nonce or the channel binding of the client's last message are not those of its first.
  case otherExchange
  /// The client would act for another than the one who proves who he is.
  case otherIdentity
  case wrongCredentials
  /// A message after the exchange ended.
  case ended
  /// A credential that nobody could or should be checked against.
  case unacceptableCredential(String)

  public var description: String {
    switch self {
    case .malformed: "The authentication message is malformed: expected one as in RFC 5802 (SCRAM) or 4616 (PLAIN)."
    case .tooLong(let count):
      "The authentication message has \(count) bytes: at most \(ScramServer.messageLimit) are read."
    case .channelBinding: "Channel binding is not served: choose a mechanism whose name does not end in -PLUS."
    case .otherExchange: "The last message belongs to another exchange than the first: authenticate anew."
    case .otherIdentity: "The authorization identity differs from the user: leave it empty."
    case .wrongCredentials: "The user or the password is wrong."
    case .ended: "The exchange has ended: begin a new one, on a new connection."
    case .unacceptableCredential(let why): "The credential cannot be used: \(why)."
    }
  }
}

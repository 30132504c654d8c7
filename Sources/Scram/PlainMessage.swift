/// The one message of the PLAIN mechanism: who the client is, and the password as it is (RFC 4616).
///
/// `ScramCredential.matches` checks it. Its answer is empty.
public struct PlainMessage: Hashable, Sendable, CustomStringConvertible {
  public let user: String
  public let password: String

  /// Reads `[identity] NUL user NUL password`; an identity must be the user's own.
  public init(_ message: [UInt8]) throws(SaslError) {
    guard message.count <= ScramServer.messageLimit else { throw .tooLong(message.count) }
    let parts = message.split(separator: 0, omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw .malformed }
    user = try identity(parts[1])
    password = try identity(parts[2])
    guard parts[0].isEmpty || parts[0] == parts[1] else { throw .otherIdentity }
  }

  /// Without the password, so that it ends in no log.
  public var description: String { "PLAIN for \(user)" }
}

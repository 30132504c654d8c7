/// What a server keeps to check a user's password: enough to recognise it, not enough to log in with (RFC 5802, 3).
public struct ScramCredential: Hashable, Sendable, CustomStringConvertible {
  public let mechanism: ScramMechanism
  public let salt: [UInt8]
  public let storedKey: [UInt8]
  public let serverKey: [UInt8]
  public let iterations: Int

  /// At least what RFC 7677 asks for; at most what Kafka allows (KIP-554), as every check of a password costs as much.
  public static let allowedIterations = 4096...16384

  /// A credential as it was kept.
  public init(
    _ mechanism: ScramMechanism, salt: [UInt8], storedKey: [UInt8], serverKey: [UInt8], iterations: Int
  ) throws(SaslError) {
    guard Self.allowedIterations.contains(iterations) else {
      throw .unacceptableCredential(
        "\(iterations) iterations, where \(Self.allowedIterations.lowerBound) to "
          + "\(Self.allowedIterations.upperBound) are allowed")
    }
    guard !salt.isEmpty else { throw .unacceptableCredential("it has no salt") }
    guard storedKey.count == mechanism.hashLength, serverKey.count == mechanism.hashLength else {
      throw .unacceptableCredential("a key of \(mechanism.name) has \(mechanism.hashLength) bytes")
    }
    self.mechanism = mechanism
    self.salt = salt
    self.storedKey = storedKey
    self.serverKey = serverKey
    self.iterations = iterations
  }

  /// A credential from what clients send to change a password (KIP-554).
  public init(
    _ mechanism: ScramMechanism, saltedPassword: [UInt8], salt: [UInt8], iterations: Int
  ) throws(SaslError) {
    guard saltedPassword.count == mechanism.hashLength else {
      throw .unacceptableCredential("a salted password of \(mechanism.name) has \(mechanism.hashLength) bytes")
    }
    let clientKey = mechanism.hmac(saltedPassword, Array("Client Key".utf8))
    try self.init(
      mechanism, salt: salt, storedKey: mechanism.hash(clientKey),
      serverKey: mechanism.hmac(saltedPassword, Array("Server Key".utf8)), iterations: iterations)
  }

  /// A credential for this password. Like Kafka, this leaves the password's bytes as they are, where the RFC would have
  /// them normalised (SASLprep).
  public init(
    _ mechanism: ScramMechanism, password: String, salt: [UInt8], iterations: Int = 4096
  ) throws(SaslError) {
    guard !password.isEmpty else { throw .unacceptableCredential("the password is empty") }
    // Beyond the limit the keys are not worth the work; the credential is refused below.
    let bounded = min(iterations, Self.allowedIterations.upperBound)
    let salted = mechanism.saltedPassword(Array(password.utf8), salt: salt, iterations: bounded)
    try self.init(mechanism, saltedPassword: salted, salt: salt, iterations: iterations)
  }

  /// Is this the password? For PLAIN; it costs as many rounds as the credential has iterations.
  public func matches(_ password: String) -> Bool {
    let salted = mechanism.saltedPassword(Array(password.utf8), salt: salt, iterations: iterations)
    return sameBytes(mechanism.hash(mechanism.hmac(salted, Array("Client Key".utf8))), storedKey)
  }

  /// Without the keys, so that they end in no log.
  public var description: String { "\(mechanism.name), \(iterations) iterations" }
}

/// Compares in a time that depends on the lengths only.
func sameBytes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
  guard left.count == right.count else { return false }
  var difference: UInt8 = 0
  for index in left.indices { difference |= left[index] ^ right[index] }
  return difference == 0
}

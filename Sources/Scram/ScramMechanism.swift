internal import Crypto

/// Which hash function SCRAM is done with (RFC 5802, RFC 7677).
public enum ScramMechanism: Hashable, Sendable, CaseIterable {
  case sha256
  case sha512

  /// As registered with IANA, and as clients ask for it.
  public var name: String {
    switch self {
    case .sha256: "SCRAM-SHA-256"
    case .sha512: "SCRAM-SHA-512"
    }
  }

  /// How many bytes a hash has, and so a key.
  var hashLength: Int {
    switch self {
    case .sha256: SHA256.byteCount
    case .sha512: SHA512.byteCount
    }
  }

  func hash(_ bytes: [UInt8]) -> [UInt8] {
    switch self {
    case .sha256: Array(SHA256.hash(data: bytes))
    case .sha512: Array(SHA512.hash(data: bytes))
    }
  }

  func hmac(_ key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
    let key = SymmetricKey(data: key)
    return switch self {
    case .sha256: Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
    case .sha512: Array(HMAC<SHA512>.authenticationCode(for: bytes, using: key))
    }
  }

  /// RFC 5802's `Hi`, which is PBKDF2 with HMAC and one block of output.
  func saltedPassword(_ password: [UInt8], salt: [UInt8], iterations: Int) -> [UInt8] {
    switch self {
    case .sha256: Self.stretch(HMAC<SHA256>(key: SymmetricKey(data: password)), salt, iterations)
    case .sha512: Self.stretch(HMAC<SHA512>(key: SymmetricKey(data: password)), salt, iterations)
    }
  }

  /// `keyed` is copied for each round, so that the password is worked in only once.
  private static func stretch<Hash>(_ keyed: HMAC<Hash>, _ salt: [UInt8], _ iterations: Int) -> [UInt8] {
    var round = keyed
    round.update(data: salt + [0, 0, 0, 1])
    var code = Array(round.finalize())
    var sum = code
    for _ in 1..<max(iterations, 1) {
      round = keyed
      round.update(data: code)
      code = Array(round.finalize())
      for index in sum.indices { sum[index] ^= code[index] }
    }
    return sum
  }
}

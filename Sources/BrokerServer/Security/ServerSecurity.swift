import Broker
import Glibc
import NIOSSL
import Scram

/// Who may connect, how, and what they may do. Everything is open unless something is configured.
public struct ServerSecurity: Sendable {
  /// With it clients must use TLS.
  public var certificate: ServerCertificate?
  /// sasl.enabled.mechanisms. With any, clients must prove who they are.
  public var mechanisms: [SaslMechanism] = []
  /// Users who are there from the start, beside those that the cluster keeps credentials of.
  public var users: [(name: String, password: String)] = []
  /// With it the cluster's ACLs are in force, and these may do everything (super.users): `User:admin`.
  public var superUsers: [String]?
  /// allow.everyone.if.no.acl.found
  public var allowsEveryoneWithoutAccess = false

  public init() {}
}

/// A server's security, ready for use.
struct Guard: Sendable {
  let mechanisms: [SaslMechanism]
  let tls: NIOSSLContext?
  private let users: [(name: String, credential: ScramCredential)]
  private let superUsers: [String]?
  private let allowsEveryoneWithoutAccess: Bool
  /// What the password of somebody unknown is checked against, so that it takes as long.
  private let decoy: ScramCredential?

  /// Reads the certificate and works the passwords in.
  init(_ security: ServerSecurity) throws {
    mechanisms = security.mechanisms
    tls = try security.certificate?.context()
    superUsers = security.superUsers
    allowsEveryoneWithoutAccess = security.allowsEveryoneWithoutAccess
    var users: [(name: String, credential: ScramCredential)] = []
    for user in security.users {
      for mechanism in ScramMechanism.allCases {
        users.append((user.name, try ScramCredential(mechanism, password: user.password, salt: Self.entropy(16))))
      }
    }
    self.users = users
    decoy = mechanisms.isEmpty ? nil : try ScramCredential(.sha256, password: "decoy", salt: Self.entropy(16))
  }

  /// Clients have something to prove before they are served.
  var isGuarded: Bool { tls != nil || !mechanisms.isEmpty }

  /// The exchange with which a client proves who it is.
  func exchange(_ mechanism: SaslMechanism) -> SaslExchange {
    switch mechanism {
    case .plain: .plain
    case .scram(let mechanism): .scram(ScramServer(mechanism, nonce: Self.entropy(24)))
    }
  }

  /// What is kept of a user: by the cluster, else from the start.
  func credential(of user: String, _ mechanism: ScramMechanism, _ image: borrowing MetadataImage) -> ScramCredential? {
    if let kept = image.scramUser(user, mechanism == .sha256 ? .sha256 : .sha512) {
      return try? ScramCredential(
        mechanism, salt: kept.salt, storedKey: kept.storedKey, serverKey: kept.serverKey,
        iterations: Int(kept.iterations))
    }
    return users.first { $0.name == user && $0.credential.mechanism == mechanism }?.credential
  }

  /// What a password is checked against, and whether it is the user's own.
  func passwordCredential(of user: String, _ image: borrowing MetadataImage) -> (ScramCredential, isReal: Bool)? {
    for mechanism in ScramMechanism.allCases {
      if let found = credential(of: user, mechanism, image) { return (found, true) }
    }
    return decoy.map { ($0, false) }
  }

  var isAuthorizing: Bool { superUsers != nil }

  /// Nil when everybody may do everything.
  func authorizer(_ image: borrowing MetadataImage) -> Authorizer? {
    superUsers.map {
      Authorizer(image, superUsers: $0, allowsEveryoneWithoutAccess: allowsEveryoneWithoutAccess)
    }
  }

  /// From the system's own source, as nobody may guess a nonce or a salt. At most 256 bytes.
  private static func entropy(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    _ = getentropy(&bytes, count)
    return bytes
  }
}

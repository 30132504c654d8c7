/// What the cluster keeps of a password (RFC 5802, KIP-554): enough to check it, not enough to use it.
public struct ScramUser: Hashable, Sendable, Comparable {
  /// Numbered as in DescribeUserScramCredentials.
  public enum Mechanism: Int8, Hashable, Sendable {
    case sha256 = 1
    case sha512
  }

  public var name: String
  public var mechanism: Mechanism
  public var salt: [UInt8]
  public var storedKey: [UInt8]
  public var serverKey: [UInt8]
  /// 4096 to 16384, as in Kafka.
  public var iterations: Int32

  public init(
    name: String, mechanism: Mechanism, salt: [UInt8], storedKey: [UInt8], serverKey: [UInt8], iterations: Int32
  ) {
    self.name = name
    self.mechanism = mechanism
    self.salt = salt
    self.storedKey = storedKey
    self.serverKey = serverKey
    self.iterations = iterations
  }

  public static func < (a: ScramUser, b: ScramUser) -> Bool {
    a.name == b.name ? a.mechanism.rawValue < b.mechanism.rawValue : a.name < b.name
  }
}

extension MetadataImage {
  public func scramUser(_ name: String, _ mechanism: ScramUser.Mechanism) -> ScramUser? {
    scramUsers.first { $0.name == name && $0.mechanism == mechanism }
  }
}

extension Controller {
  /// Sets a credential, or with nil deletes it.
  func alterScramUser(
    _ name: String, _ mechanism: ScramUser.Mechanism, _ user: ScramUser?
  ) throws(Refusal) -> Decision {
    guard !name.isEmpty else { throw Refusal(.unacceptableCredential, "A user needs a name.") }
    guard let user else {
      guard image.scramUser(name, mechanism) != nil else {
        throw Refusal(.resourceNotFound, "User \(name) has no such credential.")
      }
      return Decision([.scramDeleted(user: name, mechanism)], .done)
    }
    guard (4096...16384).contains(user.iterations) else {
      throw Refusal(.unacceptableCredential, "\(user.iterations) iterations. Expected: 4096 to 16384.")
    }
    guard user.name == name, user.mechanism == mechanism, !user.salt.isEmpty, !user.storedKey.isEmpty else {
      throw Refusal(.unacceptableCredential, "The credential of \(name) is incomplete.")
    }
    return Decision([.scramCredential(user)], .done)
  }
}

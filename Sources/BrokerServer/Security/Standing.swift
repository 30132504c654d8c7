public import Scram

/// How far a connection has come in telling who uses it (KIP-43, KIP-152).
enum Standing {
  /// Nothing is served but what leads to a proof.
  case unknown
  /// A mechanism was chosen. Bare messages come without a request around them, as version 0 of the handshake wants it.
  case proving(SaslExchange, isBare: Bool)
  case known(principal: String)

  /// Where nobody has to prove anything.
  static let anonymous = "User:ANONYMOUS"

  var principal: String? { if case .known(let principal) = self { principal } else { nil } }
  var isBare: Bool { if case .proving(_, isBare: true) = self { true } else { false } }
}

enum SaslExchange {
  case plain
  case scram(ScramServer)
}

/// How clients may prove who they are.
public enum SaslMechanism: Hashable, Sendable {
  case plain
  case scram(ScramMechanism)

  /// As registered with IANA, and as clients ask for it.
  public var name: String {
    switch self {
    case .plain: "PLAIN"
    case .scram(let mechanism): mechanism.name
    }
  }

  public static let all: [SaslMechanism] = [.plain] + ScramMechanism.allCases.map { .scram($0) }

  /// Reads a name in any case; nil for one that is not served.
  public init?(named name: String) {
    guard let found = Self.all.first(where: { $0.name == name.uppercased() }) else { return nil }
    self = found
  }
}

import ArgumentParser
import BrokerServer

/// Who may connect, how, and what they may do. Without any of these everything is open.
struct SecurityOptions: ParsableArguments {
  @Option(help: "A file with the certificate chain in PEM: clients must use TLS.") var tlsCert: String?
  @Option(help: "A file with the certificate's private key in PEM.") var tlsKey: String?
  @Option(help: "How clients prove who they are: plain,scram-sha-256,scram-sha-512") var sasl: String?
  @Option(help: "NAME:PASSWORD of a user who is there from the start. Can be repeated.") var user: [String] = []
  @Flag(help: "Hold clients to the cluster's ACLs: what no ACL allows is refused.") var authorizer = false
  @Flag(help: "With --authorizer: what no ACL speaks of is free to all.") var allowIfNoAcl = false
  @Option(help: "With --authorizer: who may do everything, as User:admin. Can be repeated.") var superUser: [String] =
    []

  func validate() throws {
    _ = try settings()
    guard authorizer || superUser.isEmpty && !allowIfNoAcl else {
      throw ValidationError(
        "--super-user and --allow-if-no-acl mean nothing without --authorizer. Expected: --authorizer, or neither.")
    }
  }

  func settings() throws -> ServerSecurity {
    var security = ServerSecurity()
    switch (tlsCert, tlsKey) {
    case (nil, nil): break
    case (let certificate?, let key?): security.certificate = ServerCertificate(chain: certificate, key: key)
    default: throw ValidationError("--tls-cert and --tls-key go together. Expected: both, or neither.")
    }
    security.mechanisms = try (sasl ?? "").split(separator: ",").map { name in
      guard let mechanism = SaslMechanism(named: String(name)) else {
        throw ValidationError(
          "--sasl \(name) is not served. Expected: plain, scram-sha-256, scram-sha-512, with commas.")
      }
      return mechanism
    }
    security.users = try user.map { pair in
      let parts = pair.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else {
        throw ValidationError("--user \(pair) cannot be read. Expected: NAME:PASSWORD.")
      }
      return (String(parts[0]), String(parts[1]))
    }
    if authorizer { security.superUsers = superUser }
    security.allowsEveryoneWithoutAccess = allowIfNoAcl
    return security
  }
}

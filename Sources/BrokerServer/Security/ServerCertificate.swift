import NIOSSL

/// What a server proves with who it is: a certificate chain and its private key, in PEM. With one, clients must use TLS.
public struct ServerCertificate: Hashable, Sendable {
  /// A file with the server's own certificate first, then those that lead from it towards a root.
  public var chain: String
  /// A file with the private key of the first of them, without a passphrase.
  public var key: String

  public init(chain: String, key: String) {
    self.chain = chain
    self.key = key
  }

  /// Reads the files. TLS 1.2 is the least that is spoken (RFC 8996 retires what came before).
  func context() throws(CertificateError) -> NIOSSLContext {
    let certificates = try read(chain, "a certificate chain") { try NIOSSLCertificate.fromPEMFile(chain) }
    let privateKey = try read(key, "a private key") { try NIOSSLPrivateKey(file: key, format: .pem) }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(privateKey))
    configuration.minimumTLSVersion = .tlsv12
    do { return try NIOSSLContext(configuration: configuration) } catch {
      throw CertificateError(file: key, expected: "the private key of the first certificate in \(chain)", "\(error)")
    }
  }

  private func read<Content>(
    _ file: String, _ expected: String, _ body: () throws -> Content
  ) throws(CertificateError) -> Content {
    do { return try body() } catch {
      throw CertificateError(file: file, expected: "\(expected) in PEM", "\(error)")
    }
  }
}

/// A file that TLS cannot be served with.
public struct CertificateError: Error, CustomStringConvertible {
  public var file: String
  public var expected: String
  public var reason: String

  init(file: String, expected: String, _ reason: String) {
    self.file = file
    self.expected = expected
    self.reason = reason
  }

  public var description: String { "\(file) cannot be used for TLS. Expected: \(expected). The reason: \(reason)." }
}

import Testing

@testable import Scram

@Suite("SCRAM's server")
struct ScramServerTests {
  @Test("RFC 7677's example goes through, byte for byte")
  func example() throws {
    var server = ScramServer(.sha256, printableNonce: Example.serverNonce)
    var asked: [String] = []
    let credential = try Example.credential
    let challenge = try server.answer(Array(Example.first.utf8)) { user in
      asked.append(user)
      return credential
    }
    #expect(text(challenge) == Example.challenge)
    #expect(asked == ["user"])
    #expect(server.user == nil)
    let end = try server.answer(Array(Example.final.utf8)) { _ in nil }
    #expect(text(end) == Example.end)
    #expect(server.user == "user")
  }

  @Test("SHA-512 agrees with what another implementation computed, for a user with a comma and an equals sign")
  func sha512() throws {
    let credential = try ScramCredential(.sha512, password: "pencil", salt: Array(1...16), iterations: 5000)
    var server = ScramServer(.sha512, nonce: Array(0..<16))
    let challenge = try server.answer(Array("n,,n=ana=2Cb=3Dc,r=abc".utf8)) { $0 == "ana,b=c" ? credential : nil }
    #expect(text(challenge) == "r=abcAAECAwQFBgcICQoLDA0ODw==,s=AQIDBAUGBwgJCgsMDQ4PEA==,i=5000")
    let proof = "dpEebB5qsJ2JR/n84yxi9KjFUYNsfLy4oPIUKSP1+6WAgO8t5Ux3lPFSOjoqoltEPKjV2F2e9pEHiSkaGdYPqA=="
    let end = try server.answer(Array("c=biws,r=abcAAECAwQFBgcICQoLDA0ODw==,p=\(proof)".utf8)) { _ in nil }
    let signature = "ayUA/fxrboKK612M1yRw7HPW2NEjxzObHlgUQDyLaIfav1XqLpKnrXpkadDAHMtpxA4XWAO2iSjCDts0lNdckw=="
    #expect(text(end) == "v=" + signature)
    #expect(server.user == "ana,b=c")
  }

  @Test(
    "a client in any honest form gets in", arguments: ScramMechanism.allCases,
    ["n,,", "y,,", "n,a=user,"])
  func honest(mechanism: ScramMechanism, header: String) throws {
    let client = TestClient(mechanism, header: header, password: "pencil")
    #expect(try client.run(extensions: "").user == "user")
    #expect(try client.run(extensions: ",tokenauth=false").user == "user")
  }

  @Test(
    "a first message that is not quite one is refused",
    arguments: [
      ("", SaslError.malformed), (",", .malformed), ("n", .malformed), ("n,,", .malformed), ("n,,,", .malformed),
      ("n,,n=user", .malformed), ("n,,n=,r=abc", .malformed), ("n,,n=user,r=", .malformed),
      ("n,,r=abc,n=user", .malformed), ("x,,n=user,r=abc", .malformed), ("n=,,n=user,r=abc", .malformed),
      ("p=tls-unique,,n=user,r=abc", .channelBinding), ("n,user,n=user,r=abc", .malformed),
      ("n,a=,n=user,r=abc", .malformed), ("n,a=root,n=user,r=abc", .otherIdentity),
      ("n,,n=us=er,r=abc", .malformed), ("n,,n=us=2cer,r=abc", .malformed), ("n,,n=user=,r=abc", .malformed),
      ("n,,n=us\0er,r=abc", .malformed), ("n,,n=user,r=a c", .malformed), ("n,,n=user,r=ä", .malformed),
      ("n,,m=must,n=user,r=abc", .malformed), ("n,,n=user,r=abc,", .malformed), ("n,,n=user,r=abc,x", .malformed),
      ("n,,n=user,r=abc,x=", .malformed), ("n,,n=user,r=abc,1=a", .malformed),
      ("n,,n=nobody,r=abc", .wrongCredentials),
      ("n,,n=\(String(repeating: "u", count: 4096)),r=abc", .tooLong(4107)),
    ])
  func hostileFirst(message: String, error: SaslError) throws {
    var server = ScramServer(.sha256, nonce: Array(0..<16))
    let credential = try Example.credential
    let find = { (user: String) in user == "user" ? credential : nil }
    #expect(throws: error) { try server.answer(Array(message.utf8), credential: find) }
    #expect(throws: SaslError.ended, "it is not asked twice") {
      try server.answer(Array(Example.first.utf8), credential: find)
    }
    #expect(server.user == nil)
  }

  @Test("a name that is no UTF-8 is refused")
  func badText() throws {
    var server = ScramServer(.sha256, nonce: Array(0..<16))
    #expect(throws: SaslError.malformed) {
      try server.answer(Array("n,,n=".utf8) + [0xFF] + Array(",r=abc".utf8)) { _ in nil }
    }
  }

  @Test(
    "a last message that is not quite one is refused",
    arguments: [
      ("", "", SaslError.malformed), ("c=biws,", "", .malformed), ("c=biws", "c=eSws", .otherExchange),
      ("c=biws", "c=", .otherExchange), ("c=biws", "c=biws=", .otherExchange), ("$k0,", "$k1,", .otherExchange),
      ("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", "", .otherExchange), ("r=rOpr", "r=", .wrongCredentials),
      ("$k0,p=", "$k0,x,p=", .malformed), ("$k0,p=", "$k0,q=", .malformed), (",p=dH", ",p=dI", .wrongCredentials),
      ("p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "p=", .wrongCredentials),
      ("p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "p=dHzb", .wrongCredentials),
      ("ndVQ=", "ndVR=", .malformed), ("ndVQ=", "ndVQ", .malformed), ("ndVQ=", "ndVQ=,x=y", .malformed),
      ("dHzb", "dH%b", .malformed), ("c=biws,", "c=biws,c=biws,", .malformed),
    ])
  func hostileFinal(good: String, bad: String, error: SaslError) throws {
    var server = ScramServer(.sha256, printableNonce: Example.serverNonce)
    let credential = try Example.credential
    _ = try server.answer(Array(Example.first.utf8)) { _ in credential }
    let message = good.isEmpty ? "" : Example.final.replacing(good, with: bad)
    #expect(message != Example.final)
    #expect(throws: error) { try server.answer(Array(message.utf8)) { _ in credential } }
    #expect(server.user == nil)
    #expect(throws: SaslError.ended, "the proof is not asked for twice") {
      try server.answer(Array(Example.final.utf8)) { _ in credential }
    }
  }

  @Test("an extension in the last message is signed over: added on the way, it breaks the proof")
  func addedExtension() throws {
    var server = ScramServer(.sha256, printableNonce: Example.serverNonce)
    let credential = try Example.credential
    _ = try server.answer(Array(Example.first.utf8)) { _ in credential }
    #expect(throws: SaslError.wrongCredentials) {
      try server.answer(Array(Example.final.replacing(",p=", with: ",x=y,p=").utf8)) { _ in credential }
    }
  }

  @Test("a wrong password does not get in, nor one for the other mechanism")
  func wrongPassword() throws {
    let client = TestClient(.sha256, header: "n,,", password: "pencils")
    #expect(throws: SaslError.wrongCredentials) { try client.run(extensions: "") }
    var server = ScramServer(.sha512, nonce: Array(0..<16))
    let credential = try Example.credential
    #expect(throws: SaslError.wrongCredentials) {
      try server.answer(Array(Example.first.utf8)) { _ in credential }
    }
  }

  @Test("after the proof nothing more is answered, and the user is not kept")
  func afterwards() throws {
    var server = try TestClient(.sha256, header: "n,,", password: "pencil").run(extensions: "")
    #expect(throws: SaslError.ended) { try server.answer(Array(Example.first.utf8)) { _ in nil } }
    #expect(server.user == nil, "whoever goes on talking is no longer believed")
  }

  @Test("any bytes are refused or answered, none trap", arguments: 0..<200)
  func anyBytes(seed: UInt64) throws {
    var bits = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func next(_ bound: Int) -> Int {
      bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(bits >> 33) % bound
    }
    let credential = try Example.credential
    for valid in [Example.first, Example.final] {
      var server = ScramServer(.sha256, printableNonce: Example.serverNonce)
      if valid == Example.final { _ = try server.answer(Array(Example.first.utf8)) { _ in credential } }
      var message = Array(valid.utf8)
      for _ in 0...next(3) {
        let at = next(message.count)
        switch next(3) {
        case 0: message[at] = UInt8(next(256))
        case 1: message.remove(at: at)
        default: message.insert(Array(",=\0pn".utf8)[next(5)], at: at)
        }
      }
      let unchanged = message == Array(valid.utf8)
      _ = try? server.answer(message) { $0 == "user" ? credential : nil }
      #expect(server.user == nil || unchanged)
    }
  }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// RFC 7677, 3.
enum Example {
  static let serverNonce = Array("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0".utf8)
  static let salt: [UInt8] = [
    0x5B, 0x6D, 0x99, 0x68, 0x9D, 0x12, 0x35, 0x8E, 0xEC, 0xA0, 0x4B, 0x14, 0x12, 0x36, 0xFA, 0x81,
  ]
  static let first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
  static let challenge =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
  static let final =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
  static let end = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

  static var credential: ScramCredential {
    get throws(SaslError) { try made.get() }
  }

  private static let made = Result { () throws(SaslError) in
    try ScramCredential(.sha256, password: "pencil", salt: salt)
  }
}

/// A client that follows the RFC, against a server that knows "user" by the password "pencil".
struct TestClient {
  let mechanism: ScramMechanism
  let header: String
  let password: String

  init(_ mechanism: ScramMechanism, header: String, password: String) {
    self.mechanism = mechanism
    self.header = header
    self.password = password
  }

  /// The server as the exchange leaves it.
  func run(extensions: String) throws -> ScramServer {
    let kept = try ScramCredential(mechanism, password: "pencil", salt: Example.salt)
    var server = ScramServer(mechanism, nonce: Array(0..<16))
    let bare = "n=user,r=abc" + extensions
    let challenge = text(try server.answer(Array((header + bare).utf8)) { $0 == "user" ? kept : nil })
    let nonce = try #require(challenge.split(separator: ",").first)
    let withoutProof = "c=\(text(base64(Array(header.utf8)))),\(nonce)\(extensions)"
    let salted = mechanism.saltedPassword(Array(password.utf8), salt: kept.salt, iterations: kept.iterations)
    let key = mechanism.hmac(salted, Array("Client Key".utf8))
    let signature = mechanism.hmac(mechanism.hash(key), Array("\(bare),\(challenge),\(withoutProof)".utf8))
    let proof = zip(key, signature).map { $0 ^ $1 }
    _ = try server.answer(Array("\(withoutProof),p=\(text(base64(proof)))".utf8)) { _ in nil }
    return server
  }
}

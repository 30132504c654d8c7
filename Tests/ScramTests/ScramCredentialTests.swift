import Testing

@testable import Scram

@Suite("SCRAM credentials")
struct ScramCredentialTests {
  @Test("a password matches its own credential and no other", arguments: ScramMechanism.allCases)
  func matching(mechanism: ScramMechanism) throws {
    let credential = try ScramCredential(mechanism, password: "pässwörd", salt: [1, 2, 3])
    #expect(credential.matches("pässwörd"))
    #expect(!credential.matches("passwörd"))
    #expect(!credential.matches(""))
  }

  @Test("made of a password, of a salted one, or of what was kept, it is the same", arguments: ScramMechanism.allCases)
  func sources(mechanism: ScramMechanism) throws {
    let made = try ScramCredential(mechanism, password: "pencil", salt: [1, 2, 3], iterations: 4100)
    let salted = mechanism.saltedPassword(Array("pencil".utf8), salt: [1, 2, 3], iterations: 4100)
    #expect(try ScramCredential(mechanism, saltedPassword: salted, salt: [1, 2, 3], iterations: 4100) == made)
    #expect(
      try ScramCredential(
        mechanism, salt: made.salt, storedKey: made.storedKey, serverKey: made.serverKey, iterations: 4100) == made)
  }

  @Test("too few or too many iterations are refused", arguments: [Int.min, -1, 0, 1, 4095, 16385, .max])
  func iterations(count: Int) throws {
    let error = #expect(throws: SaslError.self) {
      try ScramCredential(.sha256, password: "pencil", salt: [1], iterations: count)
    }
    #expect(error?.description.contains("\(count) iterations, where 4096 to 16384") == true)
  }

  @Test("no salt, no password, or a key of the wrong length are refused")
  func shape() throws {
    let key = [UInt8](repeating: 7, count: 32)
    #expect(throws: SaslError.self) { try ScramCredential(.sha256, password: "pencil", salt: []) }
    #expect(throws: SaslError.self) { try ScramCredential(.sha256, password: "", salt: [1]) }
    #expect(throws: SaslError.self) {
      try ScramCredential(.sha512, saltedPassword: key, salt: [1], iterations: 4096)
    }
    #expect(throws: SaslError.self) {
      try ScramCredential(.sha256, salt: [1], storedKey: key, serverKey: [], iterations: 4096)
    }
  }

  @Test("a credential in a log shows no key")
  func description() throws {
    #expect("\(try Example.credential)" == "SCRAM-SHA-256, 4096 iterations")
  }

  @Test(
    "base64 goes both ways, and only one text is read for some bytes",
    arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"), ("\u{7FF}~", "379+")])
  func base64Vectors(plain: String, encoded: String) {
    #expect(text(base64(Array(plain.utf8))) == encoded)
    #expect(bytes(base64: Array(encoded.utf8)[...]) == Array(plain.utf8))
  }

  @Test(
    "what is not quite base64 is not read",
    arguments: ["Z", "Zg", "Zg=", "Zh==", "Zg==Zg==", "====", "Zm9=", "Z-9v", "Zm 9", "Zm9vZg==="])
  func badBase64(encoded: String) { #expect(bytes(base64: Array(encoded.utf8)[...]) == nil) }
}

@Suite("PLAIN")
struct PlainMessageTests {
  @Test("user and password are read, with an identity or without", arguments: ["\0ana\0secret", "ana\0ana\0secret"])
  func reads(message: String) throws {
    let plain = try PlainMessage(Array(message.utf8))
    #expect(plain.user == "ana")
    #expect(plain.password == "secret")
    #expect("\(plain)" == "PLAIN for ana")
  }

  @Test(
    "what is not quite a message is refused",
    arguments: [
      ("", SaslError.malformed), ("ana", .malformed), ("ana\0secret", .malformed), ("\0\0secret", .malformed),
      ("\0ana\0", .malformed), ("\0ana\0secret\0", .malformed), ("\0\0\0", .malformed),
      ("root\0ana\0secret", .otherIdentity),
      ("\0ana\0" + String(repeating: "s", count: 4096), .tooLong(4101)),
    ])
  func refuses(message: String, error: SaslError) {
    #expect(throws: error) { try PlainMessage(Array(message.utf8)) }
  }

  @Test("text that is no UTF-8 is refused")
  func badText() {
    #expect(throws: SaslError.malformed) { try PlainMessage([0, 0xC3, 0, 0x61]) }
  }
}

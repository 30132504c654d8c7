let comma = UInt8(ascii: ",")
private let equals = UInt8(ascii: "=")

/// `n,a=identity,n=user,r=nonce` and extensions.
struct ClientFirst {
  /// With its two commas.
  let header: [UInt8]
  let identity: String?
  /// All after the header.
  let bare: [UInt8]
  let user: String
  let nonce: [UInt8]

  init(_ message: [UInt8]) throws(SaslError) {
    let parts = message.split(separator: comma, omittingEmptySubsequences: false)
    guard let flag = parts.first, parts.count >= 4 else { throw .malformed }
    guard !flag.starts(with: Array("p=".utf8)) else { throw .channelBinding }
    guard flag.elementsEqual("n".utf8) || flag.elementsEqual("y".utf8) else { throw .malformed }
    header = Array(message[..<parts[2].startIndex])
    bare = Array(message[parts[2].startIndex...])
    identity = parts[1].isEmpty ? nil : try saslName(attribute("a", parts[1]))
    user = try saslName(attribute("n", parts[2]))
    nonce = Array(try attribute("r", parts[3]))
    guard !nonce.isEmpty, nonce.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .malformed }
    try checkExtensions(parts[4...])
  }
}

/// `c=header,r=nonce`, extensions, `,p=proof`.
struct ClientFinal {
  let channel: [UInt8]
  let nonce: [UInt8]
  let withoutProof: [UInt8]
  let proof: [UInt8]

  init(_ message: [UInt8]) throws(SaslError) {
    let parts = message.split(separator: comma, omittingEmptySubsequences: false)
    guard let last = parts.last, parts.count >= 3 else { throw .malformed }
    channel = Array(try attribute("c", parts[0]))
    nonce = Array(try attribute("r", parts[1]))
    try checkExtensions(parts[2..<(parts.count - 1)])
    guard let proof = bytes(base64: try attribute("p", last)) else { throw .malformed }
    self.proof = proof
    withoutProof = Array(message[..<(last.startIndex - 1)])
  }
}

private func attribute(_ name: String, _ part: ArraySlice<UInt8>) throws(SaslError) -> ArraySlice<UInt8> {
  guard part.starts(with: Array(name.utf8) + [equals]) else { throw .malformed }
  return part.dropFirst(name.utf8.count + 1)
}

/// Extensions have a name in letters and a value. A mandatory one would begin what it stands in, where a name or a nonce
/// is expected, so it never gets here.
private func checkExtensions(_ parts: ArraySlice<ArraySlice<UInt8>>) throws(SaslError) {
  for part in parts {
    guard let equals = part.firstIndex(of: equals), equals > part.startIndex, equals < part.endIndex - 1,
      part[..<equals].allSatisfy({ (0x41...0x5A).contains($0 & 0xDF) }), !part.contains(0)
    else { throw .malformed }
  }
}

/// A name in which "=2C" stands for a comma and "=3D" for an equals sign; any other equals sign is an error.
private func saslName(_ escaped: ArraySlice<UInt8>) throws(SaslError) -> String {
  var name: [UInt8] = []
  var rest = escaped
  while let byte = rest.popFirst() {
    guard byte == equals else {
      name.append(byte)
      continue
    }
    if rest.starts(with: "2C".utf8) {
      name.append(comma)
    } else if rest.starts(with: "3D".utf8) {
      name.append(equals)
    } else {
      throw .malformed
    }
    rest = rest.dropFirst(2)
  }
  return try identity(name[...])
}

/// Text that may name somebody or be a password: some, and no NUL in it.
func identity(_ bytes: ArraySlice<UInt8>) throws(SaslError) -> String {
  guard !bytes.isEmpty, !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
    throw .malformed
  }
  return text
}

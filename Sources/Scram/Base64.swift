private let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
private let padding = UInt8(ascii: "=")

/// The bytes in base64, padded (RFC 4648, 4).
func base64(_ bytes: [UInt8]) -> [UInt8] {
  var text: [UInt8] = []
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
    for digit in 0..<4 {
      text.append(digit <= group.count ? alphabet[bits >> (18 - 6 * digit) & 63] : padding)
    }
  }
  return text
}

/// The bytes that `text` is the base64 of; nil for any text that `base64(_:)` would not write.
func bytes(base64 text: ArraySlice<UInt8>) -> [UInt8]? {
  guard text.count.isMultiple(of: 4) else { return nil }
  var bytes: [UInt8] = []
  var bits = 0
  var held = 0
  for digit in text.prefix(while: { $0 != padding }) {
    guard let value = alphabet.firstIndex(of: digit) else { return nil }
    bits = (bits << 6 | value) & 0xFFFF
    held += 6
    if held >= 8 {
      held -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> held))
    }
  }
  return base64(bytes)[...] == text ? bytes : nil
}

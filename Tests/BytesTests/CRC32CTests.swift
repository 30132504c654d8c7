import Bytes
import Testing

@Suite("CRC-32C")
struct CRC32CTests {
  static let vectors: [(bytes: [UInt8], crc: UInt32)] = [
    ([], 0),
    (Array("123456789".utf8), 0xE306_9283),
    (Array(repeating: 0, count: 32), 0x8A91_36AA),
    (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
    (Array(0..<32), 0x46DD_794E),
    (Array((0..<32).reversed()), 0x113F_DB5C),
  ]

  @Test("gives the values of RFC 3720, by instruction and by table", arguments: vectors.indices)
  func knownValues(index: Int) {
    let vector = Self.vectors[index]
    #expect(CRC32C.checksum(vector.bytes) == vector.crc)
    #expect(CRC32C.checksumByTable(vector.bytes) == vector.crc)
  }

  @Test("is the same by instruction and by table at every length and alignment")
  func agreement() {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 167 ^ $0 >> 3) }
    for start in 0..<9 {
      for end in start..<bytes.count {
        #expect(CRC32C.checksum(bytes[start..<end]) == CRC32C.checksumByTable(Array(bytes[start..<end])))
      }
    }
  }

  /// Long enough for stretches that are checksummed side by side (three of 256 bytes, three of 4096), and for what is left.
  @Test("is the same where stretches are taken three at a time", arguments: [768, 1024, 12_288, 13_056, 25_000])
  func stretches(length: Int) {
    let bytes = (0..<length + 9).map { UInt8(truncatingIfNeeded: $0 &* 167 ^ $0 >> 3 ^ $0 >> 9) }
    for (start, end) in [(0, length), (1, length), (3, length + 8), (0, length - 1), (9, length + 9)] {
      let expected = CRC32C.checksumByTable(Array(bytes[start..<end]))
      #expect(CRC32C.checksum(bytes[start..<end]) == expected)
      let cut = start + length / 3
      #expect(CRC32C.checksum(bytes[cut..<end], continuing: CRC32C.checksum(bytes[start..<cut])) == expected)
    }
  }

  @Test("can be continued where it was left")
  func continuing() {
    let bytes = Array("one log, two parts".utf8)
    for cut in 0...bytes.count {
      let first = CRC32C.checksum(bytes[..<cut])
      #expect(CRC32C.checksum(bytes[cut...], continuing: first) == CRC32C.checksum(bytes))
    }
  }

  @Test("takes bytes that do not lie side by side")
  func lazyBytes() {
    #expect(CRC32C.checksum((0..<32).lazy.map { UInt8($0) }) == 0x46DD_794E)
  }
}

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

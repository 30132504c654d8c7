import Clockwork
import Codecs
import Testing

@Suite("Codecs")
struct CodecTests {
  static let codecs: [Codec] = [.gzip, .snappy, .lz4, .zstd]

  /// Three records in Kafka's encoding, which librdkafka 2.16 and aiokafka 0.14 have sent as `golden`.
  static let records: [UInt8] = (0..<3 as Range<UInt8>).flatMap { index in
    [0xC6, 1, 0, 2 * index, 2 * index, 4, UInt8(ascii: "k"), UInt8(ascii: "0") + index, 0xB4, 1]
      + Array(String(repeating: "bibimbap, kimbap, naengmyeon; ", count: 3).utf8) + [0]
  }

  static let golden: [(String, Codec, String)] = [
    (
      "librdkafka", .gzip,
      """
      1f8b08000000000000033bc6c8c0c0c0926db08531293329333729b14047211b4ae725a6e6a5e756a6e6e7592b5022cb708c9181898925db90\
      d696b0b0b0641bd1d41200dabe95c52f010000
      """
    ),
    (
      "librdkafka", .snappy,
      """
      af0250c601000000046b30b401626962696d6261702c206b0d082c6e61656e676d79656f6e3b20ee1e002000c601000202046b31fe65007e65\
      00100404046b32fe6500726500
      """
    ),
    (
      "librdkafka", .lz4,
      """
      04224d1860408245000000f306c601000000046b30b401626962696d6261702c206b0800cf6e61656e676d79656f6e3b201e00299f00c60100\
      0202046b3165004d5f0404046b32650045506f6e3b200000000000
      """
    ),
    (
      "librdkafka", .zstd,
      """
      28b52ffd0058fd0100f402c601000000046b30b401626962696d6261702c206b6e61656e676d79656f6e3b2000c601000202046b310404046b\
      3204000a936e344c2741c974596102
      """
    ),
    (
      "aiokafka, in xerial's frame", .snappy,
      """
      82534e4150505900000000010000000100000046af0250c601000000046b30b401626962696d6261702c206b0d082c6e61656e676d79656f6e\
      3b20ee1e002000c601000202046b31fe65007e6500100404046b32fe6500726500
      """
    ),
    (
      "aiokafka, with a checksum", .lz4,
      """
      04224d187040ad45000000f306c601000000046b30b401626962696d6261702c206b0800cf6e61656e676d79656f6e3b201e00299f00c60100\
      0202046b3165004d5f0404046b32650045506f6e3b2000d07b532c00000000
      """
    ),
    (
      "aiokafka, with the size told", .zstd,
      """
      28b52ffd602f00fd0100f402c601000000046b30b401626962696d6261702c206b6e61656e676d79656f6e3b2000c601000202046b31040404\
      6b3204000a936e344c2741c974596102
      """
    ),
  ]

  @Test("What clients have written is read", arguments: golden)
  func clients(from: String, codec: Codec, hex: String) throws {
    #expect(try codec.decompress(Self.bytes(hex)[...], limit: 303) == Self.records)
  }

  @Test("What is compressed comes back, of any size", arguments: codecs, [0, 1, 100, 65_536, 300_000])
  func roundTrip(codec: Codec, count: Int) throws {
    var dice = Dice(seed: UInt64(count))
    // Half of it repeats itself.
    let bytes = (0..<count).map { $0 % 128 < 64 ? UInt8(truncatingIfNeeded: dice.next()) : 7 }
    let small = try codec.compress(bytes)
    #expect(count < 1000 || small.count < count)
    #expect(try codec.decompress(small[...], limit: count) == bytes)
    #expect(count == 0 || codec == .snappy || small != bytes)
    // A slice of something larger is read from where it begins.
    #expect(try codec.decompress(([9, 9] + small).dropFirst(2), limit: count) == bytes)
  }

  @Test("Xerial's frame may hold several blocks, and none that is cut short")
  func blocks() throws {
    let blocks = try [Self.records, [1, 2, 3], []].map { try Codec.snappy.compress($0) }
    func framed(_ size: (Int) -> Int = { $0 }) -> [UInt8] {
      [0x82] + Array("SNAPPY".utf8) + [0, 0, 0, 0, 1, 0, 0, 0, 1]
        + blocks.flatMap { block in
          (0..<4).map { UInt8(truncatingIfNeeded: size(block.count) >> (24 - 8 * $0)) } + block
        }
    }
    #expect(try Codec.snappy.decompress(framed()[...], limit: 306) == Self.records + [1, 2, 3])
    #expect(throws: CodecError.tooLarge(limit: 305)) { try Codec.snappy.decompress(framed()[...], limit: 305) }
    for size in [{ $0 + 1 }, { $0 - 1 }, { _ in -1 }] as [(Int) -> Int] {
      #expect(throws: CodecError.malformed) { try Codec.snappy.decompress(framed(size)[...], limit: 1000) }
    }
    #expect(throws: CodecError.malformed) { try Codec.snappy.decompress(framed().prefix(9), limit: 1000) }
  }

  @Test("Frames one after the other are read as one", arguments: [Codec.gzip, .lz4, .zstd])
  func concatenated(codec: Codec) throws {
    let twice = try codec.compress(Self.records) + codec.compress([1, 2, 3])
    #expect(try codec.decompress(twice[...], limit: 306) == Self.records + [1, 2, 3])
    #expect(throws: CodecError.malformed) { try codec.decompress((twice + [1, 2, 3])[...], limit: 1000) }
  }

  @Test("Cut short anywhere it is refused", arguments: codecs)
  func cut(codec: Codec) throws {
    let small = try codec.compress(Self.records)
    for count in small.indices {
      #expect(throws: CodecError.malformed, "\(count) bytes") { try codec.decompress(small[..<count], limit: 1000) }
    }
  }

  @Test("No more comes out than the limit, whatever the bytes stand for", arguments: codecs)
  func bomb(codec: Codec) throws {
    let small = try codec.compress([UInt8](repeating: 0, count: 4 << 20))
    #expect(codec == .snappy || small.count < 20_000)
    for limit in [0, 1, 65_536, (4 << 20) - 1] {
      #expect(throws: CodecError.tooLarge(limit: limit)) { try codec.decompress(small[...], limit: limit) }
    }
    #expect(try codec.decompress(small[...], limit: 4 << 20).count == 4 << 20)
  }

  @Test("A block of snappy that claims more than its bytes can stand for is given no memory")
  func claim() {
    // 2,000,000,000 bytes in nine.
    let bytes: [UInt8] = [0x80, 0xA8, 0xD6, 0xB9, 7, 0, 1, 2, 3]
    #expect(throws: CodecError.malformed) { try Codec.snappy.decompress(bytes[...], limit: 1 << 20) }
  }

  @Test("Random and mutated bytes are read or refused, within the limit", arguments: codecs)
  func fuzz(codec: Codec) throws {
    var dice = Dice(seed: 5)
    let small = try codec.compress(Self.records)
    var read = 0
    for _ in 0..<2000 {
      var bytes = small
      for _ in 0...dice.roll(4) { bytes[Int(dice.roll(UInt64(bytes.count)))] = UInt8(truncatingIfNeeded: dice.next()) }
      if dice.roll(4) == 0 { bytes += (0..<dice.roll(20)).map { _ in UInt8(truncatingIfNeeded: dice.next()) } }
      if let found = try? codec.decompress(bytes[...], limit: 2000) {
        read += 1
        #expect(found.count <= 2000)
      }
    }
    #expect(read < 2000)
  }

  private static func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
  }
}

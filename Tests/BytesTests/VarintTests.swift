import Bytes
import Clockwork
import Testing

@Suite("Varints")
struct VarintTests {
  @Test(
    "Zigzag keeps small negatives short",
    arguments: zip(
      [0, -1, 1, -2, 63, -64, 64, -65, 8191, Int32.max, Int32.min],
      [
        [0], [1], [2], [3], [126], [127], [0x80, 1], [0x81, 1], [0xFE, 0x7F], [0xFE, 0xFF, 0xFF, 0xFF, 0x0F],
        [0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
      ] as [[UInt8]]))
  func zigzag(value: Int32, bytes: [UInt8]) throws {
    var writer = ByteWriter()
    writer.writeVarint(value)
    #expect(writer.bytes == bytes)
    #expect(Varint.size(Int64(value)) == bytes.count)
    var reader = ByteReader(bytes)
    #expect(try reader.readVarint() == value)
  }

  @Test("Longs of every width come back, and their size is told beforehand")
  func longs() throws {
    var dice = Dice(seed: 1)
    for width in 0..<64 {
      let value = Int64(bitPattern: dice.next() >> UInt64(width))
      var writer = ByteWriter()
      writer.writeVarlong(value)
      writer.writeVarlong(-value)
      #expect(writer.count == Varint.size(value) + Varint.size(-value))
      var reader = ByteReader(writer.bytes)
      #expect(try reader.readVarlong() == value)
      #expect(try reader.readVarlong() == -value)
    }
    var extremes = ByteWriter()
    extremes.writeVarlong(.min)
    extremes.writeVarlong(.max)
    extremes.writeUnsignedVarlong(.max)
    var reader = ByteReader(extremes.bytes)
    #expect(try reader.readVarlong() == .min)
    #expect(try reader.readVarlong() == .max)
    #expect(try reader.readUnsignedVarlong() == .max)
  }

  @Test("Unsigned ones are not folded")
  func unsigned() throws {
    var writer = ByteWriter()
    writer.writeUnsignedVarint(300)
    #expect(writer.bytes == [0xAC, 0x02])
    var reader = ByteReader(writer.bytes)
    #expect(try reader.readUnsignedVarint() == 300)
  }

  @Test("Bits beyond the type's width are refused")
  func overlong() {
    var wide = ByteReader([0xFF, 0xFF, 0xFF, 0xFF, 0x1F])
    #expect(throws: ByteError.overlongVarint) { try wide.readVarint() }
    var endless = ByteReader(Array(repeating: 0x80, count: 64))
    #expect(throws: ByteError.overlongVarint) { try endless.readVarlong() }
    var cut = ByteReader([0x80])
    #expect(throws: ByteError.truncated(needed: 1, remaining: 0)) { try cut.readVarlong() }
  }

  @Test("Any bytes are read or refused, never a trap", arguments: 0..<8 as Range<UInt64>)
  func fuzz(seed: UInt64) {
    var dice = Dice(seed: seed)
    for _ in 0..<500 {
      let bytes = (0..<dice.roll(24)).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
      var reader = ByteReader(bytes)
      var steps = 0
      while !reader.isAtEnd, steps < 100 {
        let before = reader.remaining
        _ =
          switch dice.roll(6) {
          case 0: (try? reader.readVarint()) != nil
          case 1: (try? reader.readVarlong()) != nil
          case 2: (try? reader.readNullableBytes()) != nil
          case 3: (try? reader.readCount(itemSize: 3)) != nil
          case 4: (try? reader.readText(Int(dice.roll(5)))) != nil
          default: (try? reader.read(Int32.self)) != nil
          }
        #expect(reader.remaining <= before)
        steps += 1
      }
    }
  }
}

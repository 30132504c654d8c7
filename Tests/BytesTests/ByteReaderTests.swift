import Bytes
import Testing

@Suite("Reader and writer")
struct ByteReaderTests {
  @Test("Integers are big-endian")
  func bigEndian() throws {
    var writer = ByteWriter()
    writer.write(0x0102_0304 as Int32)
    writer.write(-2 as Int16)
    #expect(writer.bytes == [1, 2, 3, 4, 0xFF, 0xFE])
    var reader = ByteReader(writer.bytes)
    #expect(try reader.read(Int32.self) == 0x0102_0304)
    #expect(try reader.read(Int16.self) == -2)
    #expect(reader.isAtEnd)
  }

  @Test("A value that the bytes do not hold is refused and nothing is consumed")
  func truncated() {
    var reader = ByteReader([1, 2, 3])
    #expect(throws: ByteError.truncated(needed: 4, remaining: 3)) { try reader.read(Int32.self) }
    #expect(throws: ByteError.truncated(needed: 9, remaining: 3)) { try reader.readBytes(9) }
    #expect(throws: ByteError.badLength(-1)) { try reader.readBytes(-1) }
    #expect(throws: ByteError.truncated(needed: .max, remaining: 3)) { try reader.readSlice(.max) }
    #expect(reader.remaining == 3)
  }

  @Test("A slice is read from its own start")
  func slices() throws {
    var reader = ByteReader([9, 9, 0, 7, 9][2..<4])
    #expect(try reader.read(Int16.self) == 7)
    #expect(throws: ByteError.truncated(needed: 1, remaining: 0)) { try reader.read(UInt8.self) }
  }

  @Test("Nil and empty bytes are told apart")
  func nullable() throws {
    var writer = ByteWriter()
    writer.write(nullable: nil)
    writer.write(nullable: [])
    writer.write(nullable: [5])
    var reader = ByteReader(writer.bytes)
    #expect(try reader.readNullableBytes() == nil)
    #expect(try reader.readNullableBytes() == [])
    #expect(try reader.readNullableBytes() == [5])
  }

  @Test("A count that the rest could not hold is refused before anything is reserved")
  func lyingCount() {
    var writer = ByteWriter()
    writer.writeVarint(.max)
    writer.write(bytes: [1, 2, 3, 4])
    var reader = ByteReader(writer.bytes)
    #expect(throws: ByteError.badLength(Int(Int32.max))) { try reader.readCount(itemSize: 2) }
  }

  @Test("Text that is not UTF-8 is refused")
  func notUTF8() {
    var reader = ByteReader([0xC3, 0x28])
    #expect(throws: ByteError.notUTF8) { try reader.readText(2) }
  }

  @Test("Writing over reaches neither before nor beyond what is written")
  func overwrite() {
    var writer = ByteWriter()
    writer.write(0 as UInt32)
    writer.overwrite(0x0506 as UInt16, at: 1)
    writer.overwrite(0xFFFF as UInt16, at: 3)
    writer.overwrite(0xFFFF as UInt16, at: -1)
    #expect(writer.bytes == [0, 5, 6, 0])
  }
}

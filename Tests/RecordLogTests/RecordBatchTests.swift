import Bytes
import Clockwork
import Codecs
import Testing

@testable import RecordLog

@Suite("Record batch")
struct RecordBatchTests {
  static let records = [
    Record(
      key: Array("order-7".utf8), value: Array("rice".utf8), timestamp: 1_700_000_000_000,
      headers: [Record.Header(key: "trace", value: [1, 2])]),
    Record(key: nil, value: [], timestamp: 1_700_000_000_250),
    Record(key: Array("order-7".utf8), value: nil, timestamp: 1_699_999_999_997),
  ]
  static let sample = RecordBatch(
    records: records, baseOffset: Offset(12345), leaderEpoch: LeaderEpoch(9),
    producer: RecordBatch.Producer(id: 77, epoch: 5, baseSequence: 400),
    attributes: RecordBatch.Attributes(isTransactional: true, isControl: false))

  /// The same batch by an encoder of its own, written from KIP-98; that one also rebuilds a batch of a real Kafka 0.11.
  static let expected =
    "0000000000003039000000620000000902b02f20780010000000020000018bcfe568000000018bcfe568fa0000000000"
    + "00004d00050000019000000003340000000e6f726465722d370872696365020a74726163650401020e00f40302010000"
    + "1a0005040e6f726465722d370100"

  static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String(UInt16($0) | 0x100, radix: 16).dropFirst() }.joined()
  }

  @Test("Lies on disk exactly as KIP-98 says")
  func layout() throws {
    #expect(Self.hex(Self.sample.serialized()) == Self.expected)
    #expect(try RecordBatch(validating: Self.sample.serialized()) == Self.sample)
  }

  @Test("Says of itself what its header says")
  func header() {
    let batch = Self.sample
    #expect(batch.lastOffset == Offset(12347))
    #expect(batch.nextOffset == Offset(12348))
    #expect(batch.recordCount == 3)
    #expect(batch.sizeInBytes == batch.serialized().count)
    #expect(batch.producerID == 77)
    #expect(batch.producerEpoch == 5)
    #expect(batch.baseSequence == 400)
    #expect(batch.lastSequence == 402)
    #expect(batch.baseTimestamp == 1_700_000_000_000)
    #expect(batch.maxTimestamp == 1_700_000_000_250)
    #expect(batch.attributes.isTransactional && !batch.attributes.isControl)
    #expect(batch.attributes.compression == Codec.none)
  }

  @Test("Sequence numbers wrap around after the largest")
  func sequenceWraps() {
    let batch = RecordBatch(
      records: Self.records, producer: RecordBatch.Producer(id: 1, epoch: 0, baseSequence: .max - 1))
    #expect(batch.lastSequence == 0)
    #expect(RecordBatch(records: Self.records).lastSequence == -1)
  }

  @Test("Gives the records back, each with its offset")
  func decoding() throws {
    var expected = Self.records
    for index in expected.indices { expected[index].offset = Offset(12345 + Int64(index)) }
    #expect(try Self.sample.records() == expected)
  }

  @Test("Moving it to another offset and epoch copies nothing and keeps the checksum")
  func moving() throws {
    var moved = Self.sample
    moved.baseOffset = Offset(3)
    moved.leaderEpoch = LeaderEpoch(4)
    #expect(moved != Self.sample)
    #expect(moved.checksum == Self.sample.checksum)
    #expect(moved.body.withUnsafeBytes { $0.baseAddress } == Self.sample.body.withUnsafeBytes { $0.baseAddress })
    #expect(try RecordBatch(validating: moved.serialized()) == moved)
  }

  @Test("Cut at any byte it is truncated, and what follows it is left alone")
  func cutting() throws {
    let bytes = Self.sample.serialized()
    for cut in 0..<bytes.count {
      #expect {
        try RecordBatch(validating: bytes[..<cut])
      } throws: { error in
        guard case .truncated(let needed, cut)? = error as? RecordBatchError else { return false }
        return needed > cut
      }
    }
    #expect(try RecordBatch(validating: bytes + [1, 2, 3]) == Self.sample)
  }

  @Test("A flipped bit anywhere from the length on is noticed, outside the leader's fields")
  func flipping() {
    let bytes = Self.sample.serialized()
    for index in bytes.indices where !(0..<8).contains(index) && !(12..<16).contains(index) {
      var flipped = bytes
      flipped[index] ^= 0x10
      #expect(throws: RecordBatchError.self, "byte \(index)") { try RecordBatch(validating: flipped) }
    }
  }

  @Test("Without records it takes up no offset")
  func empty() {
    let empty = RecordBatch(records: [], baseOffset: Offset(5))
    #expect(empty.nextOffset == Offset(5))
    #expect(throws: RecordBatchError.self) { try RecordBatch(validating: empty.serialized()) }
  }

  @Test("Compressed batches are read as others are", arguments: Codec.allCases)
  func compressed(codec: Codec) throws {
    let batch = try RecordBatch(validating: Self.sample.compressed(by: codec).serialized())
    #expect(batch.attributes.compression == codec)
    #expect(batch.attributes.isTransactional == Self.sample.attributes.isTransactional)
    #expect(try batch.opened() == Self.sample)
    #expect(try batch.records() == Self.sample.records())
    #expect(batch.latest(from: .zero) == Self.sample.latest(from: .zero))
    for record in try Self.sample.records() {
      let time = record.timestamp
      #expect(batch.first(atOrAfter: time, from: .zero) == Self.sample.first(atOrAfter: time, from: .zero))
    }
  }

  @Test("What the codec did not write, and a codec that nobody knows, are not opened", arguments: 1..<8 as Range<Int16>)
  func notCompressed(codec: Int16) throws {
    let batch = try RecordBatch(validating: Self.resealed(Self.sample) { $0.overwrite(codec, at: 21) })
    #expect(throws: RecordBatchError.self) { try batch.opened() }
    #expect(throws: RecordBatchError.self) { try batch.keyless(most: 1) }
  }

  @Test("Few bytes that stand for many are not opened to the end", arguments: [Codec.gzip, .lz4, .zstd])
  func bomb(codec: Codec) throws {
    let record = Record(key: [1], value: [UInt8](repeating: 0, count: 17 << 20))
    let batch = try RecordBatch(records: [record]).compressed(by: codec)
    #expect(batch.sizeInBytes < 100_000)
    #expect(throws: RecordBatchError.opensTooLarge(limit: 16 << 20)) { try batch.opened() }
  }

  @Test("Records without a key are named by their places, so many and no more", arguments: Codec.allCases)
  func keyless(codec: Codec) throws {
    let keys: [[UInt8]?] = [[1], nil, [], nil, nil]
    let batch = try RecordBatch(records: keys.map { Record(key: $0, value: [7], timestamp: 1) }).compressed(by: codec)
    #expect(try batch.keyless(most: 10) == [1, 3, 4])
    #expect(try batch.keyless(most: 2) == [1, 3])
  }

  @Test("A count that the offsets or the bytes do not bear out is refused", arguments: [-1, 4, .max] as [Int32])
  func lyingCount(count: Int32) {
    let bytes = Self.resealed(Self.sample) { $0.overwrite(count, at: 57) }
    #expect(throws: RecordBatchError.self) { try RecordBatch(validating: bytes) }
  }

  @Test("A huge count over few bytes is refused when the records are read, without reserving for it")
  func hugeCount() throws {
    let bytes = Self.resealed(Self.sample) {
      $0.overwrite(Int32.max - 1, at: 23)
      $0.overwrite(Int32.max, at: 57)
    }
    let batch = try RecordBatch(validating: bytes)
    #expect(throws: RecordBatchError.self) { try batch.records() }
  }

  @Test("Random and mutated bytes are read or refused, never a trap", arguments: 0..<8 as Range<UInt64>)
  func fuzz(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    var accepted = 0
    for _ in 0..<400 {
      let bytes =
        switch dice.roll(3) {
        case 0: dice.bytes(Int(dice.roll(200)))
        case 1: Self.mutated(Self.sample.serialized(), &dice)
        default:
          Self.resealed(Self.sample) { writer in
            for _ in 0...dice.roll(3) {
              writer.overwrite(
                UInt8(truncatingIfNeeded: dice.next()), at: Int(dice.roll(in: 21...Int64(writer.count - 1))))
            }
          }
        }
      guard let batch = try? RecordBatch(validating: bytes) else { continue }
      accepted += 1
      #expect(batch.nextOffset > batch.baseOffset)
      #expect(batch.sizeInBytes <= bytes.count)
      if let records = try? batch.records() {
        #expect(records.count == batch.recordCount)
        #expect(try batch.keyless(most: .max).count == records.count { $0.key == nil })
      }
    }
    #expect(accepted > 0)
  }

  static func mutated(_ bytes: [UInt8], _ dice: inout Dice) -> [UInt8] {
    var bytes = bytes
    for _ in 0...dice.roll(4) { bytes[Int(dice.roll(UInt64(bytes.count)))] = UInt8(truncatingIfNeeded: dice.next()) }
    return Array(bytes.prefix(Int(dice.roll(UInt64(bytes.count * 2)))))
  }

  /// The batch's bytes after an edit, with the checksum put right again, so that the checks behind it are reached.
  static func resealed(_ batch: RecordBatch, _ edit: (inout ByteWriter) -> Void) -> [UInt8] {
    var writer = ByteWriter(appendingTo: batch.serialized())
    edit(&writer)
    writer.overwrite(CRC32C.checksum(writer.bytes[21...]), at: 17)
    return writer.bytes
  }
}

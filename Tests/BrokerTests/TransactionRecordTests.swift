import Clockwork
import RecordLog
import Testing

@testable import Broker

@Suite("Records of the transaction log")
struct TransactionRecordTests {
  private static func random(_ dice: inout Dice) -> TransactionSnapshot {
    var snapshot = TransactionSnapshot()
    snapshot.producerID = Int64(dice.roll(1 << 40))
    snapshot.producerEpoch = Int16(dice.roll(32_767))
    snapshot.timeout = .milliseconds(Int64(dice.roll(1 << 30)))
    snapshot.state = TransactionState.allCases[Int(dice.roll(6))]
    snapshot.updated = Int64(dice.roll(1 << 40))
    snapshot.started = Int64(dice.roll(1 << 40)) - 1
    if dice.roll(2) == 0 { snapshot.previousProducerID = Int64(dice.roll(1 << 40)) }
    if dice.roll(2) == 0 { snapshot.nextProducerID = Int64(dice.roll(1 << 40)) }
    snapshot.bumpsEpoch = dice.roll(2) == 0
    guard snapshot.state != .empty else { return snapshot }
    let partitions = (0..<dice.roll(6)).map { _ in
      TopicPartition(
        ["orders", "stock", "café", String(repeating: "x", count: 200)][Int(dice.roll(4))], Int32(dice.roll(300)))
    }
    snapshot.partitions = Set(partitions).sorted()
    return snapshot
  }

  @Test("are read as they were written", arguments: 1...200 as ClosedRange<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    let record = TransactionRecord(transactionalID: "till \(seed)", snapshot: Self.random(&dice))
    #expect(try TransactionRecord(record.record) == record)
  }

  @Test("a tombstone names the id it removes")
  func tombstone() throws {
    let record = TransactionRecord(transactionalID: "till", snapshot: nil)
    #expect(record.record.value == nil)
    #expect(try TransactionRecord(record.record) == record)
  }

  @Test("are byte for byte Kafka's version 0 where that says everything")
  func bytes() {
    var snapshot = TransactionSnapshot()
    snapshot.producerID = 7
    snapshot.producerEpoch = 2
    snapshot.timeout = .milliseconds(60_000)
    snapshot.state = .ongoing
    snapshot.partitions = [TopicPartition("a", 0), TopicPartition("a", 3), TopicPartition("b", 1)]
    snapshot.updated = 5
    snapshot.started = 4
    let record = TransactionRecord(transactionalID: "t", snapshot: snapshot).record
    #expect(record.key == [0, 0, 0, 1, 0x74])
    #expect(
      record.value == [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 2, 0, 0, 0xEA, 0x60, 1, 0, 0, 0, 2, 0, 1, 0x61, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0,
        0, 3, 0, 1, 0x62, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 4,
      ])
  }

  @Test("any bytes at all are read or refused", arguments: 1...200 as ClosedRange<UInt64>)
  func damage(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    let whole = TransactionRecord(transactionalID: "till", snapshot: Self.random(&dice)).record
    var value = try #require(whole.value)
    for _ in 0...dice.roll(3) { value[Int(dice.roll(UInt64(value.count)))] = UInt8(dice.roll(256)) }
    value = Array(value.prefix(Int(dice.roll(UInt64(value.count + 1)))))
    let record = Record(key: whole.key, value: value)
    guard let read = try? TransactionRecord(record) else { return }
    #expect(read.transactionalID == "till")
  }
}

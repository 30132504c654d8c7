import Clockwork
import RecordLog

/// A batch of `count` records of text, as a producer makes it.
func batch(_ count: Int = 1, at base: Int64 = 0, epoch: Int32 = 0, padding: Int = 0, time: Int64 = 0) -> RecordBatch {
  let records = (0..<count).map { index in
    let text = "v\(base + Int64(index))" + String(repeating: ".", count: padding)
    return Record(key: "k\(index % 3)", value: text, timestamp: time + Int64(index))
  }
  return RecordBatch(records: records, baseOffset: Offset(base), leaderEpoch: LeaderEpoch(epoch))
}

/// A log of `count` one-record batches, epoch rising every `perEpoch`.
func memoryLog(_ count: Int64, perEpoch: Int64 = .max) throws -> MemoryLog {
  var log = MemoryLog()
  for base in 0..<count { try log.append(batch(at: base, epoch: Int32(base / perEpoch))) }
  return log
}

extension Dice {
  /// A number in `range`.
  mutating func roll(in range: ClosedRange<Int64>) -> Int64 {
    range.lowerBound + Int64(roll(UInt64(range.upperBound - range.lowerBound + 1)))
  }

  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}

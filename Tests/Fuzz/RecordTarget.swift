import RecordLog

@testable import Broker

/// What the coordinators read back from their logs, and a topic pattern: the first byte chooses.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  guard count > 3 else { return 0 }
  let middle = min(count, 2 + Int(bytes[1]))
  let (left, right) = (Array(bytes[2..<middle]), Array(bytes[middle...]))
  switch bytes[0] % 3 {
  case 0:
    // Every kind of key: its version is set, so that few are spent on unknown ones.
    let record = Record(key: [0, bytes[2] % 9] + left.dropFirst(2), value: right, timestamp: 0)
    if let read = try? GroupRecord(record) { _ = read.record }
  case 1:
    let record = Record(key: [0, 0] + left.dropFirst(2), value: right, timestamp: 0)
    _ = try? TransactionRecord(record)
  default:
    if let pattern = TopicPattern(String(decoding: left, as: UTF8.self)) {
      _ = pattern.matches(String(decoding: right.prefix(249), as: UTF8.self))
    }
    _ = try? ConsumerProtocol.assignment(from: right)
    _ = try? ConsumerProtocol.topics(in: right)
  }
  return 0
}

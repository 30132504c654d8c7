import RecordLog
import Testing

@testable import Broker

@Suite("A broker's disk")
struct BrokerDiskTests {
  let orders = PartitionID(TopicID(1), 0)

  @Test("A log that is already open is a replica's when it comes")
  func opened() throws {
    let log = SegmentedLog(inMemory: "orders")
    try log.reset(to: Offset(7))
    var disk = BrokerDisk(opened: [.init(id: orders, log: log, checkpointedHighWatermark: Offset(7))])
    #expect(try disk.slot(of: orders, named: "orders") == 0)
    #expect(disk.partitions[0].log === log && disk.partitions[0].checkpointedHighWatermark == Offset(7))
    #expect(try disk.slot(of: PartitionID(TopicID(2), 0), named: "payments") == 1)
  }

  @Test("A new replica's log is made by whoever knows where; when that fails, the replica gets none")
  func made() throws {
    var disk = BrokerDisk<SegmentedLog>()
    disk.makeLog = { id, topic throws(LogError) in
      guard topic == "orders" else { throw .diskFull }
      return SegmentedLog(inMemory: "\(topic)-\(id.index)")
    }
    #expect(try disk.slot(of: orders, named: "orders") == 0)
    let other = PartitionID(TopicID(2), 0)
    #expect(throws: LogError.diskFull) { try disk.slot(of: other, named: "payments") }
    #expect(disk.partitions.count == 1)
    #expect(disk.emptySlot(of: other) == 1)
  }

  @Test("A topic's settings are its files' settings")
  func settings() {
    var config = TopicConfig()
    config.set("segment.bytes", "4096")
    config.set("segment.ms", "60000")
    #expect(SegmentedLog.Settings(config) == .init(segmentBytes: 4096, segmentAge: 60_000))
    #expect(SegmentedLog.Settings(TopicConfig()) == .init())
  }
}

import Broker
import Clockwork
import Glibc
import RecordLog
import Testing

@testable import BrokerServer

@Suite("A broker's folder")
struct DataFolderTests {
  let scratch = Scratch()

  func folder(broker: Int32 = 1, voters: String = "1") throws -> DataFolder {
    try DataFolder(scratch.path + "/deep/down", broker: NodeID(broker), voters: voters)
  }

  func batch(_ text: String) -> RecordBatch {
    RecordBatch(records: [Record(key: nil, value: Array(text.utf8), timestamp: 1)], leaderEpoch: LeaderEpoch(0))
  }

  @Test("belongs to one process at a time, which a second one is told")
  func lock() throws {
    let first = try folder()
    let error = #expect(throws: DataError.self) { try folder() }
    #expect(error?.description.contains("is in use by process") == true)
    #expect(error?.description.contains("Expected: one broker per folder.") == true)
    withExtendedLifetime(first) {}
  }

  @Test("can be taken again once it was let go")
  func release() throws {
    for _ in 0..<2 { #expect(try folder().recover().disk.partitions.isEmpty) }
  }

  @Test("is let go of for good, whoever else holds the lock's descriptor, as a forked child does")
  func sharedDescriptor() throws {
    let path = scratch.path + "/.lock"
    let first = try FolderLock(scratch.path)
    let held = (3..<Int32(1024)).first { descriptor in
      var name = [CChar](repeating: 0, count: path.utf8.count + 1)
      readlink("/proc/self/fd/\(descriptor)", &name, path.utf8.count)
      return name == Array(path.utf8CString)
    }
    let copy = dup(try #require(held))
    defer { close(copy) }
    first.release()
    #expect(throws: Never.self) { try FolderLock(scratch.path) }
  }

  @Test("belongs to one broker of one cluster")
  func identity() throws {
    _ = try folder()
    #expect(throws: DataError.self) { try folder(broker: 2) }
    #expect(throws: DataError.self) { try folder(voters: "1,2,3") }
    #expect(throws: Never.self) { try folder() }
  }

  @Test("gives back the logs, with their high watermarks")
  func reopening() throws {
    let id = PartitionID(TopicID(7), 3)
    do {
      let folder = try folder()
      let disk = try folder.recover().disk
      let log = try disk.makeLog(id, "my-orders")
      try log.append(batch("a"))
      try folder.write(highWatermarks: [(id, Offset(1))])
    }
    let disk = try folder().recover().disk
    let opened = try #require(disk.partitions.first)
    #expect(opened.id == id)
    #expect(opened.checkpointedHighWatermark == Offset(1))
    #expect(opened.log.endOffset == Offset(1))
  }

  @Test("tells a clean stop from any other, and from a folder that is new")
  func cleanStop() throws {
    let folder = try folder()
    #expect(try !folder.recover().disk.stoppedCleanly)
    try folder.noteCleanStop()
    #expect(try folder.recover().disk.stoppedCleanly)
    #expect(try !folder.recover().disk.stoppedCleanly)
  }

  @Test("starts empty for a topic made anew under an old name")
  func sameName() throws {
    let folder = try folder()
    let disk = try folder.recover().disk
    let old = try disk.makeLog(PartitionID(TopicID(1), 0), "orders")
    try old.append(batch("old"))
    try folder.write(highWatermarks: [(PartitionID(TopicID(1), 0), Offset(1))])
    let new = try disk.makeLog(PartitionID(TopicID(2), 0), "orders")
    #expect(new.endOffset == .zero)
    let reopened = try folder.recover().disk
    #expect(reopened.partitions.map(\.id) == [PartitionID(TopicID(2), 0)])
    #expect(reopened.partitions.map(\.checkpointedHighWatermark) == [.zero])
  }

  @Test("forgets a removed log, even if the process died halfway through removing it")
  func removal() throws {
    let folder = try folder()
    let disk = try folder.recover().disk
    let log = try disk.makeLog(PartitionID(TopicID(1), 0), "orders")
    try log.append(batch("a"))
    try LogDirectory(folder.path).rename("orders-0", to: "orders-0-delete")
    #expect(try folder.recover().disk.partitions.isEmpty)
    let second = try disk.makeLog(PartitionID(TopicID(1), 1), "orders")
    try second.remove()
    #expect(try folder.recover().disk.partitions.isEmpty)
    #expect(try LogDirectory(folder.path).names().filter { $0.hasPrefix("orders") } == [])
  }

  @Test("makes no directory for a name that leads out of it", arguments: ["..", ".", "", "a/b", "../x", "a\u{0}"])
  func names(name: String) throws {
    let disk = try folder().recover().disk
    #expect(throws: LogError.self) { try disk.makeLog(PartitionID(TopicID(1), 0), name) }
  }
}

import CKafkaClient
import Clockwork
import Delivery
import EventSourcing
import Foundation
import Synchronization
import Testing

@testable import DeliveryRuntime

@Suite("Snapshots of an instance's tasks", .serialized)
struct SnapshotTests {
  /// A folder, and what was said about it.
  private final class Shelf: Sendable {
    let path = NSTemporaryDirectory() + "baedal-snapshots-\(UUID().uuidString)"
    private let said = Mutex<[String]>([])

    var lines: [String] { said.withLock { $0 } }

    func open(_ instance: String) throws -> SnapshotFolder {
      try SnapshotFolder(opening: path, instance: instance) { [self] line in said.withLock { $0.append(line) } }
    }

    /// Every file and its bytes.
    func files() throws -> [String: [UInt8]] {
      let names = try FileManager.default.contentsOfDirectory(atPath: path)
      return Dictionary(
        uniqueKeysWithValues: try names.map { ($0, Array(try Data(contentsOf: URL(filePath: "\(path)/\($0)")))) })
    }

    func put(_ files: [String: [UInt8]]) throws {
      for (name, bytes) in files { try Data(bytes).write(to: URL(filePath: "\(path)/\(name)")) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private func snapshot(_ files: [String: [UInt8]], _ task: TaskName) throws -> TaskSnapshot {
    let bytes = try #require(files["\(task.input.name)-\(task.partition).snapshot"])
    return try TaskSnapshot(encoded: bytes, into: TaskMemory(task.input, task.partition))
  }

  @Test("who goes on from snapshots reads nothing of the log but its own mark")
  func successor() async throws {
    try await EmbeddedGround.use { log in
      let stage = EmbeddedGround.stage(log)
      let shelf = Shelf()
      try stage.send(ContractLoad.everything)
      try stage.start("a", snapshots: shelf.open("a"))
      try stage.run(until: 3)
      #expect(stage.tally("a")?.resumed == 0)
      stage.stop("a")
      #expect(try shelf.files().count == ContractLoad.tasks.count)
      try stage.start("b", snapshots: shelf.open("b"))
      try stage.run()
      expectResumed(stage.tally("b"))
      ContractLoad.expectDelivered(try stage.judge())
      #expect(shelf.lines.isEmpty)
    }
  }

  /// Of every task one entry was read: that which says whose it is now.
  private func expectResumed(_ tally: EngineTally?) {
    #expect(tally?.openings ?? 0 >= ContractLoad.tasks.count)
    #expect(tally?.resumed == tally?.openings && tally?.restored == tally?.openings)
  }

  @Test("what cannot be written is said, and tried again with the next")
  func unwritable() throws {
    let shelf = Shelf()
    let folder = try shelf.open("a")
    let task = TaskName(.riderCommands, 1)
    func keep(_ last: Int64, isWritable: Bool = true) {
      folder.keep(
        TaskSnapshot(last: last, entry: [1], memory: TaskMemory(task.input, task.partition)), of: task)
      // Whether or not it is written yet. One that cannot be written is there until that is tried, at any moment.
      if isWritable { #expect(folder.snapshot(of: task)?.last == last) }
      folder.finish()
    }
    keep(1)
    try FileManager.default.removeItem(atPath: shelf.path)
    keep(2, isWritable: false)
    #expect(shelf.lines.count == 1)
    #expect(shelf.lines.allSatisfy { $0.hasPrefix("rider.commands/1: no snapshot is kept: open") })
    try FileManager.default.createDirectory(atPath: shelf.path, withIntermediateDirectories: false)
    keep(3)
    #expect(try snapshot(shelf.files(), task).last == 3 && shelf.lines.count == 1)
  }

  @Test("of a task that is given up a snapshot stays")
  func givenUp() async throws {
    try await EmbeddedGround.use { log in
      let stage = EmbeddedGround.stage(log)
      let shelf = Shelf()
      try stage.send(ContractLoad.everything)
      let folder = try shelf.open("a")
      try stage.start("a", snapshots: folder)
      try stage.run(until: 1)
      try stage.start("b")
      try stage.step()
      folder.finish()
      let others = Set(ContractLoad.tasks).subtracting(stage.owned("a"))
      #expect(others.count == ContractLoad.tasks.count / 2)
      let files = try shelf.files()
      #expect(Set(files.keys) == Set(others.map { "\($0.input.name)-\($0.partition).snapshot" }))
      stage.stopAll()
    }
  }

  @Test("a snapshot of any moment and the rest of the log are what the whole log is")
  func moments() async throws {
    try await EmbeddedGround.use { log in
      let stage = EmbeddedGround.stage(log)
      let shelf = Shelf()
      try stage.send(ContractLoad.everything)
      let folder = try shelf.open("a")
      try stage.start("a", snapshots: folder, every: 10)
      try stage.run(until: 3)
      folder.finish()
      // What a death would leave at this moment.
      let left = try shelf.files()
      try stage.run(until: 8)
      stage.stop("a")
      try shelf.put(left)
      try stage.start("b", snapshots: shelf.open("b"))
      try stage.step()
      let tally = try #require(stage.tally("b"))
      let whole = ContractLoad.tasks.reduce(0) { $0 + log.count($1.input.log, $1.partition) }
      #expect(tally.resumed > 0 && tally.restored > tally.openings && tally.restored < whole)
      for task in ContractLoad.tasks {
        var memory = TaskMemory(task.input, task.partition)
        for record in try log.read(task.input.log, task.partition, from: 0, most: .max / 2) {
          memory.fold(try LogEntry(encoded: record.value))
        }
        let isSame = stage.memory(of: task) == memory
        #expect(isSame, "\(task)")
      }
      try stage.run()
      ContractLoad.expectDelivered(try stage.judge())
      #expect(shelf.lines.isEmpty)
    }
  }

  @Test("snapshots of another log, of one that has come less far, and damaged ones are said and dropped")
  func strangers() async throws {
    let shelf = Shelf()
    try await EmbeddedGround.use { log in
      let stage = EmbeddedGround.stage(log)
      try stage.send(ContractLoad.everything)
      try stage.start("a", snapshots: shelf.open("a"))
      try stage.run()
      stage.stop("a")
    }
    let others = try shelf.files()
    try await EmbeddedGround.use { log in
      let stage = EmbeddedGround.stage(log)
      try stage.send(ContractLoad.everything)
      // This log has nothing yet.
      try stage.start("b", snapshots: shelf.open("b"))
      try stage.step()
      #expect(stage.tally("b")?.resumed == 0)
      #expect(shelf.lines.count == ContractLoad.tasks.count)
      #expect(shelf.lines.allSatisfy { $0.contains("the log has only come to") })
      try stage.run(until: 8)
      stage.stop("b")
      // Now it has, but other entries.
      var mine = try shelf.files()
      let stranger = TaskName(.dispatchJobs, 0)
      let (short, long) = (try snapshot(others, stranger), try snapshot(mine, stranger))
      let early = TaskSnapshot(last: min(short.last, long.last) / 2, entry: short.entry, memory: short.memory)
      mine["dispatch.jobs-0.snapshot"] = early.encoded()
      mine["order.commands-0.snapshot"]?[100] ^= 1
      mine["order.commands-1.snapshot"]?.removeLast(9)
      mine["rider.commands-0.snapshot"] = mine["rider.commands-1.snapshot"]
      mine["rider.commands-1.snapshot"] = []
      mine["leftover.draft"] = [1]
      try shelf.put(mine)
      let before = shelf.lines.count
      try stage.start("c", snapshots: shelf.open("c"))
      #expect(try shelf.files()["leftover.draft"] == nil)
      try stage.step()
      #expect(stage.tally("c")?.resumed == ContractLoad.tasks.count - 5)
      let said = shelf.lines[before...].sorted()
      #expect(said.count == 5)
      for (line, words) in zip(
        said, ["something else", "damaged", "damaged", "another task's", "no snapshot of a task"])
      { #expect(line.contains(words) && line.contains("read from the beginning"), "\(line)") }
      try stage.run()
      ContractLoad.expectDelivered(try stage.judge())
    }
  }

  @Test("a log without its beginning is read from a snapshot on, and refused without one")
  func retention() async throws {
    try await OwnBrokers.withCluster { _, settings in
      try KafkaTransport.createTopics(settings, partitions: ContractLoad.settings.partitions)
      let stage = KafkaGround.stage(settings)
      defer { stage.stopAll() }
      let shelf = Shelf()
      try stage.send(ContractLoad.everything)
      try stage.start("a", snapshots: shelf.open("a"))
      try stage.run()
      let known = Dictionary(uniqueKeysWithValues: ContractLoad.tasks.map { ($0, stage.memory(of: $0)) })
      stage.stop("a")
      let files = try shelf.files()
      try deleteRecords(
        settings, ContractLoad.tasks.map { ($0.logPlace, try snapshot(files, $0).last) }.filter { $0.1 > 0 })
      try stage.start("b", snapshots: shelf.open("b"))
      for _ in 0..<3000 where ContractLoad.tasks.contains(where: { stage.memory(of: $0) == nil }) { try stage.step() }
      expectResumed(stage.tally("b"))
      for task in ContractLoad.tasks {
        let (now, then) = (try #require(stage.memory(of: task)), try #require(known[task] ?? nil))
        // Riders and boards go on.
        let isSame =
          now.orders == then.orders && now.tickets == then.tickets && now.payments == then.payments
          && now.trips == then.trips
        #expect(isSame, "\(task)")
      }
      #expect(shelf.lines.isEmpty)
      stage.stop("b")
      try stage.start("c")
      #expect {
        for _ in 0..<3000 { try stage.step() }
      } throws: {
        "\($0)".contains("what came before is deleted")
      }
    }
  }

  private func deleteRecords(_ settings: ClientSettings, _ offsets: [(TopicPartition, Int64)]) throws {
    let client = try ClientHandle(RD_KAFKA_PRODUCER, consuming: settings.configuration())
    let list = PartitionList(offsets)
    var wanted = [rd_kafka_DeleteRecords_new(list.pointer)]
    let queue = rd_kafka_queue_new(client.pointer)
    rd_kafka_DeleteRecords(client.pointer, &wanted, 1, nil, queue)
    let event = try #require(rd_kafka_queue_poll(queue, 30_000))
    #expect(rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR)
    let done = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event))
    let lows = PartitionList.offsets(in: UnsafeMutablePointer(mutating: done)).map(\.1)
    #expect(lows.sorted() == offsets.map(\.1).sorted())
    rd_kafka_event_destroy(event)
    rd_kafka_queue_destroy(queue)
    rd_kafka_DeleteRecords_destroy(wanted[0])
  }
}

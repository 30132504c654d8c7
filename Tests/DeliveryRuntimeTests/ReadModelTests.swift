import Clockwork
import DeliveryRuntime
import EventSourcing
import Foundation
import GRDB
import Synchronization
import Testing

/// Sums up numbers by entity: what is applied twice or not at all shows.
private struct Sums: TableProjection {
  static let name = "sums"
  static let version = 1

  static func create(in tables: inout Tables) throws(DatabaseError) {
    try tables.execute("CREATE TABLE sums (entity INTEGER PRIMARY KEY, sum INTEGER NOT NULL)")
    try tables.execute("CREATE TABLE seen (id INTEGER PRIMARY KEY)")
  }

  func apply(_ recorded: Recorded<Int64>, in tables: inout Tables) throws(DatabaseError) {
    try tables.execute("INSERT INTO seen VALUES (?)", [recorded.position.offset])
    try tables.execute(
      "INSERT INTO sums VALUES (?, ?) ON CONFLICT (entity) DO UPDATE SET sum = sum + excluded.sum",
      [Int64(recorded.entity.number), recorded.event])
  }
}

/// The same with another shape.
private struct Counts: TableProjection {
  static let name = "sums"
  static let version = 2

  static func create(in tables: inout Tables) throws(DatabaseError) {
    try tables.execute("CREATE TABLE counts (entity INTEGER PRIMARY KEY, count INTEGER NOT NULL)")
  }

  func apply(_ recorded: Recorded<Int64>, in tables: inout Tables) throws(DatabaseError) {
    try tables.execute(
      "INSERT INTO counts VALUES (?, 1) ON CONFLICT (entity) DO UPDATE SET count = count + 1",
      [Int64(recorded.entity.number)])
  }
}

private func events(_ offsets: Range<Int64>) -> [Recorded<Int64>] {
  offsets.map { offset in
    Recorded(
      position: Position(log: 11, partition: 0, offset: offset), entity: EntityID(kind: 1, number: UInt64(offset % 3)),
      version: UInt64(offset / 3 + 1), cause: CommandID(high: 0, low: UInt64(offset)), at: .start, event: offset)
  }
}

@Suite("Read models in SQLite")
struct ReadModelTests {
  private func folder() throws -> String {
    let path = NSTemporaryDirectory() + "baedal-read-model-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  private func total(_ model: ReadModel<Sums>) throws -> Int64 {
    try model.read { try Int64.fetchOne($0, sql: "SELECT TOTAL(sum) FROM sums") ?? 0 }
  }

  @Test("what is applied a second time changes nothing")
  func again() throws {
    let path = try folder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let model = try ReadModel(Sums(), at: "\(path)/a.sqlite")
    try model.apply(events(0..<10))
    try model.apply(events(5..<12))
    #expect(try total(model) == (0..<12).reduce(0, +))
    #expect(model.next(log: 11, partition: 0) == 12)
    try model.close()
    let reopened = try ReadModel(Sums(), at: "\(path)/a.sqlite")
    #expect(reopened.next(log: 11, partition: 0) == 12)
    try reopened.apply(events(0..<13))
    #expect(try total(reopened) == (0..<13).reduce(0, +))
    try reopened.close()
  }

  @Test("a crash at any statement leaves the tables and the offset together")
  func crashes() throws {
    let path = try folder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    // What a process killed before each statement leaves behind is what lies in its files at that moment.
    let copies = Atomic(0)
    let model = try ReadModel(Sums(), at: "\(path)/a.sqlite") { database in
      database.trace(options: .statement) { _ in
        let copy = "\(path)/crash-\(copies.add(1, ordering: .relaxed).newValue)"
        try? FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        for suffix in ["", "-wal"] {
          try? FileManager.default.copyItem(atPath: "\(path)/a.sqlite\(suffix)", toPath: "\(copy)/a.sqlite\(suffix)")
        }
      }
    }
    for start in stride(from: Int64(0), to: 12, by: 4) { try model.apply(events(start..<start + 4)) }
    let count = copies.load(ordering: .relaxed)
    try model.close()
    #expect(count > 30)
    var reached: Set<Int64> = []
    for copy in 1...count where FileManager.default.fileExists(atPath: "\(path)/crash-\(copy)/a.sqlite") {
      let crashed = try ReadModel(Sums(), at: "\(path)/crash-\(copy)/a.sqlite")
      let next = crashed.next(log: 11, partition: 0)
      #expect(try total(crashed) == (0..<next).reduce(0, +), "before statement \(copy)")
      reached.insert(next)
      try crashed.apply(events(0..<12))
      #expect(try total(crashed) == (0..<12).reduce(0, +), "and going on after statement \(copy)")
      try crashed.close()
    }
    #expect(reached == [0, 4, 8], "a transaction is seen whole or not at all")
  }

  @Test("an event that cannot be applied leaves nothing of its batch")
  func failingBatch() throws {
    let path = try folder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let model = try ReadModel(Sums(), at: "\(path)/a.sqlite")
    try model.apply(events(0..<3))
    // Offset 2 once more under a later position: its identity is taken.
    var bad = events(3..<5)
    bad[1].position.offset = 2
    bad[1].position = Position(log: 12, partition: 0, offset: 2)
    #expect(throws: DatabaseError.self) { try model.apply(bad) }
    #expect(try total(model) == 3)
    #expect(model.next(log: 11, partition: 0) == 3)
    try model.close()
  }

  @Test("a read after a position waits for it, or says how far behind it is")
  func readYourWrites() async throws {
    let path = try folder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let model = try ReadModel(Sums(), at: "\(path)/a.sqlite")
    try model.apply(events(0..<2))
    let position = Position(log: 11, partition: 0, offset: 4)
    #expect(model.lag(behind: position) == 3)
    await #expect(throws: ReadModelError.behind(by: 3, of: position)) {
      _ = try await model.read(after: position, within: .zero) { _ in 0 }
    }
    await #expect(throws: ReadModelError.behind(by: 3, of: position)) {
      _ = try await model.read(after: position, within: .milliseconds(20)) { _ in 0 }
    }
    async let sum = model.read(after: position, within: .seconds(60)) {
      try Int64.fetchOne($0, sql: "SELECT TOTAL(sum) FROM sums") ?? 0
    }
    try model.apply(events(2..<4))
    try model.apply(events(4..<5))
    #expect(try await sum == 10)
    try model.close()
  }

  @Test("a new version is built beside the live one, and switched when it has caught up")
  func rebuild() throws {
    let path = try folder()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let old = try ReadModelFolder(Sums(), in: path)
    try old.building.apply(events(0..<9))
    #expect(old.rebuilding == nil)
    #expect(try !old.switchOver { _ in true })
    try old.close()

    let new = try ReadModelFolder(Counts(), in: path)
    #expect(new.liveVersion == 1)
    // Readers go on with the old tables.
    #expect(try new.live.read { try Int64.fetchOne($0, sql: "SELECT TOTAL(sum) FROM sums") } == 36)
    let building = try #require(new.rebuilding)
    #expect(building.next(log: 11, partition: 0) == 0)
    try building.apply(events(0..<5))
    #expect(try !new.switchOver { $0.next(log: 11, partition: 0) >= 9 })
    try new.close()

    // A restart in between goes on where it was.
    let again = try ReadModelFolder(Counts(), in: path)
    #expect(again.liveVersion == 1)
    #expect(again.building.next(log: 11, partition: 0) == 5)
    try again.building.apply(events(5..<9))
    #expect(try again.switchOver { $0.next(log: 11, partition: 0) >= 9 })
    #expect(again.liveVersion == 2)
    #expect(try again.live.read { try Int64.fetchOne($0, sql: "SELECT SUM(count) FROM counts") } == 9)
    #expect(!FileManager.default.fileExists(atPath: "\(path)/sums-v1.sqlite"))
    try again.close()
  }
}

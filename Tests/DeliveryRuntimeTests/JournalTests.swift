import Clockwork
import DeliveryRuntime
import EventSourcing
import Foundation
import RecordLog
import Testing

@Suite("The journal and the store of events")
struct JournalTests {
  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let path = NSTemporaryDirectory() + "baedal-journal-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(path)
  }

  private let order = EntityID(kind: 2, number: 7)

  @Test("many writers' events are all there after a restart, each entity's in order")
  func writers() async throws {
    try await withFolder { path in
      let store = try EventStore(opening: path)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<16 {
          group.addTask {
            let entity = EntityID(kind: 2, number: UInt64(writer))
            for version in 0..<25 {
              let new = try await store.append([bytes("\(writer)-\(version)")], to: entity, expecting: UInt64(version))
              #expect(new == UInt64(version) + 1)
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(store.count == 400)
      // No farewell: what was answered is durable as it is.
      let again = try EventStore(opening: path)
      for writer in 0..<16 {
        let entity = EntityID(kind: 2, number: UInt64(writer))
        #expect(again.version(of: entity) == 25)
        #expect(try again.events(of: entity).map { text($0) } == (0..<25).map { "\(writer)-\($0)" })
      }
    }
  }

  @Test("of writers who decided on the same version one appends, and the others are told")
  func conflicts() async throws {
    try await withFolder { path in
      let store = try EventStore(opening: path)
      var (won, told) = (0, 0)
      await withTaskGroup(of: Bool.self) { group in
        for writer in 0..<12 {
          group.addTask {
            do {
              _ = try await store.append([bytes("\(writer)")], to: order, expecting: 0)
              return true
            } catch { return false }
          }
        }
        for await isFirst in group { if isFirst { won += 1 } else { told += 1 } }
      }
      #expect((won, told) == (1, 11))
      #expect(try store.events(of: order).count == 1)
      await #expect(throws: StoreError.conflict(expected: 0, actual: 1)) {
        _ = try await store.append([bytes("late")], to: order, expecting: 0)
      }
    }
  }

  @Test("a torn tail is cut off, wherever it tears, and what was whole stays", arguments: [1, 7, 40, 61, 62, 200])
  func torn(lost: Int) async throws {
    try await withFolder { path in
      let store = try EventStore(opening: path)
      for version in 0..<10 {
        _ = try await store.append([bytes("\(version)")], to: order, expecting: UInt64(version))
      }
      let file = URL(filePath: "\(path)/00000000000000000000.log")
      let whole = try Data(contentsOf: file)
      try whole.dropLast(lost).write(to: file)
      let again = try EventStore(opening: path)
      let kept = try again.events(of: order).map { text($0) }
      #expect(kept == (0..<kept.count).map { "\($0)" })
      #expect(kept.count < 10)
      #expect(kept.count >= 10 - (lost + 69) / 70 - 1)
      // And it goes on from there.
      _ = try await again.append([bytes("next")], to: order, expecting: UInt64(kept.count))
      #expect(try EventStore(opening: path).version(of: order) == UInt64(kept.count) + 1)
    }
  }

  @Test("who comes when too many wait is refused, and surely did not append")
  func overload() async throws {
    try await withFolder { path in
      let journal = try Journal(opening: path, waitingLimit: 1)
      var (kept, refused) = (0, 0)
      await withTaskGroup(of: Bool.self) { group in
        for number in 0..<64 {
          group.addTask {
            do throws(JournalError) {
              _ = try await journal.append([Record(key: nil, value: "\(number)")])
              return true
            } catch {
              #expect(error == .overloaded(waiting: 1))
              return false
            }
          }
        }
        for await isKept in group { if isKept { kept += 1 } else { refused += 1 } }
      }
      #expect(kept >= 1)
      #expect(kept + refused == 64)
      var found = 0
      try journal.read(from: .zero) { _ in
        found += 1
        return true
      }
      #expect(found == kept)
    }
  }
}

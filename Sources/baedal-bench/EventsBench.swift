import ArgumentParser
import Bytes
import Clockwork
import Delivery
import DeliveryRuntime
import EventSourcing
import Foundation

/// Events a second into the embedded store, each durable before the next of its writer, and out of it again.
struct EventsBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "The embedded store of events: durable appends, and replay with a fold.",
    discussion: """
      One event an append; a writer waits until it is on the disk. Figures beside PostgreSQL, Python's eventsourcing and
      bytewax, in one run: Tests/Interop/delivery_bench.py
        swift run -c release baedal-bench events --data /var/tmp/events
      """)

  @Option(help: "Writers at once.") var writers = 32
  @Option(help: "Events in all.") var events = 200_000
  @Option(help: "The folder for the store; it is emptied afterwards.") var data: String

  func run() async throws {
    let path = "\(data)/baedal-events-\(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let store = try EventStore(opening: path)
    let each = max(1, events / max(1, writers))
    let began = coreClock()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<max(1, writers) {
        group.addTask {
          let entity = EntityID.order(UInt64(writer))
          for version in 0..<each {
            _ = try await store.append([Self.event(version)], to: entity, expecting: UInt64(version))
          }
        }
      }
      try await group.waitForAll()
    }
    let appended = store.count
    line("append", Double(appended) / (coreClock() - began))
    try store.close()

    let again = try EventStore(opening: path)
    let start = coreClock()
    var orders: [EntityID: Order.State] = [:]
    var folded = 0
    try again.replay { _, entity, bytes in
      let event = try Order.Event(encoded: bytes)
      Order.evolve(&orders[entity, default: Order.initial], event)
      folded += 1
    }
    line("replay", Double(folded) / (coreClock() - start))
    guard Int64(folded) == appended, orders.count == max(1, writers) else {
      throw ValidationError("\(appended) events went in and \(folded) came out")
    }
  }

  /// An order's life, over and over.
  private static func event(_ version: Int) -> [UInt8] {
    let at = Instant(nanoseconds: Int64(version) * 1_000_000)
    let event: Order.Event =
      switch version % 6 {
      case 0: .placed(basket)
      case 1: .paid
      case 2: .accepted(readyAt: at)
      case 3: .riderAssigned(UInt64(version))
      case 4: .pickedUp
      default: .delivered
      }
    return event.encoded()
  }

  private static let basket = Basket(
    customer: 7, restaurant: 3, pickup: Location(latitude: 37_497_900, longitude: 127_027_600),
    dropoff: Location(latitude: 37_513_300, longitude: 127_100_100),
    lines: [OrderLine("bibimbap", count: 2), OrderLine("kimchi-jjigae")])

  private func line(_ what: String, _ rate: Double) { print("\(what) \(Int(rate)) events/s") }
}

/// Seconds on a clock that goes forward only.
private func coreClock() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

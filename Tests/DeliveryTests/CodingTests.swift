import Clockwork
import Delivery
import EventSourcing
import Testing

@Suite("What stands in the log")
struct CodingTests {
  /// A run in which nearly everything happens.
  static func busy(
    seed: UInt64, keepingWhole: Int? = TaskMemory.keptWhole, _ prepare: (inout Loop) -> Void = { _ in }
  ) -> Loop {
    var dice = Dice(seed: seed)
    var loop = Loop(
      EngineSettings(autopilot: Autopilot(cooking: .seconds(20), riding: .seconds(5), refusalsPercent: 20)),
      keepingWhole: keepingWhole)
    prepare(&loop)
    if seed.isMultiple(of: 2) { loop.settings.mostInProgress = 2 }
    for rider in 1...5 { loop.online(UInt64(rider), at: gangnam.moved(east: Int64(dice.roll(3000)), north: 0)) }
    for order in 1...12 {
      loop.place(UInt64(order), card: dice.roll(6) == 0 ? .silent : .good)
      loop.run(for: .milliseconds(Int64(dice.roll(4000))))
      if dice.roll(3) == 0 { loop.send(.order(.order(UInt64(order)), .cancel)) }
    }
    loop.run(for: .seconds(300))
    return loop
  }

  @Test("every entry reads back as it was written, and folds to what the task knows", arguments: 1...8)
  func roundTrip(seed: UInt64) throws {
    let loop = Self.busy(seed: UInt64(seed))
    for topic in Topic.inputs {
      for partition in 0..<2 {
        for value in loop.topics[topic.log]![partition] {
          #expect(try LogEntry(encoded: value).encoded(schema: 1) == value)
        }
        for value in loop.topics[topic]![partition] { #expect(try Envelope(encoded: value).encoded() == value) }
        let (live, restored) = (loop.tasks[topic]![partition].memory, loop.restored(topic, partition).memory)
        #expect(live.nextInput == restored.nextInput && live.timers == restored.timers && live.holds == restored.holds)
        #expect(live.digest == restored.digest)
        for order in live.orders.numbers { #expect(live.orders[order].state == restored.orders[order].state) }
        for trip in live.trips.numbers { #expect(live.trips[trip].state == restored.trips[trip].state) }
        for rider in live.riders.numbers { #expect(live.riders[rider].state == restored.riders[rider].state) }
        for board in live.boards.numbers { #expect(live.boards[board].state == restored.boards[board].state) }
      }
    }
  }

  @Test("no run leaves an order half done or a rider with two deliveries", arguments: 1...25)
  func settled(seed: UInt64) {
    let loop = Self.busy(seed: UInt64(seed))
    for order in 1...12 {
      #expect(loop.order(UInt64(order)).phase.isOver, "order \(order) of seed \(seed): \(loop.order(UInt64(order)))")
    }
    var held: [EntityID: UInt64] = [:]
    for (entity, event) in loop.events {
      guard case .rider(let event) = event else { continue }
      switch event {
      case .reserved(let trip, _, _, _, _):
        #expect(held[entity] == nil, "seed \(seed)")
        held[entity] = trip
      case .leaseExpired, .offerRefused, .released, .delivered: held[entity] = nil
      default: break
      }
    }
  }

  @Test("twice or once, the same orders come to the same end", arguments: 1...6)
  func duplicates(seed: UInt64) {
    var loop = Self.busy(seed: UInt64(seed))
    let before = (1...12).map { loop.order(UInt64($0)) }
    // Everything that was ever asked for arrives again.
    for topic in Topic.inputs {
      for partition in 0..<2 { loop.topics[topic]![partition] += loop.topics[topic]![partition] }
    }
    loop.run(for: .seconds(60))
    #expect((1...12).map { loop.order(UInt64($0)) } == before)
    #expect(loop.tasks.values.flatMap { $0 }.allSatisfy { $0.memory.absorbed > 0 || $0.memory.nextInput == 0 })
  }

  @Test("an order of the first version has no wish, and says so")
  func upcast() throws {
    let event = Order.Event.placed(basket())
    #expect(try Order.Event(encoded: event.encoded()) == event)
    var wishing = basket()
    wishing.wish = "leave it at the door"
    let first = Order.Event.placed(wishing).encodedAsFirst()
    #expect(first[0] == 1)
    #expect(try Order.Event(encoded: first) == event)
  }

  /// Logs outlive programs: these bytes are what older ones have written.
  @Test("bytes are a version, a tag and the fields in their order")
  func formats() throws {
    func expect<Message: VersionedBytes & Equatable>(_ message: Message, _ bytes: [UInt8]) throws {
      #expect(message.encoded() == bytes)
      #expect(try Message(encoded: bytes) == message)
    }
    let (zone, other) = (Zone(bits: 300), Zone(bits: 6))
    let place = Location(latitude: 1, longitude: -1)
    try expect(Order.Command.riderAssigned(300), [2, 11, 0xAC, 2])
    try expect(Order.Event.accepted(readyAt: Instant(nanoseconds: 5)), [2, 3, 10])
    try expect(Order.Event.rejected(.kitchenOverdue), [2, 14, 4])
    try expect(
      KitchenTicket.Event.proposed(restaurant: 4, lines: [OrderLine("b", count: 2, price: 3)]),
      [1, 1, 4, 1, 1, 0x62, 2, 6])
    try expect(Payment.Command.request(amount: -2, card: .silent), [1, 1, 3, 3])
    try expect(Rider.Command.reserve(trip: 7, home: zone, by: other), [1, 4, 7, 0xAC, 2, 6])
    try expect(
      Rider.Command.confirm(
        trip: 7, epoch: 2,
        stops: [Stop(ticket: 5, restaurant: 6, location: place, readyAt: Instant(nanoseconds: 1))], dropoff: place),
      [1, 7, 7, 2, 1, 5, 6, 2, 1, 2, 2, 1])
    try expect(
      ZoneBoard.Command.seek(trip: 1, pickup: place, home: other, backup: true, not: [9, 8]),
      [1, 3, 1, 2, 1, 6, 1, 2, 9, 8])
    try expect(
      Party.Event.optionChosen(line: 3, item: "탕", choice: .substitute, with: "b"),
      [2, 8, 3, 3, 0xED, 0x83, 0x95, 1, 1, 0x62])
  }

  @Test("any bytes are read or refused", arguments: 1...200)
  func noise(seed: UInt64) {
    var dice = Dice(seed: UInt64(seed))
    let good = LogEntry(
      entity: .order(9), at: .start, cause: CommandID(client: 1, number: 1), nextInput: 4,
      .event(.order(.placed(basket())), version: 1)
    ).encoded()
    var bytes = good
    for _ in 0...dice.roll(4) { bytes[Int(dice.roll(UInt64(bytes.count)))] = UInt8(truncatingIfNeeded: dice.next()) }
    _ = try? LogEntry(encoded: bytes)
    _ = try? LogEntry(encoded: Array(good.prefix(Int(dice.roll(UInt64(good.count))))))
    _ = try? Envelope(encoded: bytes)
    _ = try? PushNote(encoded: bytes)
  }

  @Test("positions are written as they are read")
  func positions() {
    let position = Position(.orderEvents, 1, 17)
    #expect(position.text == "order.events/1@17" && Position(parsing: position.text) == position)
    for wrong in ["", "order.events", "order.events/1", "nothing/1@2", "order.events/-1@2", "order.events/1@-2"] {
      #expect(Position(parsing: wrong) == nil)
    }
  }
}

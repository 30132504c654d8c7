import Clockwork
import Delivery
import EventSourcing
import Testing

/// More orders than may be in progress: the log holds them, and each has its turn.
@Suite("Orders that wait for their turn")
struct AdmissionTests {
  private static func evening(most: Int) -> Loop {
    var loop = Loop(
      EngineSettings(partitions: 1, autopilot: Autopilot(cooking: .seconds(10), riding: .seconds(5))))
    loop.settings.mostInProgress = most
    for rider: UInt64 in 1...20 { loop.online(rider) }
    return loop
  }

  /// How many orders were in progress at once, at most, and in which order they began.
  private func progress(_ loop: Loop) -> (most: Int, began: [UInt64]) {
    var (now, most) = (0, 0)
    var began: [UInt64] = []
    for (entity, event) in loop.events {
      guard case .order(let event) = event else { continue }
      switch event {
      case .placed:
        began.append(entity.number)
        now += 1
      case .delivered, .cancelled, .rejected: now -= 1
      default: break
      }
      most = max(most, now)
    }
    return (most, began)
  }

  @Test("never more than the limit are in progress, and all have their turn, in order", arguments: [1, 3, 10])
  func turns(limit: Int) {
    var loop = Self.evening(most: limit)
    for order: UInt64 in 1...30 { loop.place(order) }
    loop.run(for: .seconds(1))
    #expect(loop.tasks[.orderCommands]?[0].memory.admission.count == 30 - limit)
    #expect(loop.shown(to: .customer(77), about: .order(30)) == "waiting, \(29 - limit) before it")
    loop.run(for: .seconds(3_000))
    #expect((1...30).allSatisfy { loop.order($0).phase == .delivered })
    let (most, began) = progress(loop)
    #expect(most == limit)
    #expect(began == Array(1...30))
  }

  @Test("a burst that waits runs into no time-out of the bank or the kitchen", arguments: [true, false])
  func timeouts(isBounded: Bool) {
    var loop = Self.evening(most: isBounded ? 3 : 1_000)
    // The kitchen says yes to one order a minute.
    loop.settings.autopilot?.playsKitchens = false
    for order: UInt64 in 1...12 { loop.place(order) }
    for _ in 1...40 {
      loop.run(for: .seconds(50))
      let waiting = (1...12).map(UInt64.init).first { loop.order($0).phase == .paid }
      if let order = waiting {
        loop.kitchen(order, .accept(readyAt: loop.now + .seconds(5)))
        loop.run(for: .seconds(5))
        loop.kitchen(order, .ready)
      }
    }
    let delivered = (1...12).count { loop.order($0).phase == .delivered }
    #expect(isBounded ? delivered == 12 : delivered < 12)
  }

  @Test("who waits can cancel, and a second copy of a waiting order is absorbed", arguments: [false, true])
  func cancelling(crashes: Bool) {
    var loop = Self.evening(most: 1)
    (loop.crashes, loop.duplicates) = (crashes, true)
    for order: UInt64 in 1...4 { loop.place(order) }
    loop.run(for: .seconds(1))
    loop.send(.order(.order(3), .cancel))
    loop.run(for: .seconds(300))
    #expect([1, 2, 4].allSatisfy { loop.order($0).phase == .delivered })
    #expect(loop.order(3).phase == .cancelled)
    #expect(progress(loop).began.count == 4)
    #expect(loop.tasks[.orderCommands]?[0].memory.admission.inProgress == 0)
  }
}

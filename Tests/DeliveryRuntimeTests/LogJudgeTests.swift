import Clockwork
import Delivery
import DeliveryRuntime
import EventSourcing
import Testing

/// The judge itself: what is right passes, and every kind of wrong is named.
@Suite("The judge of the engine's logs")
struct LogJudgeTests {
  private static let here = Location(latitude: 37_498_000, longitude: 127_027_000)
  private static let zone = Zone(of: here)
  private static let basket = Basket(
    customer: 1, restaurant: 1, pickup: here, dropoff: here, lines: [OrderLine("bibimbap", price: 9_000)])
  private static let trip = EntityID.delivery(of: .order(1)).number

  /// Logs being written: each entity's events are numbered, in the partition of its kind.
  private struct Logs {
    var judge = LogJudge()
    var versions: [EntityID: UInt64] = [:]
    var input: Int64 = 0

    mutating func add(_ entity: EntityID, _ event: EngineEvent, skipping versionsLeft: UInt64 = 0) {
      input += 1
      versions[entity, default: 0] += 1 + versionsLeft
      let entry = LogEntry(
        entity: entity, at: .start, cause: CommandID(high: 1, low: UInt64(input)), nextInput: input,
        .event(event, version: versions[entity] ?? 0))
      judge.note(TaskName(Topic.input(for: entity.known ?? .order), 0), entry.encoded())
    }

    mutating func order(_ event: Order.Event) { add(.order(1), .order(event)) }
    mutating func rider(_ number: UInt64, _ event: Rider.Event) { add(.rider(number), .rider(event)) }
    mutating func trip(_ event: Trip.Event) { add(EntityID(.delivery, LogJudgeTests.trip), .trip(event)) }

    mutating func reserve(_ rider: UInt64, trip: UInt64 = LogJudgeTests.trip) {
      self.rider(
        rider, .reserved(trip: trip, epoch: 1, home: LogJudgeTests.zone, by: LogJudgeTests.zone, until: .never))
    }

    mutating func take(_ rider: UInt64) {
      trip(.assigned(rider: rider, epoch: 1, at: LogJudgeTests.here, order: [], departure: .start))
    }

    mutating func confirm(_ rider: UInt64) {
      self.rider(rider, .confirmed(trip: LogJudgeTests.trip, epoch: 1, stops: [], dropoff: LogJudgeTests.here))
    }

    mutating func bring(_ rider: UInt64) {
      self.rider(rider, .delivered(trip: LogJudgeTests.trip, home: LogJudgeTests.zone))
    }

    mutating func verdict() -> [String] {
      judge.finish(expecting: 1...1)
      return judge.faults
    }
  }

  @Test(
    "two boards may reserve a rider each: the delivery takes one, and the other is let go", arguments: [true, false])
  func aRaceIsNoFault(isRiderReadFirst: Bool) {
    var logs = Logs()
    logs.order(.placed(Self.basket))
    logs.reserve(1)
    // One partition may be read far ahead of another.
    if isRiderReadFirst {
      logs.confirm(1)
      logs.reserve(2)
      logs.take(1)
    } else {
      logs.take(1)
      logs.reserve(2)
      logs.confirm(1)
    }
    logs.trip(.assignmentRefused(rider: 2, epoch: 1))
    logs.rider(2, .released(trip: Self.trip, epoch: 1))
    logs.bring(1)
    logs.order(.delivered)
    #expect(logs.verdict() == [])
    #expect(logs.judge.delivered == 1)
  }

  @Test("a delivery that takes a second rider before it has lost the first is found")
  func twoTakers() {
    var logs = Logs()
    logs.order(.placed(Self.basket))
    logs.take(1)
    logs.take(2)
    logs.order(.delivered)
    #expect(logs.verdict() == ["delivery of order 1 took rider 2 while rider 1 had it"])
  }

  @Test("a rider who takes up what was given to another is found")
  func untaken() {
    var logs = Logs()
    logs.order(.placed(Self.basket))
    logs.take(1)
    logs.confirm(1)
    logs.reserve(2)
    logs.confirm(2)
    logs.order(.delivered)
    #expect(logs.verdict() == ["rider 2 took delivery of order 1 up, and it had not taken rider 2"])
  }

  @Test("a meal that is brought twice, or by a stranger, is found")
  func twoBringers() {
    var logs = Logs()
    logs.order(.placed(Self.basket))
    logs.take(1)
    logs.bring(1)
    logs.bring(2)
    logs.order(.delivered)
    #expect(
      logs.verdict() == [
        "delivery of order 1 was brought by rider 1, and by rider 2",
        "delivery of order 1 was brought by rider 2, and had taken rider 1",
      ])
  }

  @Test("a rider with a delivery in hand who is reserved for another is found")
  func twoInHand() {
    var logs = Logs()
    logs.order(.placed(Self.basket))
    logs.reserve(1)
    logs.reserve(1, trip: EntityID.delivery(of: .order(2)).number)
    logs.order(.delivered)
    #expect(logs.verdict() == ["rider 1 was reserved for delivery of order 2 with delivery of order 1 in hand"])
  }

  @Test("an order that is lost, unfinished, or ended twice is found, and so is a gap in an entity's events")
  func orders() {
    var lost = Logs()
    #expect(lost.verdict() == ["order 1 was accepted and is in no log: lost"])
    var open = Logs()
    open.order(.placed(Self.basket))
    #expect(open.verdict() == ["order 1 has come to no end"])
    var twice = Logs()
    twice.order(.placed(Self.basket))
    twice.order(.delivered)
    twice.order(.delivered)
    #expect(twice.verdict() == ["order 1 was delivered twice", "order 1 has ended 2 times"])
    var gap = Logs()
    gap.order(.placed(Self.basket))
    gap.add(.order(1), .order(.delivered), skipping: 1)
    #expect(gap.verdict() == ["order 1 goes from version 1 to 3"])
  }
}

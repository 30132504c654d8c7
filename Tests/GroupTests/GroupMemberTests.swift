import Broker
import Clockwork
import Testing

@Suite("Consumers in a group")
struct GroupMemberTests {
  @Test("one reads everything; two share; three share again")
  func growing() {
    var town = Town(seed: 1)
    town.start(1)
    town.run(.seconds(1))
    #expect(town.reads(1) == "0 1 2 3 4 5")
    town.start(2)
    town.run(.seconds(5))
    #expect([town.reads(1), town.reads(2)] == ["0 1 2", "3 4 5"])
    town.start(3)
    town.run(.seconds(5))
    #expect([town.reads(1), town.reads(2), town.reads(3)] == ["0 1", "2 3", "4 5"])
    #expect(town.group == "Stable, generation 3, 3 members")
    #expect(town.broken == [])
  }

  @Test("a crash is noticed after the session time-out, a departure at the next heartbeat")
  func shrinking() {
    var town = Town(seed: 2)
    for n in 1...3 as ClosedRange<Int32> { town.start(n) }
    town.run(.seconds(15))
    town.leave(3)
    town.run(.seconds(4))
    #expect([town.reads(1), town.reads(2)] == ["0 1 2", "3 4 5"])
    town.crash(2)
    town.run(.seconds(6))
    #expect(town.reads(1) == "0 1 2")
    town.run(.seconds(8))
    #expect(town.reads(1) == "0 1 2 3 4 5")
    #expect(town.broken == [])
  }

  @Test("a reader goes on where the last one committed")
  func goesOn() {
    var town = Town(seed: 3)
    town.start(1)
    town.run(.seconds(10))
    let before = town.consumer(1)?.positions.first?.offset ?? 0
    #expect(before > 10)
    town.leave(1)
    town.start(2)
    town.run(.milliseconds(100))
    let after = town.consumer(2)?.positions.first?.offset ?? 0
    #expect(after > 10 && after <= before)
  }

  @Test("a member that slept through its session is told what it lost, and that its commit failed")
  func zombie() {
    var town = Town(seed: 4)
    town.start(1)
    town.start(2)
    town.run(.seconds(10))
    town.freeze(2, true)
    town.run(.seconds(20))
    #expect(town.reads(1) == "0 1 2 3 4 5")
    town.freeze(2, false)
    town.run(.seconds(10))
    let news = town.consumer(2)?.news ?? []
    #expect(news.contains { if case .lost = $0 { true } else { false } })
    #expect([town.reads(1), town.reads(2)] == ["0 1 2", "3 4 5"])
    #expect(town.broken == [])
  }

  @Test("a static member restarts without disturbing the others")
  func staticRestart() {
    var town = Town(seed: 5)
    town.start(1, instance: "a")
    town.start(2, instance: "b")
    town.run(.seconds(20))
    let before = town.group
    let news = town.consumer(1)?.news.count
    town.crash(2)
    town.run(.seconds(3))
    town.start(2, instance: "b")
    town.run(.seconds(3))
    #expect(town.group == before)
    #expect([town.reads(1), town.reads(2)] == ["0 1 2", "3 4 5"])
    let revoked = town.consumer(1)?.news.dropFirst(news ?? 0).contains { if case .revoke = $0 { true } else { false } }
    #expect(revoked == false)
  }

  @Test("two processes with one instance id: the earlier is fenced for good")
  func fenced() {
    var town = Town(seed: 6)
    town.start(1, instance: "a")
    town.run(.seconds(5))
    town.start(2, instance: "a")
    town.run(.seconds(5))
    #expect(town.consumer(1)?.member.phase == .over(.fencedInstanceID))
    #expect(town.reads(2) == "0 1 2 3 4 5")
  }

  @Test("a move of the coordinator costs nobody its partitions")
  func move() {
    var town = Town(seed: 7)
    town.start(1)
    town.start(2)
    town.run(.seconds(15))
    let before = town.group
    town.move()
    town.run(.seconds(10))
    #expect(town.group == before)
    #expect([town.reads(1), town.reads(2)] == ["0 1 2", "3 4 5"])
    #expect(town.broken == [])
  }

  @Test(
    "whatever happens, no partition has two readers in a generation and no zombie commits; then all is shared again",
    arguments: 0..<16 as Range<UInt64>)
  func anySchedule(seed: UInt64) {
    var town = Town(seed: seed)
    var nemesis = Dice(seed: seed &+ 77)
    town.weather = .foul
    for n in 1...4 as ClosedRange<Int32> { town.start(n, instance: Self.instance(n)) }
    for _ in 0..<60 {
      let victim = Int32(1 + nemesis.roll(4))
      switch nemesis.roll(6) {
      case 0: town.crash(victim)
      case 1: town.start(victim, instance: Self.instance(victim))
      case 2: town.freeze(victim, true)
      case 3: town.freeze(victim, false)
      case 4: if nemesis.chance(perMille: 300) { town.move() }
      default: break
      }
      town.run(.milliseconds(Int64(nemesis.roll(4000))))
    }
    #expect(town.broken == [])
    town.weather = .fair
    town.run(.seconds(10))
    for n in 1...4 as ClosedRange<Int32> { town.crash(n) }
    for n in 1...4 as ClosedRange<Int32> { town.start(n, instance: Self.instance(n)) }
    town.run(.seconds(90))
    let read = (1...4).flatMap { town.consumer($0)?.positions.map(\.partition.index) ?? [] }.sorted()
    #expect(read == [0, 1, 2, 3, 4, 5], "\(town.group)")
    #expect(town.broken == [])
  }

  /// The last of the four is static.
  static func instance(_ n: Int32) -> String? { n == 4 ? "d" : nil }
}

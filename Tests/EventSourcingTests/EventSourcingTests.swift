import Bytes
import Clockwork
import EventSourcing
import Testing

/// A till: as small a decider as shows every rule.
enum Till: Decider {
  enum Command: Hashable, Sendable {
    case take(Int)
    case give(Int)
  }
  enum Event: Hashable, Sendable {
    case took(Int)
    case gave(Int)
  }
  enum Rejection: Error, Equatable { case short(by: Int) }

  static var initial: Int { 0 }

  static func decide(_ command: Command, _ state: Int, at: Instant) throws(Rejection) -> [Event] {
    switch command {
    case .take(let amount): return [.took(amount)]
    case .give(let amount):
      guard amount <= state else { throw .short(by: amount - state) }
      return [.gave(amount)]
    }
  }

  static func evolve(_ state: inout Int, _ event: Event) {
    switch event {
    case .took(let amount): state += amount
    case .gave(let amount): state -= amount
    }
  }
}

private let till = EntityID(kind: 1, number: 7)

@Suite("Given, when, then")
struct GivenTests {
  @Test func aMatchIsSilentAndAMismatchSaysWhatHappened() {
    let given = Given<Till>([.took(10)])
    #expect(given.when(.give(4)).mismatch(then: [.gave(4)]) == nil)
    #expect(given.when(.give(4)).mismatch(then: [.gave(5)])?.contains("gave(4)") == true)
    #expect(given.when(.give(11)).mismatch(refused: .short(by: 1)) == nil)
    #expect(given.when(.give(11)).mismatch(then: [])?.contains("refused") == true)
  }

  @Test func storiesFoldOn() {
    let story = Given<Till>().after(.take(3)).after(.give(5)).after(.take(4))
    #expect(story.history == [.took(3), .took(4)])
    #expect(story.when(.give(7)).state == 0)
  }
}

@Suite("The embedded log of events")
struct EventStreamTests {
  @Test func twoWhoDecidedOnOneVersionCannotBothAppend() throws {
    var stream = EventStream<Till>()
    try stream.append([.took(10)], to: till, expected: 0, cause: CommandID(client: 1, number: 1), at: .start)
    let seen = stream.version(of: till)
    try stream.append([.gave(8)], to: till, expected: seen, cause: CommandID(client: 1, number: 2), at: .start)
    #expect(throws: AppendRefusal<Till.Rejection>.conflict(expected: 1, actual: 2)) {
      try stream.append([.gave(8)], to: till, expected: seen, cause: CommandID(client: 2, number: 1), at: .start)
    }
    #expect(stream.state(of: till) == 2)
  }

  @Test func aCommandThatComesAgainIsAbsorbed() throws {
    var stream = EventStream<Till>()
    for _ in 0..<3 { try stream.carryOut(.take(5), on: till, id: CommandID(client: 1, number: 9), at: .start) }
    #expect(stream.state(of: till) == 5)
  }

  @Test func aSnapshotGivesWhatTheLogGives() throws {
    var stream = EventStream<Till>()
    for number in 1...20 {
      try stream.carryOut(.take(number), on: till, id: CommandID(client: 1, number: UInt64(number)), at: .start)
    }
    let snapshot = stream.snapshot(of: till)
    try stream.carryOut(.give(100), on: till, id: CommandID(client: 1, number: 21), at: .start)
    #expect(stream.state(of: till, from: snapshot) == stream.state(of: till))
    // Too new for the past that is asked for: not used.
    #expect(stream.state(of: till, at: 3, from: snapshot) == 6)
  }
}

@Suite("Names, inbox, timers, holds, checkpoints")
struct RuntimePartsTests {
  @Test func derivedNamesAreTheSameAgainAndDifferInEachPart() {
    let here = Position(log: 1, partition: 2, offset: 3)
    func name(_ process: String = "p", _ number: UInt64 = 7, _ offset: Int64 = 3, _ index: Int = 0) -> CommandID {
      CommandID(
        process: process, instance: EntityID(kind: 1, number: number),
        input: Position(log: 1, partition: 2, offset: offset), index: index)
    }
    #expect(name() == CommandID(process: "p", instance: till, input: here, index: 0))
    let others = [name("q"), name("p", 8), name("p", 7, 4), name("p", 7, 3, 1), CommandID(client: 0, number: 0)]
    #expect(Set(others + [name()]).count == 6)
  }

  @Test func theInboxForgetsTheOldestFirst() {
    var inbox = Inbox(capacity: 2)
    let ids = (1...3).map { CommandID(client: 1, number: $0) }
    let admitted = (ids + [ids[2], ids[1]]).map { inbox.admit($0) }
    #expect(admitted == [true, true, true, false, false])
    #expect(!inbox.has(ids[0]) && inbox.count == 2)
    #expect(inbox.ids == [ids[1], ids[2]])
    var other = Inbox(capacity: 2)
    for id in inbox.ids { other.admit(id) }
    #expect(other == inbox)
  }

  @Test(arguments: 1...20) func timersComeInOrderAndReplacedOnesNever(seed: UInt64) {
    var dice = Dice(seed: seed)
    var timers = Timers<Int>()
    var model: [TimerID: Int64] = [:]
    for round in 0..<200 {
      let id = TimerID(EntityID(kind: 1, number: dice.roll(20)), UInt8(dice.roll(2)))
      if dice.roll(4) == 0 {
        timers.clear(id)
        model[id] = nil
      } else {
        let due = Int64(dice.roll(1000))
        timers.set(id, due: Instant(nanoseconds: due), round)
        model[id] = due
      }
    }
    var fired: [Int64] = []
    while let next = timers.due(by: .never) {
      #expect(model[next.id] == next.due.nanoseconds)
      fired.append(next.due.nanoseconds)
      timers.clear(next.id)
    }
    #expect(fired == model.values.sorted(), "seed \(seed)")
    let left = timers.nextDue
    #expect(left == nil)
  }

  @Test func timersThatAreClearedEarlyTakeNoRoomUntilTheyWouldBeDue() {
    var timers = Timers<Int>()
    timers.set(TimerID(EntityID(kind: 1, number: 0), 0), due: .start + .seconds(1), 0)
    for number: UInt64 in 1...10_000 {
      let id = TimerID(EntityID(kind: 1, number: number), 0)
      timers.set(id, due: .start + .seconds(180), 0)
      timers.clear(id)
    }
    #expect(timers.count == 1 && timers.agendaCount < 100)
    let next = timers.nextDue
    #expect(next == .start + .seconds(1))
  }

  @Test func whatIsHeldKeepsItsOrderAndIsBounded() throws {
    var holds = Holds<Int>()
    for item in 0..<Holds<Int>.most { try holds.hold(till, item, because: item == 0 ? "poison" : "behind") }
    #expect(throws: Holds<Int>.Refusal.full(most: 1000)) { try holds.hold(till, 1, because: "") }
    let hold = holds.take(till)
    #expect(hold?.reason == "poison" && hold?.items == Array(0..<1000) && holds.isEmpty)
  }

  @Test func aCheckpointAppliesEachPositionOnce() {
    var checkpoint = Checkpoint()
    let fifth = Position(log: 1, partition: 0, offset: 5)
    #expect(checkpoint.lag(behind: fifth) == 6)
    let advanced = [checkpoint.advance(past: fifth), checkpoint.advance(past: fifth)]
    #expect(advanced == [true, false])
    #expect(checkpoint.includes(fifth) && checkpoint.lag(behind: fifth) == 0)
    #expect(!checkpoint.includes(Position(log: 1, partition: 1, offset: 0)))
  }
}

/// A value that had a field less once.
private struct Note: VersionedBytes, Equatable {
  var text: String
  var stars: UInt64
  static let version: UInt8 = 2
  func encode(into writer: inout ByteWriter) {
    writer.writeShortText(text)
    writer.writeNumber(stars)
  }
  init(_ text: String, _ stars: UInt64) { (self.text, self.stars) = (text, stars) }
  init(from reader: inout ByteReader, version: UInt8) throws(SchemaError) {
    text = try reader.readShortText()
    stars = version < 2 ? 3 : try reader.readNumber()
  }
}

@Suite("Bytes that keep their meaning")
struct VersionedBytesTests {
  @Test func anOldFormIsReadAsANewOne() throws {
    #expect(try Note(encoded: Note("good", 5).encoded()) == Note("good", 5))
    var old = ByteWriter()
    old.write(1 as UInt8)
    old.writeShortText("good")
    #expect(try Note(encoded: old.bytes) == Note("good", 3))
  }

  @Test func aNewerFormIsRefusedByName() {
    var bytes = Note("good", 5).encoded()
    bytes[0] = 3
    #expect(throws: SchemaError.tooNew(version: 3, known: 2)) { try Note(encoded: bytes) }
  }

  @Test func anyBytesAreReadOrRefused() {
    let good = Note("kimbap", 300).encoded()
    for cut in 0..<good.count { #expect(throws: SchemaError.self) { try Note(encoded: good[..<cut]) } }
    #expect(throws: SchemaError.trailing(1)) { try Note(encoded: good + [0]) }
    var dice = Dice(seed: 3)
    for _ in 0..<2000 {
      let noise = (0..<dice.roll(40)).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
      _ = try? Note(encoded: noise)
    }
  }
}

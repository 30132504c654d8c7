import Bytes
import Clockwork
import Delivery
import EventSourcing
import Testing

@Suite("Snapshots of a task")
struct TaskSnapshotTests {
  /// The fields that are not the same in all of these.
  private func varied<Value>(_ values: [Value]) -> Set<String> {
    var seen: [String: Set<String>] = [:]
    for value in values {
      for (label, field) in Mirror(reflecting: value).children { seen[label ?? "", default: []].insert("\(field)") }
    }
    return Set(seen.filter { $0.value.count > 1 }.keys)
  }

  private func fields<Value>(of value: Value) -> Set<String> {
    Set(Mirror(reflecting: value).children.compactMap(\.label))
  }

  private func states<D: EngineEntity>(_ entities: Entities<D>) -> [D.State] {
    var states = [D.initial]
    entities.visit { states.append($1.state) }
    return states
  }

  @Test("every field of everything that a task knows is in it")
  func everyField() throws {
    let snapshot = SnapshotEntries.snapshot()
    let memory = snapshot.memory
    let same: Set = ["input", "partition", "keepingWhole"]
    #expect(varied([memory, SnapshotEntries.empty()]) == fields(of: memory).subtracting(same))
    func expectAll<Value>(_ values: [Value]) { #expect(varied(values) == fields(of: values[0])) }
    expectAll(states(memory.orders))
    expectAll(states(memory.tickets))
    expectAll(states(memory.payments))
    expectAll(states(memory.riders))
    expectAll(states(memory.trips))
    expectAll(states(memory.boards))
    expectAll(states(memory.boards).flatMap(\.jobs.values))
    expectAll(states(memory.parties))
    expectAll(states(memory.parties).flatMap(\.lines.values))
    expectAll(states(memory.parties).flatMap(\.lines.values).compactMap(\.offer))
    // Whole, whole and ended, and what is left of one.
    for (whole, all) in [
      (memory.orders.wholeCount, memory.orders.count), (memory.tickets.wholeCount, memory.tickets.count),
      (memory.payments.wholeCount, memory.payments.count), (memory.trips.wholeCount, memory.trips.count),
      (memory.parties.wholeCount, memory.parties.count),
    ] { #expect(whole < all && whole > 1) }
    let bytes = snapshot.encoded()
    let isSame = try TaskSnapshot(encoded: bytes, into: SnapshotEntries.empty()) == snapshot
    #expect(isSame)
  }

  /// Others' snapshots are read by their version alone: when these bytes change, `TaskSnapshot.version` is to be raised.
  @Test("these bytes are what version 1 has written")
  func bytes() {
    let bytes = SnapshotEntries.snapshot().encoded()
    #expect(TaskSnapshot.version == 1)
    #expect(Array(bytes.prefix(13)) == Array("BDLTASK".utf8) + [1, 1, 0, 0, 0, 3])
    #expect(bytes.count == 2041)
    #expect(Array(bytes.suffix(4)) == [45, 60, 124, 46])
  }

  @Test("a byte that has changed, or an end that is missing, is noticed")
  func damage() {
    let bytes = SnapshotEntries.snapshot().encoded()
    func refusal(_ bytes: [UInt8]) -> SnapshotError? {
      do throws(SnapshotError) {
        _ = try TaskSnapshot(encoded: bytes, into: SnapshotEntries.empty())
        return nil
      } catch { return error }
    }
    #expect(refusal(bytes) == nil)
    for at in bytes.indices {
      for flip: UInt8 in [1, 0x80, 0xFF] {
        var damaged = bytes
        damaged[at] ^= flip
        let expected: SnapshotError = at < 7 ? .foreign : at == 7 ? .version(1 ^ flip) : .checksum
        #expect(refusal(damaged) == expected, "byte \(at)")
      }
      #expect(refusal(Array(bytes[..<at])) != nil, "cut at \(at)")
    }
    #expect(refusal(bytes + [0]) == .checksum)
  }

  /// As if somebody had written the checksum anew.
  @Test("any bytes with a good checksum are read or refused", arguments: 1...300)
  func noise(seed: UInt64) {
    var dice = Dice(seed: seed)
    var bytes = Array(SnapshotEntries.snapshot().encoded().dropLast(4))
    for _ in 0...dice.roll(4) {
      let at = 8 + Int(dice.roll(UInt64(bytes.count - 8)))
      if dice.roll(4) == 0 { bytes.removeSubrange(at..<min(bytes.count, at + Int(dice.roll(20)))) }
      bytes[min(at, bytes.count - 1)] = UInt8(truncatingIfNeeded: dice.next())
    }
    var writer = ByteWriter(appendingTo: bytes)
    writer.write(CRC32C.checksum(bytes))
    do throws(SnapshotError) {
      let snapshot = try TaskSnapshot(encoded: writer.bytes, into: SnapshotEntries.empty())
      #expect(snapshot.memory.partition == 3)
    } catch {
      if case .unreadable = error { return }
      #expect(error == .ofAnotherTask)
    }
  }

  @Test("one of another task is refused")
  func anotherTask() {
    let bytes = SnapshotEntries.snapshot().encoded()
    for other in [SnapshotEntries.empty(.orderCommands, 2), SnapshotEntries.empty(.riderCommands)] {
      #expect(throws: SnapshotError.ofAnotherTask) { try TaskSnapshot(encoded: bytes, into: other) }
    }
  }

  // MARK: Folding on

  /// Orders and parties of which some are cancelled, sold out, held or wait for their turn.
  private func evening(_ loop: inout Loop, _ numbers: ClosedRange<UInt64>, _ dice: inout Dice) {
    for number in numbers {
      loop.place(number, card: dice.roll(6) == 0 ? .silent : .good)
      if dice.roll(3) == 0 {
        loop.send(.party(.party(number), .open(customer: 7, dropoff: door)))
        for line: UInt8 in 1...2 { loop.send(.party(.party(number), .join(line: line, basket: basket()))) }
        loop.send(.party(.party(number), .lock(card: .good)))
      }
      loop.run(for: .milliseconds(Int64(dice.roll(4000))))
      switch dice.roll(6) {
      case 0: loop.send(.order(.order(number), .cancel))
      case 1: loop.send(.order(.order(number), .cancel), schema: 9)
      case 2:
        let soldOut = KitchenTicket.Command.soldOut(item: "bibimbap", substitute: dice.roll(2) == 0 ? "" : "kimbap")
        loop.send(.ticket(of: .party(number), line: 1, at: 5, soldOut))
      case 3: loop.send(Addressed(to: .order(1 + dice.roll(number)), .releaseHeld))
      default: break
      }
    }
  }

  /// The task as whoever takes it over has it, from a snapshot of a prefix of its log and the rest.
  private func resumed(_ loop: Loop, _ topic: Topic, _ partition: Int, at cut: Int, _ empty: TaskMemory) throws
    -> EngineTask
  {
    let values = loop.topics[topic.log]![partition]
    var memory = empty
    for value in values[..<cut] { memory.fold(try LogEntry(encoded: value)) }
    let kept = TaskSnapshot(last: Int64(cut) - 1, entry: cut == 0 ? [] : values[cut - 1], memory: memory)
    let read = try TaskSnapshot(encoded: kept.encoded(), into: empty)
    let isSame = read == kept
    #expect(isSame)
    var replay = Replaying(read.memory)
    for value in values[cut...] { replay.fold(try LogEntry(encoded: value)) }
    return replay.atFrontier()
  }

  @Test("a snapshot of any prefix and the rest are the whole, and what follows is the same", arguments: 1...16)
  func prefixAndRest(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    let most = [nil, 0, 2, TaskMemory.keptWhole][Int(seed % 4)]
    var loop = Loop(
      EngineSettings(autopilot: Autopilot(cooking: .seconds(20), riding: .seconds(5), refusalsPercent: 20)),
      keepingWhole: most)
    if seed.isMultiple(of: 2) { loop.settings.mostInProgress = 2 }
    for rider: UInt64 in 1...5 { loop.online(rider, at: gangnam.moved(east: Int64(dice.roll(3000)), north: 0)) }
    evening(&loop, 1...8, &dice)
    var other = loop
    for topic in Topic.inputs {
      for partition in 0..<2 {
        let empty = TaskMemory(topic, Int32(partition), keepingWhole: most)
        let count = loop.topics[topic.log]![partition].count
        for cut in [0, Int(dice.roll(UInt64(count) + 1)), Int(dice.roll(UInt64(count) + 1)), count] {
          other.tasks[topic]![partition] = try resumed(loop, topic, partition, at: cut, empty)
          let isSame = other.tasks[topic]![partition].memory == loop.tasks[topic]![partition].memory
          #expect(isSame, "\(topic)/\(partition) at \(cut)")
        }
      }
    }
    var same = dice
    evening(&loop, 9...14, &dice)
    evening(&other, 9...14, &same)
    // Everything that was ever asked for arrives again.
    for topic in Topic.inputs {
      for partition in 0..<2 {
        loop.topics[topic]![partition] += loop.topics[topic]![partition]
        other.topics[topic]![partition] += other.topics[topic]![partition]
      }
    }
    loop.run(for: .seconds(300))
    other.run(for: .seconds(300))
    let isSame = loop.topics == other.topics
    #expect(isSame)
    for topic in Topic.inputs {
      let areSame = zip(loop.tasks[topic]!, other.tasks[topic]!).allSatisfy { $0.memory == $1.memory }
      #expect(areSame, "\(topic)")
    }
  }
}

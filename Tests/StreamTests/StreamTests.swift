import Bytes
import Clockwork
import EventSourcing
import Testing

private func at(_ seconds: Int64) -> Instant { .start + .seconds(seconds) }

private func order(_ id: String, _ zone: String, at time: Int64) -> StreamRecord {
  StreamRecord("orders", id, zone, at: at(time))
}

/// `wydm9@60 3`: a windowed count as text.
private func line(_ record: StreamRecord) throws -> String {
  let key = try Serde<String>.text.windowed.value(record.key ?? [])
  let count = try record.value.map { try Serde<Int64>.number.value($0) }
  return "\(key.key)@\(key.start.nanoseconds / 1_000_000_000) \(count.map(String.init) ?? "gone")"
}

private func perZone(_ window: StreamWindow, _ emission: WindowEmission = .everyChange) -> Topology {
  let builder = TopologyBuilder("pulse")
  builder.stream("orders", .text, .text).rekey("by-zone", .text) { _, zone in zone }
    .windowed(window).count(into: "orders-per-zone", emitting: emission).to("counts")
  return builder.build()
}

@Suite("Windows")
struct WindowTests {
  @Test("a late record corrects its window while the grace lasts, and is counted and dropped after it")
  func late() throws {
    var scenario = TopologyScenario(perZone(.tumbling(.seconds(60), grace: .seconds(30))))
    let early = scenario.when([order("1", "wydm9", at: 10), order("2", "wydm9", at: 59), order("3", "wydm9", at: 61)])
    #expect(try early.map(line) == ["wydm9@0 1", "wydm9@0 2", "wydm9@60 1"])
    let corrected = scenario.when([order("4", "wydm9", at: 20)])
    #expect(try corrected.map(line) == ["wydm9@0 3"])
    #expect(scenario.tasks[0].counts.lateCounted == 1 && scenario.tasks[0].counts.lateDropped == 0)
    // The window [0, 60) closes when the stream comes to 90, whatever record brings it there.
    let closing = scenario.when([order("5", "wydmb", at: 90)])
    #expect(try closing.map(line) == ["wydmb@60 1"])
    let tooLate = scenario.when([order("6", "wydm9", at: 30)])
    #expect(tooLate.isEmpty)
    #expect(scenario.tasks[0].counts.lateDropped == 1)
    #expect(scenario.tasks[0].store("orders-per-zone")?.count == 2)
  }

  @Test("told at its close, a window is told once, in the order of keys")
  func whenClosed() throws {
    var scenario = TopologyScenario(perZone(.tumbling(.seconds(60), grace: .seconds(30)), .whenClosed))
    let early = scenario.when([order("1", "b", at: 10), order("2", "a", at: 20), order("3", "b", at: 70)])
    #expect(early.isEmpty)
    let late = scenario.when([order("4", "b", at: 30)])
    #expect(late.isEmpty)
    let closed = scenario.when([order("5", "a", at: 95)])
    #expect(try closed.map(line) == ["a@0 1", "b@0 2"])
  }

  @Test("hopping windows overlap, and each record is in every one that holds it")
  func hopping() throws {
    var scenario = TopologyScenario(perZone(.hopping(.seconds(60), advance: .seconds(20))))
    let overlapping = scenario.when([order("1", "a", at: 45), order("2", "a", at: 70)])
    #expect(
      try overlapping.map(line)
        == ["a@40 1", "a@20 1", "a@0 1", "a@60 1", "a@40 2", "a@20 2"])
  }

  @Test("every record is counted as often as the windows that were open for it", arguments: 0..<25 as Range<UInt64>)
  func oracle(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    let size = 10 + Int64(dice.roll(50))
    let advance = 1 + Int64(dice.roll(UInt64(size)))
    let grace = Int64(dice.roll(40))
    let window = StreamWindow.hopping(.seconds(size), advance: .seconds(advance), grace: .seconds(grace))
    var scenario = TopologyScenario(perZone(window))
    var expected: [String: Int64] = [:]
    var (time, latest): (Int64, Int64) = (0, .min)
    var dropped = 0
    for number in 0..<120 {
      time = max(0, time + Int64(dice.roll(20)) - 6)
      latest = max(latest, time)
      _ = scenario.when([order("\(number)", "z", at: time)])
      var start = time / advance * advance
      while start > time - size {
        if start + size + grace <= latest { dropped += 1 } else { expected["\(start)", default: 0] += 1 }
        start -= advance
        if start < 0, -start % advance != 0 { break }
      }
    }
    var told: [String: Int64] = [:]
    for record in scenario.written {
      let key = try Serde<String>.text.windowed.value(record.key ?? [])
      told["\(key.start.nanoseconds / 1_000_000_000)"] = try Serde<Int64>.number.value(record.value ?? [])
    }
    #expect(told == expected, "seed \(seed)")
    #expect(scenario.tasks[0].counts.lateDropped == dropped, "seed \(seed)")
  }
}

@Suite("Joins and tables")
struct JoinTests {
  private let names: @Sendable (String, String?) -> String? = { "\($0) by \($1 ?? "nobody")" }

  @Test("an event meets the table as it stands, and a tombstone empties it")
  func streamTable() {
    let builder = TopologyBuilder("app")
    let riders = builder.table("riders", .text, .text, store: "riders")
    builder.stream("positions", .text, .text).leftJoin(riders, .text, names).to("named")
    var scenario = TopologyScenario(builder.build(), partitions: 3)
    let out = scenario.when([
      StreamRecord("positions", "r1", "Mapo", at: at(1)), StreamRecord("riders", "r1", "Kim", at: at(2)),
      StreamRecord("positions", "r1", "Sinchon", at: at(3)), StreamRecord("riders", "r1", nil, at: at(4)),
      StreamRecord("positions", "r1", "Hongdae", at: at(5)),
    ])
    #expect(
      out.map { String(decoding: $0.value ?? [], as: UTF8.self) }
        == ["Mapo by nobody", "Sinchon by Kim", "Hongdae by nobody"])
  }

  @Test("a table of two tables holds what both have, whichever changes")
  func tableTable() {
    let builder = TopologyBuilder("app")
    let pizza = builder.table("pizza", .text, .text, store: "pizza")
    let dessert = builder.table("dessert", .text, .text, store: "dessert")
    pizza.join(dessert, into: "party", .text) { "\($0)+\($1)" }.to("parties")
    var scenario = TopologyScenario(builder.build())
    let out = scenario.when([
      StreamRecord("pizza", "7", "cooking", at: at(1)), StreamRecord("dessert", "7", "ready", at: at(2)),
      StreamRecord("pizza", "7", "ready", at: at(3)), StreamRecord("dessert", "7", nil, at: at(4)),
      StreamRecord("pizza", "7", nil, at: at(5)),
    ])
    #expect(
      out.map { $0.value.map { String(decoding: $0, as: UTF8.self) } } == ["cooking+ready", "ready+ready", nil])
    #expect(scenario.tasks[0].store("party")?.count == 0)
  }

  @Test("bytes that cannot be read are counted and passed over")
  func unreadable() {
    let builder = TopologyBuilder("app")
    builder.stream("numbers", .text, .number).to("out")
    var scenario = TopologyScenario(builder.build())
    let record = StreamRecord(topic: "numbers", key: [0x61], value: [1, 2, 3], time: .start)
    let passed = scenario.when([record, StreamRecord(topic: "numbers", key: nil, value: nil, time: .start)])
    #expect(passed.isEmpty)
    #expect(scenario.tasks[0].counts.unreadable == 1)
  }
}

@Suite("State that outlives its task")
struct RestoreTests {
  private static func busy(_ seed: UInt64, _ count: Int) -> [StreamRecord] {
    var dice = Dice(seed: seed)
    var time: Int64 = 0
    return (0..<count).map { number in
      time = max(0, time + Int64(dice.roll(9)) - 3)
      return order("\(number)", "z\(dice.roll(7))", at: time)
    }
  }

  @Test(
    "a task built from the changelog, compacted or not, or from a standby, goes on as if nothing had happened",
    arguments: 0..<12 as Range<UInt64>, [1, 3])
  func restored(seed: UInt64, partitions: Int) {
    let topology = perZone(
      .hopping(.seconds(40), advance: .seconds(20), grace: .seconds(10)), seed % 2 == 0 ? .everyChange : .whenClosed)
    let records = Self.busy(seed, 150)
    var undisturbed = TopologyScenario(topology, partitions: partitions)
    var disturbed = undisturbed
    _ = undisturbed.when(records)
    var standbys = disturbed.tasks
    var followed = disturbed.changelogs.map(\.count)
    for (number, record) in records.enumerated() {
      _ = disturbed.when([record])
      for index in standbys.indices {
        for change in disturbed.changelogs[index][followed[index]...] { standbys[index].restore(change) }
        followed[index] = disturbed.changelogs[index].count
        #expect(standbys[index].fingerprint() == disturbed.tasks[index].fingerprint(), "seed \(seed), \(number)")
      }
      if number % 17 == 3 { disturbed.restart(number % partitions, compacted: number % 2 == 0) }
    }
    #expect(disturbed.written == undisturbed.written, "seed \(seed)")
    #expect(disturbed.tasks.map { $0.fingerprint() } == undisturbed.tasks.map { $0.fingerprint() })
  }

  @Test("a task that forgot how far the stream had come would open closed windows again")
  func forgotten() {
    let topology = perZone(.tumbling(.seconds(60)))
    var scenario = TopologyScenario(topology).given([order("1", "a", at: 10), order("2", "a", at: 70)])
    var forgetful = StreamTask(topology)
    // Without the stream's time, which stands under the empty key.
    for record in scenario.changelogs[0] where record.key != [] { forgetful.restore(record) }
    let late = StreamRecord("pulse-by-zone-repartition", "a", "a", at: at(20))
    forgetful.process(late)
    #expect(forgetful.commit().output.count == 1)
    scenario.restart(0)
    let tooLate = scenario.when([order("3", "a", at: 20)])
    #expect(tooLate.isEmpty)
    #expect(scenario.tasks[0].counts.lateDropped == 1)
  }

  @Test("many changes of one key are one line of the changelog a commit")
  func together() {
    var scenario = TopologyScenario(perZone(.tumbling(.seconds(60))))
    _ = scenario.whenTogether((0..<50).map { order("\($0)", "a", at: 5) })
    #expect(scenario.changelogs[0].filter { $0.key != [] }.count == 1)
    #expect(scenario.written.count == 50)
  }

  @Test("a store finds what it was given, whatever was removed meanwhile", arguments: 0..<8 as Range<UInt64>)
  func store(seed: UInt64) {
    let builder = TopologyBuilder("app")
    _ = builder.table("t", .text, .text, store: "t")
    var scenario = TopologyScenario(builder.build())
    var expected: [String: String] = [:]
    var dice = Dice(seed: seed)
    for step in 0..<900 {
      let key = "k\(dice.roll(90))"
      let value = dice.roll(3) == 0 ? nil : "v\(step)"
      expected[key] = value
      _ = scenario.when([StreamRecord("t", key, value, at: at(1))])
    }
    let contents = scenario.tasks[0].store("t")?.contents.map {
      (String(decoding: $0.key, as: UTF8.self), String(decoding: $0.value ?? [], as: UTF8.self))
    }
    #expect(contents?.map(\.0) == expected.keys.sorted())
    #expect(contents?.allSatisfy { expected[$0.0] == $0.1 } == true)
  }
}

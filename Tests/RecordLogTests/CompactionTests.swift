import Bytes
import Clockwork
import Codecs
import RecordLog
import Testing

@Suite("Compaction")
struct CompactionTests {
  let scratch = ScratchDirectory()
  static let settings = SegmentedLog.Settings(segmentBytes: 500, indexIntervalBytes: 100)
  static let day: Int64 = 86_400_000

  func open() throws(LogError) -> SegmentedLog { try SegmentedLog(opening: scratch.path, settings: Self.settings) }

  static func compact(
    _ log: SegmentedLog, now: Int64 = 0, _ change: (inout CompactionRules) -> Void = { _ in }
  ) throws -> Bool {
    try log.checkpoint()
    var rules = CompactionRules()
    change(&rules)
    guard let work = try log.compaction(rules, now: now, below: log.endOffset) else { return false }
    _ = try log.compacted(work.run())
    return true
  }

  /// Batches of one to four records with few keys, some of them tombstones, compressed by any of the codecs.
  static func fill(_ log: SegmentedLog, _ count: Int, _ dice: inout Dice, _ codecs: [Codec] = [.none]) throws {
    for _ in 0..<count {
      let records = (0..<1 + dice.roll(4)).map { _ in
        Record(
          key: Array("k\(dice.roll(12))".utf8),
          value: dice.chance(perMille: 150) ? nil : Array("v\(dice.roll(1000))".utf8), timestamp: 1)
      }
      let batch = RecordBatch(records: records, baseOffset: log.endOffset, leaderEpoch: LeaderEpoch(0))
      try log.append(batch.compressed(by: codecs[Int(dice.roll(UInt64(codecs.count)))]))
    }
  }

  static func records(_ log: SegmentedLog) throws -> [Record] {
    try log.everything().flatMap { try $0.records() }
  }

  /// What a reader of the whole log ends up with.
  static func view(_ records: [Record]) -> [[UInt8]: [UInt8]] {
    var view: [[UInt8]: [UInt8]] = [:]
    for record in records { if let key = record.key { view[key] = record.value } }
    return view
  }

  @Test(
    "Readers end up with the same, of each key one record is left, and no offset changes",
    arguments: 0..<12 as Range<UInt64>)
  func contents(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    let inMemory = SegmentedLog(inMemory: "compaction", settings: Self.settings)
    var log = seed % 2 == 0 ? inMemory : try open()
    for round in 0..<4 {
      try Self.fill(log, 40, &dice, seed % 4 < 2 ? [.none] : Codec.allCases)
      let before = try Self.records(log)
      let size = log.sizeInBytes
      #expect(try Self.compact(log, now: round == 3 ? 2 * Self.day : 0) { $0.keyBytes = seed % 3 == 0 ? 350 : 1 << 20 })
      let after = try Self.records(log)
      #expect(Self.view(after) == Self.view(before))
      #expect(log.sizeInBytes < size)
      let known = Dictionary(uniqueKeysWithValues: before.map { ($0.offset, $0) })
      #expect(after.allSatisfy { known[$0.offset] == $0 })
      #expect(log.endOffset == before.last.map { $0.offset + 1 })
      if seed % 2 == 1 {
        log = try open()
        #expect(try Self.records(log) == after)
      }
      for record in after {
        #expect(
          try log.read(from: record.offset, upTo: log.endOffset, maxBytes: 1).first?.lastOffset ?? .zero
            >= record.offset)
      }
    }
    if seed % 3 != 0 { #expect(try !Self.compact(log) { $0.minDirtyRatio = 0.9 }) }
  }

  @Test("Sealed segments hold each key once, and the active one is left alone")
  func once() throws {
    let log = SegmentedLog(inMemory: "once", settings: Self.settings)
    for index in 0..<60 { try log.append(batch(at: Int64(index))) }
    let segments = log.segmentCount
    #expect(try Self.compact(log))
    #expect(log.segmentCount == segments)
    let records = try Self.records(log)
    let sealed = records.filter { $0.offset < Offset(54) }
    #expect(Set(sealed.map(\.keyText)).count == sealed.count && sealed.count <= 1)
    #expect(records.suffix(3).map(\.offset.rawValue) == [57, 58, 59])
    // What is left of the segments is put together by the next run.
    for index in 60..<90 { try log.append(batch(at: Int64(index))) }
    #expect(try Self.compact(log))
    #expect(log.segmentCount < segments)
  }

  @Test("Nothing above the limit, too young or hardly dirty is touched")
  func limits() throws {
    let log = SegmentedLog(inMemory: "limits", settings: Self.settings)
    for index in 0..<60 { try log.append(batch(at: Int64(index), time: 1_000)) }
    #expect(try log.compaction(CompactionRules(), now: 1_000, below: .zero) == nil)
    #expect(try !Self.compact(log, now: 1_500) { $0.minLag = 500 })
    #expect(try Self.compact(log, now: 1_501) { $0.minLag = 500 })
    #expect(try !Self.compact(log, now: 1_501) { $0.minLag = 500 })
  }

  @Test("A tombstone stays for a run, and then until it is old enough")
  func tombstones() throws {
    let log = SegmentedLog(inMemory: "tombstones", settings: Self.settings)
    try log.append(batch(at: 0))
    let tombstone = Record(key: Array("k0".utf8), value: nil, timestamp: 1)
    try log.append(RecordBatch(records: [tombstone], baseOffset: Offset(1), leaderEpoch: LeaderEpoch(0)))
    func tombstones(at now: Int64) throws -> Int {
      for _ in 0..<8 {
        let record = Record(key: Array("other".utf8), value: [UInt8](repeating: 0, count: 400), timestamp: now)
        try log.append(RecordBatch(records: [record], baseOffset: log.endOffset, leaderEpoch: LeaderEpoch(0)))
      }
      #expect(try Self.compact(log, now: now))
      return try Self.records(log).count { $0.value == nil }
    }
    #expect(try tombstones(at: 3 * Self.day) == 1)
    #expect(try tombstones(at: Self.day) == 1)
    #expect(try tombstones(at: 3 * Self.day) == 0)
  }

  @Test("Aborted records go, committed ones stay, and a marker goes only after what it ends")
  func transactions() throws {
    let log = SegmentedLog(inMemory: "transactions", settings: Self.settings)
    func write(_ key: String, _ producer: Int64, _ sequence: Int32) throws {
      let producer = RecordBatch.Producer(id: producer, epoch: 0, baseSequence: sequence)
      try log.append(
        RecordBatch(
          records: [Record(key: key, value: "x", timestamp: 1)], baseOffset: log.endOffset, leaderEpoch: LeaderEpoch(0),
          producer: producer, attributes: .init(isTransactional: true, isControl: false)))
    }
    func end(_ producer: Int64, _ marker: TransactionMarker) throws {
      var batch = RecordBatch(
        MarkerRecord(marker, coordinatorEpoch: 0), producerID: producer, producerEpoch: 0, timestamp: 1)
      batch.baseOffset = log.endOffset
      batch.leaderEpoch = LeaderEpoch(0)
      try log.append(batch)
    }
    func fillUp() throws {
      for _ in 0..<8 {
        try log.append(batch(at: log.endOffset.rawValue, padding: 400, time: 5 * Self.day))
      }
    }
    try write("a", 1, 0)  // 0, aborted
    try write("b", 2, 0)  // 1, committed
    try write("a", 1, 1)  // 2, aborted, the producer's last
    try end(1, .abort)  // 3
    try end(2, .commit)  // 4
    try fillUp()
    #expect(try Self.compact(log, now: 1))
    func offsets() throws -> [Int64] { try log.everything().map(\.baseOffset.rawValue).filter { $0 < 5 } }
    #expect(try offsets() == [1, 2, 3, 4])
    let last = try log.read(from: Offset(2), upTo: Offset(3), maxBytes: 1)[0]
    #expect(last.recordCount == 0 && last.lastSequence == 1 && last.producerID == 1)
    // Later the producers are forgotten, and the markers follow what they ended.
    try fillUp()
    #expect(try Self.compact(log, now: 4 * Self.day))
    #expect(try offsets() == [1, 3, 4])
    try fillUp()
    #expect(try Self.compact(log, now: 4 * Self.day))
    #expect(try offsets() == [1, 4])
    #expect(try Self.records(log).contains { $0.keyText == "b" })
  }

  @Test("What an abort takes back replaces nothing, though its marker lies in a segment that is still written to")
  func abortedLater() throws {
    let log = SegmentedLog(inMemory: "aborted later", settings: Self.settings)
    func append(_ value: String, _ producer: RecordBatch.Producer = .none) throws {
      try log.append(
        RecordBatch(
          records: [Record(key: "a", value: value, timestamp: 1)], baseOffset: log.endOffset,
          leaderEpoch: LeaderEpoch(0),
          producer: producer, attributes: .init(isTransactional: producer != .none, isControl: false)))
    }
    try append("old")
    try append("good")
    try append("taken back", .init(id: 1, epoch: 0, baseSequence: 0))
    try log.append(batch(at: log.endOffset.rawValue, padding: 400, time: 1))
    var marker = RecordBatch(MarkerRecord(.abort, coordinatorEpoch: 0), producerID: 1, producerEpoch: 0, timestamp: 1)
    (marker.baseOffset, marker.leaderEpoch) = (log.endOffset, LeaderEpoch(0))
    try log.append(marker)
    func values() throws -> [String?] { try Self.records(log).filter { $0.keyText == "a" }.map(\.valueText) }
    #expect(try Self.compact(log))
    #expect(try values() == ["good", "taken back"])
    // When the marker's segment is full, it is known what became of it.
    for _ in 0..<2 { try log.append(batch(at: log.endOffset.rawValue, padding: 400, time: 1)) }
    #expect(try Self.compact(log))
    #expect(try values() == ["good"])
  }

  @Test("What is left of a compressed batch is compressed again, and its header stays", arguments: Codec.allCases)
  func compressed(codec: Codec) throws {
    let log = SegmentedLog(inMemory: "compressed", settings: Self.settings)
    let times: [Int64] = [1_000, 3_000, 2_000]
    let records = zip(["a", "b", "c"], times).map { Record(key: $0, value: "old", timestamp: $1) }
    let original = try RecordBatch(
      records: records, leaderEpoch: LeaderEpoch(3), producer: .init(id: 7, epoch: 2, baseSequence: 40)
    ).compressed(by: codec)
    try log.append(original)
    for key in ["b", "b", "b"] {
      let record = Record(key: Array(key.utf8), value: [UInt8](repeating: 1, count: 400), timestamp: 1)
      try log.append(RecordBatch(records: [record], baseOffset: log.endOffset, leaderEpoch: LeaderEpoch(3)))
    }
    #expect(try Self.compact(log))
    let left = try #require(try log.everything().first)
    #expect(try RecordBatch(validating: left.serialized()) == left)
    #expect(try left.records().map(\.keyText) == ["a", "c"])
    #expect(try left.records().map(\.offset.rawValue) == [0, 2])
    #expect(try left.records().map(\.timestamp) == [1_000, 2_000])
    var expected = original.header
    expected.recordCount = 2
    expected.maxTimestamp = 2_000
    expected.sizeInBytes = left.sizeInBytes
    #expect(left.header == expected)
  }

  @Test("A batch that cannot be opened stays whole, and so do the tombstones after it", arguments: [true, false])
  func closed(comesFirst: Bool) throws {
    let log = SegmentedLog(inMemory: "closed", settings: Self.settings)
    func write(_ key: String, _ value: [UInt8]?) throws {
      let record = Record(key: Array(key.utf8), value: value, timestamp: 1)
      try log.append(RecordBatch(records: [record], baseOffset: log.endOffset, leaderEpoch: LeaderEpoch(0)))
    }
    // Says that it is compressed, and is not.
    var closed = try RecordBatch(
      validating: RecordBatchTests.resealed(RecordBatchTests.sample) { $0.overwrite(1 as Int16, at: 21) })
    closed.leaderEpoch = LeaderEpoch(0)
    func writeClosed() throws {
      closed.baseOffset = log.endOffset
      try log.append(closed)
    }
    if comesFirst { try writeClosed() }
    try write("k", nil)
    if !comesFirst { try writeClosed() }
    for _ in 0..<2 {
      for _ in 0..<8 { try write("other", [UInt8](repeating: 0, count: 400)) }
      #expect(try Self.compact(log, now: 3 * Self.day))
    }
    let left = try log.everything()
    #expect(left.contains(closed))
    #expect(left.filter { $0 != closed }.reduce(0) { $0 + $1.recordCount } < 6)
    let tombstones = try left.filter { $0 != closed }.flatMap { try $0.records() }.filter { $0.value == nil }
    #expect(tombstones.map(\.keyText) == (comesFirst ? ["k"] : []))
  }

  @Test("A crash between any two steps of a swap leaves the log as it was or compacted", arguments: 0..<24)
  func crash(step: Int) throws {
    var dice = Dice(seed: 7)
    let log = try open()
    try Self.fill(log, 40, &dice)
    try log.checkpoint()
    let old = scratch.names.map { ($0, scratch[$0]) }
    let before = try log.everything()
    let work = try #require(try log.compaction(CompactionRules(), now: 0, below: log.endOffset))
    let result = try work.run()
    let drafts = scratch.names.filter { $0.hasSuffix(".cleaned") }.map { ($0, scratch[$0]) }
    try #require(drafts.count > 1)
    #expect(try log.compacted(result))
    let after = try log.everything()
    try #require(after != before)
    // The first swap again, up to `step`: draft, swap, old files one by one, new log.
    for name in scratch.names { scratch.remove(name) }
    for (name, bytes) in old + drafts { scratch[name] = bytes }
    let (draft, bytes) = drafts[0]
    let next = String(drafts[1].0.dropLast(8))
    let gone = old.map(\.0).filter { $0.first == "0" && $0 < next }
    if step > 0 {
      scratch.remove(draft)
      scratch[String(draft.dropLast(7)) + "swap"] = bytes
      for name in gone.prefix(step - 1) { scratch.remove(name) }
      if step - 1 > gone.count {
        scratch.remove(String(draft.dropLast(7)) + "swap")
        scratch[String(draft.dropLast(7)) + "log"] = bytes
      }
    }
    let again = try open()
    let found = try again.everything()
    let boundary = Offset(Int64(next) ?? 0)
    let expected = (step == 0 ? before : after).filter { $0.baseOffset < boundary }
    #expect(found == expected + before.filter { $0.baseOffset >= boundary })
    #expect(again.endOffset == log.endOffset)
    #expect(!scratch.names.contains { $0.hasSuffix("swap") || $0.hasSuffix("cleaned") })
  }

  @Test(
    "A compaction that the log's start or a truncation overtook changes nothing that is left", arguments: [true, false])
  func overtaken(byTruncation: Bool) throws {
    var dice = Dice(seed: 3)
    let log = try open()
    try Self.fill(log, 60, &dice)
    try log.checkpoint()
    let work = try #require(try log.compaction(CompactionRules(), now: 0, below: log.endOffset))
    let view = Self.view(try Self.records(log))
    let result = try work.run()
    if byTruncation {
      try log.truncate(to: Offset(30))
    } else {
      try log.advanceStart(to: Offset(40))
    }
    let before = try log.everything()
    #expect(try log.compacted(result) != byTruncation)
    if byTruncation {
      #expect(try log.everything() == before)
    } else {
      let after = Self.view(try Self.records(log).filter { $0.offset >= Offset(40) })
      #expect(after.allSatisfy { view[$0.key] == $0.value })
    }
    #expect(!scratch.names.contains { $0.hasSuffix("cleaned") })
    #expect(try open().everything() == log.everything())
  }
}

import Bytes
import Clockwork
import Glibc
import RecordLog
import Testing

@Suite("Log in segments")
struct SegmentedLogTests {
  let scratch = ScratchDirectory()
  static let firstSegment = "00000000000000000000.log"

  func open(segmentBytes: Int = 1 << 20, interval: Int = 64) throws(LogError) -> SegmentedLog {
    try SegmentedLog(
      opening: scratch.path, settings: .init(segmentBytes: segmentBytes, indexIntervalBytes: interval))
  }

  /// Fills a new log with batches of one to three records, the epoch rising with every fourth batch.
  func fill(_ count: Int, segmentBytes: Int = 1 << 20, closing: Bool) throws -> [RecordBatch] {
    let log = try open(segmentBytes: segmentBytes)
    for index in 0..<count {
      try log.append(
        batch(1 + index % 3, at: log.endOffset.rawValue, epoch: Int32(index / 4), time: Int64(index) * 100))
    }
    if closing { try log.close() }
    return try log.everything()
  }

  @Test("Files are named and laid out as Kafka's")
  func layout() throws {
    let batches = try fill(12, segmentBytes: 400, closing: true)
    let log = try open()
    #expect(log.segmentCount > 1)
    #expect(scratch.names.contains("00000000000000000000.index"))
    #expect(scratch.names.contains("00000000000000000000.timeindex"))
    #expect(scratch["leader-epoch-checkpoint"] == Array("0\n3\n0 0\n1 7\n2 15\n".utf8))
    #expect(scratch["recovery-point-offset-checkpoint"] == Array("0\n1\n\(log.endOffset)\n".utf8))
    let names = scratch.names.filter { $0.hasSuffix(".log") }
    #expect(names.flatMap { scratch[$0] } == batches.flatMap { $0.serialized() })
  }

  @Test("Opened again it holds the same, closed or not", arguments: [true, false])
  func reopening(closing: Bool) throws {
    let batches = try fill(20, segmentBytes: 500, closing: closing)
    let log = try open(segmentBytes: 500)
    #expect(try log.everything() == batches)
    #expect(log.epochs.entries.map(\.epoch.rawValue) == [0, 1, 2, 3, 4])
    try log.append(batch(at: log.endOffset.rawValue, epoch: 4))
    #expect(try log.everything().count == 21)
  }

  @Test("Cut at any byte, what was whole before the cut survives and nothing else", arguments: [true, false])
  func cutting(closing: Bool) throws {
    let batches = try fill(8, closing: closing)
    let bytes = scratch[Self.firstSegment]
    let rest = scratch.names.filter { $0 != Self.firstSegment }.map { ($0, scratch[$0]) }
    for cut in 0...bytes.count {
      scratch[Self.firstSegment] = Array(bytes[..<cut])
      for (name, contents) in rest { scratch[name] = contents }
      var end = 0
      let whole = batches.prefix {
        end += $0.sizeInBytes
        return end <= cut
      }
      let log = try open()
      #expect(try log.everything() == Array(whole), "cut at \(cut)")
      #expect(log.endOffset == whole.last?.nextOffset ?? .zero)
      #expect(log.epochs.latest == whole.last?.leaderEpoch)
    }
  }

  @Test("Cut at any byte of an earlier segment, nothing after the cut survives")
  func cuttingEarlier() throws {
    let batches = try fill(9, segmentBytes: 300, closing: true)
    let files = scratch.names.map { ($0, scratch[$0]) }
    let bytes = scratch[Self.firstSegment]
    for cut in 0..<bytes.count {
      for (name, contents) in files { scratch[name] = contents }
      scratch[Self.firstSegment] = Array(bytes[..<cut])
      var end = 0
      let whole = batches.prefix {
        end += $0.sizeInBytes
        return end <= cut
      }
      #expect(try open(segmentBytes: 300).everything() == Array(whole), "cut at \(cut)")
    }
  }

  @Test("A flipped byte anywhere in the last batch is detected, but for its offset moved on and its epoch raised")
  func flipping() throws {
    let batches = try fill(5, closing: false)
    let bytes = scratch[Self.firstSegment]
    let start = bytes.count - batches[4].sizeInBytes
    for index in start..<bytes.count {
      var flipped = bytes
      flipped[index] ^= 0x40
      scratch[Self.firstSegment] = flipped
      let kept = try open().everything()
      let isLeadersField = index < start + 8 || (start + 12..<start + 16).contains(index)
      if isLeadersField {
        // Outside the checksum, as in Kafka: what cannot be told from a leader's own stamp passes.
        #expect(kept.count == 4 || kept.last?.body == batches[4].body, "byte \(index - start)")
      } else {
        #expect(kept == Array(batches[..<4]), "byte \(index - start)")
      }
    }
  }

  @Test("Bytes that rot while the log is open are an error, not records")
  func rot() throws {
    let batches = try fill(6, closing: true)
    let log = try open()
    var bytes = scratch[Self.firstSegment]
    bytes[bytes.count - 1] ^= 1
    // Written in place: the log has the file open.
    let file = try #require(fopen(scratch.path(of: Self.firstSegment), "r+"))
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
    #expect(throws: LogError.self) { try log.everything() }
    #expect(try log.read(from: .zero, upTo: batches[5].baseOffset, maxBytes: .max) == Array(batches[..<5]))
  }

  @Test(
    "A missing or damaged index is rebuilt", arguments: [".index", ".timeindex"], [[], [1, 2, 3], nil] as [[UInt8]?])
  func indexes(suffix: String, damage: [UInt8]?) throws {
    let batches = try fill(40, segmentBytes: 1000, closing: true)
    for name in scratch.names where name.hasSuffix(suffix) {
      if let damage { scratch[name] = damage } else { scratch.remove(name) }
    }
    let log = try open(segmentBytes: 1000)
    #expect(try log.everything() == batches)
    for batch in batches {
      #expect(try log.read(from: batch.lastOffset, upTo: log.endOffset, maxBytes: 1) == [batch])
      #expect(try log.offset(forTimestamp: batch.baseTimestamp)?.offset == batch.baseOffset)
    }
  }

  @Test("Missing epochs are found again in the batches", arguments: [nil, "", "1\n0\n", "0\n9\n1 1\n", "0\n1\nx y\n"])
  func epochs(damage: String?) throws {
    _ = try fill(20, segmentBytes: 500, closing: true)
    let whole = try open().epochs
    if let damage {
      scratch["leader-epoch-checkpoint"] = Array(damage.utf8)
    } else {
      scratch.remove("leader-epoch-checkpoint")
    }
    #expect(try open().epochs == whole)
  }

  @Test("A full disk is an error of its own, and the log can still be read and goes on when there is room")
  func full() throws {
    let batches = try fill(4, closing: true)
    let next = batches[3].nextOffset
    let name = String(repeating: "0", count: 19) + "\(next).log"
    try #require(next.rawValue < 10)
    scratch.link(name, to: "/dev/full")
    do {
      let log = try open(segmentBytes: 1)
      #expect(throws: LogError.diskFull) { try log.append(batch(at: next.rawValue, epoch: 0)) }
      #expect(log.endOffset == next)
      #expect(try log.everything() == batches)
    }
    scratch.remove(name)
    let log = try open(segmentBytes: 1)
    try log.append(batch(at: next.rawValue, epoch: 0))
    #expect(try log.everything().count == 5)
  }

  @Test("A directory that cannot be made is an error that says what was tried")
  func refused() {
    #expect(throws: LogError.io(ENOENT, "create /nonexistent/log")) {
      try SegmentedLog(opening: "/nonexistent/log")
    }
  }

  @Test("After a reset the log begins there, also when opened again")
  func resetting() throws {
    _ = try fill(10, segmentBytes: 300, closing: false)
    let log = try open()
    try log.reset(to: Offset(500))
    try log.append(batch(at: 500, epoch: 1))
    let again = try open()
    #expect(again.startOffset == Offset(500) && again.endOffset == Offset(501))
    #expect(again.epochs.entries == [.init(LeaderEpoch(1), startingAt: Offset(500))])
  }

  @Test("Truncated at any offset and filled again, it is found the same when opened", arguments: 0..<19 as Range<Int64>)
  func truncating(offset: Int64) throws {
    let batches = try fill(10, segmentBytes: 400, closing: true)
    let log = try open(segmentBytes: 400)
    try log.truncate(to: Offset(offset))
    let kept = batches.prefix { $0.lastOffset < Offset(offset) }
    #expect(try log.everything() == Array(kept))
    for _ in 0..<8 { try log.append(batch(2, at: log.endOffset.rawValue, epoch: 7, time: 5000)) }
    let expected = try log.everything()
    let again = try open(segmentBytes: 400)
    #expect(try again.everything() == expected)
    #expect(again.epochs == log.epochs)
    for batch in expected {
      #expect(try again.read(from: batch.lastOffset, upTo: again.endOffset, maxBytes: 1) == [batch])
    }
  }

  @Test("A log in memory begins empty")
  func inMemory() throws {
    let log = SegmentedLog()
    #expect(try log.everything() == [])
    try log.append(batch())
    #expect(try log.everything() == [batch()])
    #expect(log.segmentCount == 1)
  }

  @Test("Random bytes in any of its files never trap", arguments: 0..<6 as Range<UInt64>)
  func fuzz(seed: UInt64) throws {
    let batches = try fill(12, segmentBytes: 600, closing: true)
    let files = scratch.names.map { ($0, scratch[$0]) }
    var dice = Dice(seed: seed)
    for _ in 0..<30 {
      for (name, contents) in files { scratch[name] = contents }
      let (name, contents) = files[Int(dice.roll(UInt64(files.count)))]
      scratch[name] =
        dice.chance(perMille: 300) ? dice.bytes(Int(dice.roll(300))) : RecordBatchTests.mutated(contents + [0], &dice)
      let log = try open(segmentBytes: 600)
      // Only offsets and epochs lie outside the checksum.
      let bodies = Set(batches.map(\.body))
      if let kept = try? log.everything() { #expect(kept.allSatisfy { bodies.contains($0.body) }) }
      _ = try? log.offset(forTimestamp: Int64(dice.roll(2000)))
      try? log.append(batch(at: log.endOffset.rawValue, epoch: .max))
      try? log.truncate(to: Offset(Int64(dice.roll(30))))
    }
  }
}

@Suite("Start, retention and recovery of segments")
struct RetentionTests {
  let scratch = ScratchDirectory()
  let settings = SegmentedLog.Settings(segmentBytes: 400, indexIntervalBytes: 100)

  func open() throws(LogError) -> SegmentedLog { try SegmentedLog(opening: scratch.path, settings: settings) }

  /// 30 batches of two records, a tenth of a second apart, the epoch rising with every fifth.
  func fill(_ log: inout some PartitionLog) throws -> [RecordBatch] {
    for index in 0..<30 {
      try log.append(batch(2, at: Int64(index) * 2, epoch: Int32(index / 5), time: Int64(index) * 100))
    }
    return try log.everything()
  }

  @Test(
    "The start moves anywhere, and is found there when opened", arguments: 0...60 as ClosedRange<Int64>)
  func advancing(offset: Int64) throws {
    var log = try open()
    let batches = try fill(&log)
    try log.advanceStart(to: Offset(offset))
    let kept = batches.filter { $0.lastOffset >= Offset(offset) }
    #expect(log.startOffset == Offset(offset) && log.endOffset == Offset(60))
    #expect(try log.everything() == kept)
    #expect(throws: LogError.self) { try log.read(from: Offset(offset - 1), upTo: Offset(60), maxBytes: 1) }
    #expect(try log.offset(forTimestamp: 0)?.offset == (offset < 60 ? Offset(offset) : nil))
    let again = try open()
    #expect(again.startOffset == Offset(offset) && again.endOffset == Offset(60))
    #expect(try again.everything() == kept)
    #expect(again.epochsWithRecords == log.epochsWithRecords)
    try again.append(batch(at: 60, epoch: 6))
    #expect(try again.everything() == kept + [batch(at: 60, epoch: 6)])
  }

  @Test("A crash between any two steps of moving the start leaves the old start or the new", arguments: 0..<12)
  func advancingCrash(step: Int) throws {
    var log = try open()
    let batches = try fill(&log)
    try log.checkpoint()
    let old = scratch.names.map { ($0, scratch[$0]) }
    try log.advanceStart(to: Offset(41))
    func rank(_ name: String) -> String { name.replacing(".log", with: ".z") }
    let gone = old.map(\.0).filter { !scratch.names.contains($0) }.sorted { rank($0) < rank($1) }
    try #require(gone.count > step)
    // The start is written first, then files go: indexes and log, oldest first.
    for (name, bytes) in old where gone.dropFirst(step).contains(name) { scratch[name] = bytes }
    let again = try open()
    #expect(again.startOffset == Offset(41))
    #expect(try again.everything() == batches.filter { $0.lastOffset >= Offset(41) })
    #expect(scratch.names.filter { $0.hasSuffix(".log") }.count == again.segmentCount)
  }

  @Test("Retention by time and by size removes what is committed and over, and nothing else")
  func retention() throws {
    var log = SegmentedLog(inMemory: "retention", settings: settings)
    var memory = MemoryLog()
    let batches = try fill(&log)
    _ = try fill(&memory)
    let size = Int64(log.sizeInBytes)
    #expect(try !log.retain(now: 99_000, bytes: -1, age: -1, below: log.endOffset))
    #expect(try !log.retain(now: 99_000, bytes: 0, age: 0, below: .zero))
    #expect(try !log.retain(now: 2_901, bytes: size, age: 2_901, below: log.endOffset))
    #expect(try log.retain(now: 2_901, bytes: -1, age: 2_000, below: log.endOffset))
    #expect(log.startOffset > .zero && log.startOffset <= Offset(18))
    #expect(try memory.retain(now: 2_901, bytes: -1, age: 2_000, below: memory.endOffset))
    #expect(memory.startOffset == Offset(18))
    #expect(try log.retain(now: 0, bytes: size / 2, age: -1, below: log.endOffset))
    #expect(log.sizeInBytes >= size / 2)
    #expect(try memory.retain(now: 0, bytes: size / 2, age: -1, below: Offset(25)))
    #expect(memory.startOffset == Offset(24))
    #expect(try log.everything() == batches.filter { $0.lastOffset >= log.startOffset })
    #expect(try log.retain(now: 99_000, bytes: -1, age: 1_000, below: log.endOffset))
    #expect(log.startOffset == Offset(60) && log.sizeInBytes == 0)
    try log.append(batch(at: 60, epoch: 9))
    #expect(try log.everything() == [batch(at: 60, epoch: 9)])
  }

  @Test("Records without a time are not too old, though librdkafka's header says 1970 of them")
  func timeless() throws {
    let records = [Record(key: "k", value: "v", timestamp: -1)]
    let sent = try RecordBatch(
      validating: RecordBatchTests.resealed(RecordBatch(records: records)) { $0.overwrite(0 as Int64, at: 35) })
    #expect(sent.maxTimestamp == -1 && sent.header.maxTimestamp == -1)
    let log = try SegmentedLog(opening: scratch.path, settings: settings)
    var memory = MemoryLog()
    try log.append(sent)
    try memory.append(sent)
    #expect(try !log.retain(now: .max, bytes: -1, age: 1_000, below: log.endOffset))
    #expect(try !memory.retain(now: .max, bytes: -1, age: 1_000, below: memory.endOffset))
    #expect(try log.everything() == [sent])
    let again = try open()
    #expect(try !again.retain(now: .max, bytes: -1, age: 1_000, below: again.endOffset))
  }

  @Test("A segment ends when its batches span more time than it may, also by settings changed while open")
  func age() throws {
    let log = SegmentedLog(inMemory: "age", settings: .init(segmentAge: 1_000))
    for index in 0..<10 { try log.append(batch(at: Int64(index), time: Int64(index) * 500)) }
    #expect(log.segmentCount == 4)
    log.configure(.init(segmentBytes: 1))
    try log.append(batch(at: 10, time: 4_500))
    #expect(log.segmentCount == 5)
  }

  @Test("Only what lies beyond the last flush is checked again", arguments: [true, false])
  func recoveryPoint(flushed: Bool) throws {
    var log = try SegmentedLog(opening: scratch.path, settings: .init(indexIntervalBytes: 100))
    let batches = try fill(&log)
    let flush = try log.flushing()
    try flush.run()
    if flushed { try log.flushed(flush) }
    let name = "00000000000000000000.log"
    var bytes = scratch[name]
    bytes[bytes.count - 1] ^= 1
    scratch[name] = bytes
    let again = try open()
    #expect(again.endOffset == (flushed ? Offset(60) : Offset(58)))
    #expect(try again.read(from: .zero, upTo: Offset(58), maxBytes: .max) == Array(batches.dropLast()))
  }

  @Test("A flush that a truncation overtook proves nothing, and one that failed is the end of writing")
  func overtaken() throws {
    var log = try open()
    _ = try fill(&log)
    let flush = try log.flushing()
    try log.truncate(to: Offset(20))
    try log.append(batch(at: 20, epoch: 7))
    try log.flushed(flush)
    #expect(scratch["recovery-point-offset-checkpoint"].isEmpty)
    #expect(throws: LogError.diskFull) { try log.flushed(log.flushing(), failing: .diskFull) }
    #expect(throws: LogError.diskFull) { try log.append(batch(at: 21, epoch: 7)) }
    #expect(log.endOffset == Offset(21))
  }
}

import Clockwork
import Glibc
import RecordLog
import Testing

@Suite("Slices of a log")
struct LogSliceTests {
  /// 40 batches of one to three records and differing sizes, with a hole now and then.
  func fill(_ log: SegmentedLog) throws -> [RecordBatch] {
    var batches: [RecordBatch] = []
    for index in 0..<40 {
      let base = log.endOffset.rawValue + (index % 7 == 3 ? 2 : 0)
      batches.append(batch(1 + index % 3, at: base, padding: index % 5 * 9))
      try log.append(batches[index])
    }
    return batches
  }

  static func expected(_ batches: [RecordBatch], _ from: Offset, _ limit: Offset, _ maxBytes: Int) -> [RecordBatch] {
    var found: [RecordBatch] = []
    var bytes = 0
    for batch in batches where batch.lastOffset >= from {
      bytes += batch.sizeInBytes
      guard batch.baseOffset < limit, from < limit, found.isEmpty || bytes <= maxBytes else { break }
      found.append(batch)
    }
    return found
  }

  @Test(
    "Every range is found, at the tail or far behind, in one segment or many",
    arguments: [1 << 20, 1000], [true, false])
  func ranges(segmentBytes: Int, reopened: Bool) throws {
    let scratch = ScratchDirectory()
    let settings = SegmentedLog.Settings(segmentBytes: segmentBytes, indexIntervalBytes: 200)
    var log = try SegmentedLog(opening: scratch.path, settings: settings)
    // More than a segment remembers of its recent batches.
    let batches = try fill(log) + fill(log)
    if reopened {
      try log.close()
      log = try SegmentedLog(opening: scratch.path, settings: settings)
    }
    let end = log.endOffset.rawValue
    for from in stride(from: Int64(0), through: end, by: 1) {
      for limit in [from - 1, from, from + 1, from + 5, end - 1, end] {
        for maxBytes in [0, 1, 150, 700, 4000, .max] {
          let slice = try log.slice(from: Offset(from), upTo: Offset(limit), maxBytes: maxBytes)
          let expected = Self.expected(batches, Offset(from), Offset(limit), maxBytes)
          try #require(try slice.batches() == expected, "\(from) ..< \(limit), \(maxBytes) bytes")
          #expect(slice.sizeInBytes == expected.reduce(0) { $0 + $1.sizeInBytes })
          #expect(slice.isEmpty == expected.isEmpty)
        }
      }
    }
    #expect(throws: LogError.outOfRange(start: .zero, end: Offset(end))) {
      try log.slice(from: Offset(end + 1), upTo: Offset(end + 1), maxBytes: 1)
    }
  }

  @Test("What was sliced can be sent after the log was removed", arguments: [true, false])
  func outlives(inMemory: Bool) throws {
    let scratch = ScratchDirectory()
    let log = inMemory ? SegmentedLog() : try SegmentedLog(opening: scratch.path)
    let batches = try fill(log)
    let slice = try log.slice(from: .zero, upTo: log.endOffset, maxBytes: .max)
    try log.remove()
    #expect(access(scratch.path, F_OK) == (inMemory ? 0 : -1))
    #expect(log.endOffset == .zero)
    #expect(try slice.batches() == batches)
    guard case .regions(let regions) = slice else { return #expect(Bool(false), "\(slice)") }
    var bytes = [UInt8](repeating: 0, count: regions[0].count)
    #expect(pread(regions[0].descriptor, &bytes, bytes.count, regions[0].position) == bytes.count)
    #expect(bytes == batches.flatMap { $0.serialized() })
    #expect(throws: LogError.self) { try log.append(batch()) }
  }

  @Test("A log in memory keeps its files until nobody reads them")
  func truncated() throws {
    let log = SegmentedLog(inMemory: "slices", settings: .init(segmentBytes: 600))
    let batches = try fill(log)
    #expect(log.segmentCount > 3)
    let slice = try log.slice(from: .zero, upTo: log.endOffset, maxBytes: .max)
    try log.reset(to: Offset(7))
    #expect(try slice.batches() == batches)
    try log.append(batch(at: 7))
    #expect(try log.everything() == [batch(at: 7)])
  }

  @Test("Memory's slice is its batches")
  func memory() throws {
    let log = try memoryLog(10)
    let slice = try log.slice(from: Offset(2), upTo: Offset(8), maxBytes: .max)
    #expect(try slice == .batches(log.read(from: Offset(2), upTo: Offset(8), maxBytes: .max)))
    #expect(try slice.batches().count == 6)
  }

  @Test("Headers and markers can be walked without reading records", arguments: [0, 5, 12] as [Int64])
  func walking(from: Int64) throws {
    var memory = MemoryLog()
    let segmented = SegmentedLog(inMemory: "walk", settings: .init(segmentBytes: 900, indexIntervalBytes: 100))
    for index in 0..<12 {
      var batch = batch(2, padding: index * 20)
      if index % 3 == 2 {
        let marker = MarkerRecord(index % 2 == 0 ? .commit : .abort, coordinatorEpoch: Int32(index))
        batch = RecordBatch(marker, producerID: 4, producerEpoch: 1, timestamp: 0)
      }
      batch.baseOffset = memory.endOffset
      batch.leaderEpoch = LeaderEpoch(0)
      try memory.append(batch)
      try segmented.append(batch)
    }
    func walk(_ log: some PartitionLog) throws -> [String] {
      var seen: [String] = []
      try log.scan(from: Offset(from)) { seen.append("\($0) \($1.map { "\($0)" } ?? "-")") }
      return seen
    }
    #expect(try walk(segmented) == walk(memory))
    #expect(try walk(memory).count > 3)
  }
}

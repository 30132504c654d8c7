import Clockwork
import RecordLog
import Testing

/// What every log must do, whatever it is kept in: the same random operations on `MemoryLog` and on `SegmentedLog` give
/// the same observable results, and those of the plainest log there is, an array.
@Suite("Contract of partition logs")
struct PartitionLogContract {
  @Test("Memory, segments and a plain array agree after every operation", arguments: 0..<24 as Range<UInt64>)
  func agreement(seed: UInt64) throws {
    let scratch = ScratchDirectory()
    let settings = SegmentedLog.Settings(segmentBytes: 700, indexIntervalBytes: 150)
    var memory = MemoryLog()
    var segmented = try SegmentedLog(opening: scratch.path, settings: settings)
    var inMemory = SegmentedLog(inMemory: "contract", settings: settings)
    var plain = PlainLog()
    var dice = Dice(seed: seed)
    for _ in 0..<120 {
      let operation = Operation.random(&dice, end: plain.end)
      let expected = plain.perform(operation)
      #expect(memory.perform(operation) == expected, "\(operation)")
      #expect(segmented.perform(operation) == expected, "\(operation)")
      #expect(inMemory.perform(operation) == expected, "\(operation)")
      if dice.chance(perMille: 60) { try segmented.checkpoint() }
      if dice.chance(perMille: 60) {
        segmented = try SegmentedLog(opening: scratch.path, settings: settings)
        // A reign without records is forgotten when a log is opened again.
        if let latest = memory.epochs.latest { segmented.begin(latest) }
      }
      #expect([memory.startOffset, segmented.startOffset, inMemory.startOffset].allSatisfy { $0 == plain.start })
      #expect([memory.endOffset, segmented.endOffset, inMemory.endOffset].allSatisfy { $0 == plain.end })
      #expect(memory.epochsWithRecords == segmented.epochsWithRecords)
      #expect(plain.batches.allSatisfy { memory.epochs.epoch(at: max($0.baseOffset, plain.start)) == $0.leaderEpoch })
      #expect(memory.sizeInBytes == plain.batches.reduce(0) { $0 + $1.sizeInBytes })
    }
    #expect(try memory.everything() == plain.batches)
    #expect(try segmented.everything() == plain.batches)
    #expect(try inMemory.everything() == plain.batches)
  }

  @Test("Power loss keeps a prefix that holds all that was synced", arguments: 0..<20 as Range<UInt64>)
  func powerLoss(seed: UInt64) throws {
    try losePower(MemoryLog(), seed: seed)
    try losePower(SegmentedLog(), seed: seed)
  }

  func losePower(_ empty: some PartitionLog, seed: UInt64) throws {
    var log = empty
    var dice = Dice(seed: seed)
    for index in 0..<10 { try log.append(batch(2, at: Int64(index) * 2, epoch: Int32(index))) }
    log.synced(through: log.position)
    for index in 10..<15 { try log.append(batch(2, at: Int64(index) * 2, epoch: Int32(index))) }
    let before = try log.everything()
    var choices = Choices(seed: dice.next())
    log.losePower(&choices)
    let after = try log.everything()
    #expect(after.count >= 10)
    #expect(after == Array(before.prefix(after.count)))
    #expect(log.endOffset == after.last?.nextOffset)
    #expect(log.epochs.latest == after.last?.leaderEpoch)
    try log.append(batch(at: log.endOffset.rawValue, epoch: 15))
    var mild = Choices(script: [])
    log.losePower(&mild)
    #expect(try log.everything().count == after.count + 1)
  }

  @Test("A later write names a later position")
  func position() throws {
    func check(_ empty: some PartitionLog) throws {
      var log = empty
      var last = log.position
      for step in 0..<4 {
        if step < 2 { try log.append(batch(at: Int64(step))) }
        if step == 2 { try log.truncate(to: Offset(1)) }
        if step == 3 { try log.reset(to: Offset(9)) }
        #expect(log.position > last)
        last = log.position
      }
    }
    try check(MemoryLog())
    try check(SegmentedLog())
  }
}

extension PartitionLog {
  var epochsWithRecords: [LeaderEpochHistory.Entry] { epochs.entries.filter { $0.startOffset < endOffset } }
}

enum Operation {
  case begin(LeaderEpoch)
  case append([RecordBatch])
  case read(from: Offset, limit: Offset, maxBytes: Int)
  case time(Int64)
  case latest
  case truncate(Offset)
  case reset(Offset)
  case advance(Offset)

  static func random(_ dice: inout Dice, end: Offset) -> Operation {
    let near = { (dice: inout Dice) in Offset(max(-1, end.rawValue + dice.roll(in: -30...3))) }
    switch dice.roll(100) {
    case 0..<4: return .begin(LeaderEpoch(Int32(end.rawValue / 10)))
    case 4..<60:
      var batches: [RecordBatch] = []
      var end = end
      for _ in 0..<(dice.chance(perMille: 150) ? dice.roll(50) : 1) {
        let base = end.rawValue + (dice.chance(perMille: 200) ? dice.roll(in: -2...4) : 0)
        let epoch = Int32(max(0, base) / 10) - (base >= 10 && dice.chance(perMille: 50) ? 1 : 0)
        batches.append(
          batch(
            Int(dice.roll(in: 0...4)), at: max(0, base), epoch: epoch, padding: Int(dice.roll(60)),
            time: base * 10 + dice.roll(in: -30...30)))
        end = max(end, batches[batches.count - 1].nextOffset)
      }
      return .append(batches)
    case 60..<80: return .read(from: near(&dice), limit: near(&dice), maxBytes: Int(dice.roll(500)))
    case 80..<87: return .time(end.rawValue * 10 - dice.roll(in: -20...400))
    case 87: return .latest
    case 88..<95: return .truncate(near(&dice))
    case 95..<98: return .advance(near(&dice))
    default: return .reset(near(&dice))
    }
  }
}

enum Outcome: Equatable {
  case done
  case batches([RecordBatch])
  case offset(TimestampedOffset?)
  /// Which error, without its text.
  case refused(String)
}

extension PartitionLog {
  mutating func perform(_ operation: Operation) -> Outcome {
    do throws(LogError) {
      switch operation {
      case .begin(let epoch): try begin(epoch)
      case .append(let batches):
        if batches.count == 1 { try append(batches[0]) } else { try append(contentsOf: batches) }
      case .read(let from, let limit, let maxBytes):
        return .batches(try read(from: from, upTo: limit, maxBytes: maxBytes))
      case .time(let timestamp): return .offset(try offset(forTimestamp: timestamp))
      case .latest: return .offset(try maxTimestampOffset())
      case .truncate(let offset): try truncate(to: offset)
      case .reset(let offset): try reset(to: offset)
      case .advance(let offset): try advanceStart(to: offset)
      }
      return .done
    } catch .outOfRange {
      return .refused("out of range")
    } catch .notAppendable {
      return .refused("not appendable")
    } catch {
      return .refused("\(error)")
    }
  }
}

/// The contract written down as plainly as possible.
struct PlainLog {
  var start = Offset.zero
  var batches: [RecordBatch] = []
  /// The latest reign that began since the last truncation.
  var begun = LeaderEpoch(-1)
  var end: Offset { batches.last?.nextOffset ?? start }
  var records: [TimestampedOffset] {
    batches.flatMap { batch in
      ((try? batch.records()) ?? []).map { TimestampedOffset($0.offset, $0.timestamp, batch.leaderEpoch) }
    }
    .filter { $0.offset >= start }
  }

  mutating func perform(_ operation: Operation) -> Outcome {
    switch operation {
    case .begin(let epoch): begun = max(begun, epoch)
    case .append(let more):
      for batch in more {
        let epoch = max(batches.last?.leaderEpoch ?? begun, begun)
        guard batch.recordCount > 0, batch.baseOffset >= end, batch.leaderEpoch >= epoch else {
          return .refused("not appendable")
        }
        batches.append(batch)
      }
    case .read(let from, let limit, let maxBytes):
      guard from >= start, from <= end else { return .refused("out of range") }
      var found = batches.filter { $0.lastOffset >= from && $0.baseOffset < limit }
      if from >= limit { found = [] }
      while found.count > 1, found.reduce(0, { $0 + $1.sizeInBytes }) > maxBytes { found.removeLast() }
      return .batches(found)
    case .time(let timestamp):
      return .offset(records.first { $0.timestamp >= timestamp })
    case .latest:
      let latest = records.map(\.timestamp).max()
      return .offset(records.first { $0.timestamp == latest })
    case .truncate(let offset):
      guard offset < end else { return .done }
      guard offset >= start else { return perform(.reset(offset)) }
      batches.removeAll { $0.lastOffset >= offset }
      begun = LeaderEpoch(-1)
    case .reset(let offset):
      guard offset >= .zero else { return .refused("out of range") }
      batches = []
      begun = LeaderEpoch(-1)
      start = offset
    case .advance(let offset):
      guard offset <= end else { return .refused("out of range") }
      guard offset > start else { return .done }
      // An epoch under way stays known even when all its batches are gone.
      begun = max(begun, batches.last?.leaderEpoch ?? begun)
      start = offset
      batches.removeAll { $0.lastOffset < offset }
    }
    return .done
  }
}

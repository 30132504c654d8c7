import Clockwork
import RecordLog
import Testing

@Suite("Log in memory")
struct MemoryLogTests {
  @Test("A snapshot does not see what is appended, truncated or lost afterwards")
  func snapshot() throws {
    var log = try memoryLog(300)
    let snapshot = log
    try log.append(batch(at: 300))
    try log.truncate(to: Offset(100))
    #expect(snapshot.endOffset == Offset(300))
    #expect(try snapshot.read(from: .zero, upTo: Offset(300), maxBytes: .max).count == 300)
    #expect(try log.read(from: .zero, upTo: Offset(300), maxBytes: .max).count == 100)
  }

  @Test("Every offset is found, in every chunk")
  func search() throws {
    var log = MemoryLog()
    for index in 0..<700 { try log.append(batch(3, at: Int64(index) * 4)) }  // one offset in four is a hole
    for offset in stride(from: Int64(0), to: 2799, by: 1) {
      let found = try log.read(from: Offset(offset), upTo: log.endOffset, maxBytes: 1)
      #expect(found.count == 1)
      #expect(found.first?.baseOffset == Offset((offset + 1) / 4 * 4))
    }
  }

  @Test("A full disk takes nothing more and can still be read; raising the limit mends it")
  func full() throws {
    var log = try memoryLog(3)
    log.capacity = log.sizeInBytes + batch(at: 3).sizeInBytes
    try log.append(batch(at: 3))
    #expect(throws: LogError.diskFull) { try log.append(batch(at: 4)) }
    #expect(log.endOffset == Offset(4))
    #expect(try log.read(from: .zero, upTo: Offset(9), maxBytes: .max).count == 4)
    log.capacity = nil
    try log.append(batch(at: 4))
    #expect(log.endOffset == Offset(5))
  }

  @Test("Power loss takes only a suffix of what was not synced", arguments: 0..<40 as Range<UInt64>)
  func powerLoss(seed: UInt64) throws {
    var log = try memoryLog(290, perEpoch: 50)
    log.synced(through: log.position - 170)
    let before = log
    var choices = Choices(seed: seed)
    log.losePower(&choices)
    #expect(log.endOffset >= Offset(120) && log.endOffset <= Offset(290))
    let kept = try log.read(from: .zero, upTo: log.endOffset, maxBytes: .max)
    #expect(try kept == before.read(from: .zero, upTo: log.endOffset, maxBytes: .max))
    #expect(log.epochs.latest == LeaderEpoch(Int32((log.endOffset.rawValue - 1) / 50)))
    #expect(log.unsyncedBatches == 0)
    try log.append(batch(at: log.endOffset.rawValue, epoch: 9))
  }

  @Test("Without a choice to lose, nothing is lost; the largest choice loses all that was not synced")
  func powerLossExtremes() throws {
    var log = try memoryLog(10)
    log.synced(through: 4)
    var mild = Choices(script: [])
    var same = log
    same.losePower(&mild)
    #expect(same.endOffset == Offset(10))
    let size = UInt32(batch(at: 4).sizeInBytes)
    var worst = Choices(script: [6, size])
    log.losePower(&worst)
    #expect(log.endOffset == Offset(4))
  }

  @Test("A torn batch is gone at every length but its whole one")
  func torn() throws {
    let size = batch(at: 1).sizeInBytes
    for cut in 0...size {
      var log = try memoryLog(2)
      log.synced(through: 1)
      var choices = Choices(script: [1, UInt32(cut)])
      log.losePower(&choices)
      #expect(log.endOffset == Offset(cut == 0 ? 2 : 1))
    }
  }

  @Test("What a truncation leaves is synced")
  func truncationSyncs() throws {
    var log = try memoryLog(10)
    try log.truncate(to: Offset(6))
    var choices = Choices(script: [99])
    log.losePower(&choices)
    #expect(log.endOffset == Offset(6))
  }

  @Test("Equal contents have equal digests however they came about, different ones do not")
  func digests() throws {
    let log = try memoryLog(300, perEpoch: 100)
    var other = try memoryLog(310, perEpoch: 100)
    #expect(log.digest != other.digest)
    try other.truncate(to: Offset(300))
    #expect(log.digest == other.digest)
    var shorter = try memoryLog(299, perEpoch: 100)
    try shorter.append(batch(at: 299, epoch: 3))
    #expect(shorter.digest != log.digest)
    #expect(shorter != log)
  }

  @Test("The digest before any offset is that of the log truncated there")
  func digestBefore() throws {
    var log = try memoryLog(300, perEpoch: 100)
    try log.append(batch(5, at: 300, epoch: 3))
    for offset in stride(from: Int64(0), through: 306, by: 1) {
      var cut = log
      try cut.truncate(to: Offset(offset))
      #expect(log.digest(before: Offset(offset)) == cut.digest, "\(offset)")
    }
  }

  @Test("A reign begins at the log end, once, and never goes back")
  func begin() throws {
    var log = try memoryLog(3)
    log.begin(LeaderEpoch(4))
    log.begin(LeaderEpoch(2))
    #expect(log.epochs.entries.map(\.epoch.rawValue) == [0, 4])
    #expect(log.epochs.start(of: LeaderEpoch(4)) == Offset(3))
    #expect(throws: LogError.self) { try log.append(batch(at: 3, epoch: 3)) }
    try log.append(batch(at: 3, epoch: 4))
    #expect(log.epochs.latest == LeaderEpoch(4))
  }

  @Test("The fingerprint tells what is synced from what is not, and is the same in every process")
  func fingerprint() throws {
    func print(_ log: MemoryLog) -> UInt64 {
      var hasher = StateHasher()
      log.fingerprint(into: &hasher)
      return hasher.finalize()
    }
    var log = try memoryLog(3)
    let unsynced = print(log)
    log.synced(through: log.position)
    #expect(print(log) != unsynced)
    #expect(print(MemoryLog()) == 10_762_290_011_017_509_741)
  }
}

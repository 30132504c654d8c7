import Clockwork
import Testing

@testable import Broker

@Suite("QuorumDisk")
struct QuorumDiskTests {
  func entries(_ epoch: Int32, _ count: Int) -> [QuorumEntry] {
    (0..<count).map { QuorumEntry(QuorumEpoch(epoch), .producerIDs(next: Int64($0))) }
  }

  @Test("power loss takes what was not synced, whichever suffix the dice say", arguments: 0...3)
  func losesSuffix(survivors: Int) {
    var disk = QuorumDisk()
    disk.write(QuorumVote(QuorumEpoch(1), NodeID(1)))
    disk.append(entries(1, 70))
    disk.synced(through: disk.position)
    let before = disk

    var after = [disk]
    disk.truncate(to: 60)
    after.append(disk)
    disk.append(entries(2, 10))
    after.append(disk)
    disk.write(QuorumVote(QuorumEpoch(3), NodeID(2)))
    after.append(disk)

    #expect(disk.durableEnd == 60)
    #expect(!disk.voteIsDurable)
    var choices = Choices(script: [UInt32(survivors)])
    disk.losePower(&choices)
    #expect(disk.log == after[survivors].log)
    #expect(disk.vote == after[survivors].vote)
    #expect(disk.isDurable)
    #expect(survivors > 0 || disk.log == before.log)
  }

  @Test("a sync covers what was written before it was asked for, not after")
  func syncsPrefix() {
    var disk = QuorumDisk()
    disk.append(entries(1, 3))
    let position = disk.position
    disk.append(entries(1, 2))
    disk.synced(through: position)
    #expect(disk.durableEnd == 3)
    #expect(disk.log.endOffset == 5)
  }

  @Test("a log cut anywhere and grown again is the log that was never cut", arguments: [0, 1, 63, 64, 65, 128, 129])
  func cutsAnywhere(offset: Int) {
    var whole = QuorumLog()
    var cut = QuorumLog()
    let all = entries(1, 100) + entries(4, 30)
    for entry in all {
      whole.append(entry)
      cut.append(entry)
    }
    let removed = cut.truncate(to: Int64(offset))
    #expect(removed == Array(all[offset...]))
    #expect(cut.endOffset == Int64(offset))
    for entry in removed { cut.append(entry) }
    #expect(cut == whole)
  }

  @Test("an epoch the log does not know ends where the largest one below it ends")
  func findsEpochEnds() {
    var log = QuorumLog()
    for entry in entries(2, 5) + entries(4, 5) { log.append(entry) }
    #expect(log.end(ofEpochAtMost: QuorumEpoch(1)) == QuorumEpochEnd(QuorumEpoch(0), 0))
    #expect(log.end(ofEpochAtMost: QuorumEpoch(2)) == QuorumEpochEnd(QuorumEpoch(2), 5))
    #expect(log.end(ofEpochAtMost: QuorumEpoch(3)) == QuorumEpochEnd(QuorumEpoch(2), 5))
    #expect(log.end(ofEpochAtMost: QuorumEpoch(9)) == QuorumEpochEnd(QuorumEpoch(4), 10))
    #expect(log.epoch(before: 0) == QuorumEpoch(0))
    #expect(log.epoch(before: 5) == QuorumEpoch(2))
    #expect(log.epoch(before: 6) == QuorumEpoch(4))
    #expect(log.epoch(before: 11) == nil)
  }

  /// An image that stands for so many entries.
  func image(through offset: Int64) -> MetadataImage {
    var image = MetadataImage()
    var changes = MetadataChanges()
    for place in 0..<offset { image.apply(.producerIDs(next: place), at: place, &changes) }
    return image
  }

  @Test(
    "a log whose beginning is put away says the same of what is left", arguments: [1, 5, 63, 64, 65, 100, 101, 130])
  func putsAway(offset: Int) {
    let all = entries(1, 100) + entries(4, 30)
    var whole = QuorumLog()
    for entry in all { whole.append(entry) }
    var log = whole
    log.compact(to: image(through: Int64(offset)))
    #expect(log.startOffset == Int64(offset) && log.endOffset == 130 && log.lastEpoch == QuorumEpoch(4))
    #expect(log.snapshot?.epoch == whole.epoch(before: Int64(offset)))
    for place in Int64(0)...131 {
      let isThere = place >= log.startOffset
      #expect(log[place] == (isThere ? whole[place] : nil))
      #expect(log.epoch(before: place) == (isThere ? whole.epoch(before: place) : nil))
      #expect(log.entries(from: place, limit: 70) == (isThere ? whole.entries(from: place, limit: 70) : []))
    }
    #expect(log.end(ofEpochAtMost: QuorumEpoch(4)) == QuorumEpochEnd(QuorumEpoch(4), 130))
    #expect(log.end(ofEpochAtMost: QuorumEpoch(0)) == nil)
    // Where the first epoch ended is known as long as one of its entries is.
    #expect(log.end(ofEpochAtMost: QuorumEpoch(3)) == (offset > 100 ? nil : QuorumEpochEnd(QuorumEpoch(1), 100)))
    let removed = log.truncate(to: Int64(offset))
    #expect(removed == Array(all[offset...]))
    let more = log.truncate(to: Int64(offset) - 1)
    #expect(more == [])
    for entry in removed { log.append(entry) }
    whole.compact(to: image(through: Int64(offset)))
    #expect(log == whole)
  }

  @Test("puts nothing away that can still be lost, and losing power takes nothing of it back")
  func putsAwayWhatIsDurable() {
    var disk = QuorumDisk()
    disk.append(entries(1, 10))
    disk.synced(through: disk.position)
    disk.append(entries(1, 10))
    disk.compact(to: image(through: 12), every: 5)
    #expect(disk.log.startOffset == 0)
    disk.compact(to: image(through: 4), every: 5)
    #expect(disk.log.startOffset == 0)
    disk.compact(to: image(through: 10), every: 5)
    #expect(disk.log.startOffset == 10)
    var choices = Choices(script: [])
    disk.losePower(&choices)
    #expect(disk.log.startOffset == 10 && disk.log.endOffset == 10)
  }

  @Test("a snapshot that was taken is lost with its power, and what came after it too", arguments: 0...2)
  func losesSnapshot(survivors: Int) {
    var disk = QuorumDisk()
    disk.append(entries(1, 3))
    disk.synced(through: disk.position)
    var after = [disk.log]
    disk.install(QuorumSnapshot(image: image(through: 40), epoch: QuorumEpoch(2)))
    after.append(disk.log)
    #expect(disk.durableEnd == 0)
    disk.append(entries(2, 5))
    after.append(disk.log)
    #expect(after[1].lastEpoch == QuorumEpoch(2) && after[2].endOffset == 45)
    var choices = Choices(script: [UInt32(survivors)])
    disk.losePower(&choices)
    #expect(disk.log == after[survivors])
    #expect(disk.durableEnd == after[survivors].endOffset)
  }
}

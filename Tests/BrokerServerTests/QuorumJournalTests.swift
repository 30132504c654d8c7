import Broker
import Bytes
import Clockwork
import RecordLog
import Testing

@testable import BrokerServer

@Suite("The quorum's journal")
struct QuorumJournalTests {
  let scratch = Scratch()
  var directory: LogDirectory { get throws { try LogDirectory(scratch.path) } }

  /// Changes as a voter makes them: votes, entries, and now and then a part of the log replaced, or its beginning put away.
  static func changes(seed: UInt64, _ count: Int) -> [QuorumChange] {
    var sampler = Sampler(seed: seed)
    var (start, end) = (0, 0)
    return (1...count).map { number in
      var snapshot: QuorumSnapshot?
      var from = end - min(end - start, sampler.below(3))
      if seed % 2 == 1, sampler.below(4) == 0 {
        from = end + sampler.below(3)
        start = from
        snapshot = sampler.snapshot(through: Int64(from))
      }
      let entries = (0..<sampler.below(4)).map { _ in
        QuorumEntry(QuorumEpoch(Int32(number)), sampler.record())
      }
      end = from + entries.count
      return QuorumChange(
        vote: QuorumVote(QuorumEpoch(Int32(number)), sampler.maybe { $0.node() }), from: Int64(from), entries: entries,
        snapshot: snapshot)
    }
  }

  static func replayed(_ changes: [QuorumChange]) -> QuorumDisk {
    var disk = QuorumDisk()
    for change in changes {
      let follows = disk.replay(change)
      #expect(follows)
    }
    return disk
  }

  @Test("holds what was written, over any number of openings", arguments: 0..<10 as Range<UInt64>)
  func reopening(seed: UInt64) throws {
    let changes = Self.changes(seed: seed, 12)
    for (count, change) in changes.enumerated() {
      let (journal, disk) = try QuorumJournal.open(in: directory)
      #expect(disk == Self.replayed(Array(changes.prefix(count))))
      try journal.write(change)
    }
    #expect(try QuorumJournal.open(in: directory).1 == Self.replayed(changes))
  }

  @Test("loses its last record, and no other, when that is cut short at any byte")
  func tornTail() throws {
    let changes = Self.changes(seed: 5, 4)
    let (journal, _) = try QuorumJournal.open(in: directory)
    for change in changes.dropLast() { try journal.write(change) }
    let whole = try directory.contents(of: QuorumJournal.name) ?? []
    try journal.write(changes[3])
    let longer = try directory.contents(of: QuorumJournal.name) ?? []
    for end in whole.count..<longer.count {
      try directory.replace(QuorumJournal.name, with: Array(longer[..<end]))
      let (reopened, disk) = try QuorumJournal.open(in: directory)
      #expect(disk == Self.replayed(Array(changes.dropLast())))
      try reopened.write(changes[3])
      #expect(try QuorumJournal.open(in: directory).1 == Self.replayed(changes))
    }
  }

  @Test("damaged anywhere it is refused, or read up to its last whole record", arguments: 0..<20 as Range<UInt64>)
  func mutated(seed: UInt64) throws {
    let changes = Self.changes(seed: seed, 6)
    let (journal, _) = try QuorumJournal.open(in: directory)
    for change in changes { try journal.write(change) }
    let whole = try directory.contents(of: QuorumJournal.name) ?? []
    let disks = (0...changes.count).map { Self.replayed(Array(changes.prefix($0))) }
    var dice = Dice(seed: seed)
    for _ in 0..<40 {
      var bytes = whole
      for _ in 0...dice.roll(3) {
        let place = Int(dice.roll(UInt64(bytes.count)))
        switch dice.roll(3) {
        case 0: bytes[place] = UInt8(dice.roll(256))
        case 1: bytes.insert(UInt8(dice.roll(256)), at: place)
        default: bytes[place] ^= 1 << UInt8(dice.roll(8))
        }
      }
      try directory.replace(QuorumJournal.name, with: bytes)
      guard let (_, disk) = try? QuorumJournal.open(in: directory) else { continue }
      #expect(disks.contains(disk), "seed \(seed)")
    }
  }

  @Test("refuses to forget what was durable: damage before the last record is an error")
  func damage() throws {
    let (journal, _) = try QuorumJournal.open(in: directory)
    for change in Self.changes(seed: 5, 4) { try journal.write(change) }
    var bytes = try directory.contents(of: QuorumJournal.name) ?? []
    // In the body of the first record.
    bytes[20] ^= 1
    try directory.replace(QuorumJournal.name, with: bytes)
    #expect(throws: DataError.damagedJournal(at: 8)) { try QuorumJournal.open(in: directory) }
    try directory.replace(QuorumJournal.name, with: Array("something else".utf8))
    #expect(throws: DataError.foreignJournal) { try QuorumJournal.open(in: directory) }
  }

  @Test("begins anew with a snapshot, and is short again")
  func snapshots() throws {
    let (journal, _) = try QuorumJournal.open(in: directory)
    let record = MetadataRecord.topicConfig(TopicID(1), key: "x", value: String(repeating: "y", count: 10_000))
    var disk = QuorumDisk()
    func write(_ change: QuorumChange) throws {
      let follows = disk.replay(change)
      #expect(follows)
      try journal.write(change)
    }
    let vote = QuorumVote(QuorumEpoch(1), nil)
    try write(
      QuorumChange(vote: vote, from: 0, entries: Array(repeating: QuorumEntry(QuorumEpoch(1), record), count: 30)))
    let before = try directory.contents(of: QuorumJournal.name)?.count ?? 0
    var sampler = Sampler(seed: 1)
    try write(
      QuorumChange(
        vote: vote, from: 28, entries: [QuorumEntry(QuorumEpoch(1), record)], snapshot: sampler.snapshot(through: 28)))
    #expect(journal.start == 28)
    try write(QuorumChange(vote: vote, from: 29, entries: [QuorumEntry(QuorumEpoch(2), record)]))
    let after = try directory.contents(of: QuorumJournal.name)?.count ?? 0
    #expect(before > 300_000 && after < 25_000)
    let (reopened, found) = try QuorumJournal.open(in: directory)
    #expect(found == disk && reopened.start == 28 && found.log.endOffset == 30)
  }

  @Test("of the version before snapshots is read, and written anew")
  func firstVersion() throws {
    let changes = Self.changes(seed: 4, 5)
    var bytes = Array("baedalq".utf8) + [1]
    for change in changes {
      var writer = ByteWriter(capacity: 64)
      change.vote.encode(into: &writer)
      change.from.encode(into: &writer)
      change.entries.encode(into: &writer)
      var head = ByteWriter(capacity: 8)
      head.write(UInt32(writer.count))
      head.write(CRC32C.checksum(writer.bytes[...]))
      bytes += head.bytes + writer.bytes
    }
    try directory.replace(QuorumJournal.name, with: bytes)
    #expect(try QuorumJournal.open(in: directory).1 == Self.replayed(changes))
    #expect(try directory.contents(of: QuorumJournal.name)?[7] == PeerFormat.version)
    #expect(try QuorumJournal.open(in: directory).1 == Self.replayed(changes))
    bytes[7] = PeerFormat.version + 1
    try directory.replace(QuorumJournal.name, with: bytes)
    #expect(throws: DataError.foreignJournal) { try QuorumJournal.open(in: directory) }
  }

  @Test("is written anew when most of it is obsolete")
  func rewriting() throws {
    let (journal, _) = try QuorumJournal.open(in: directory)
    let record = MetadataRecord.topicConfig(TopicID(1), key: "x", value: String(repeating: "y", count: 100_000))
    for number in 1...30 {
      try journal.write(
        QuorumChange(
          vote: QuorumVote(QuorumEpoch(Int32(number)), nil), from: 0, entries: [QuorumEntry(QuorumEpoch(1), record)]))
    }
    let before = try directory.contents(of: QuorumJournal.name)?.count ?? 0
    let (_, disk) = try QuorumJournal.open(in: directory)
    let after = try directory.contents(of: QuorumJournal.name)?.count ?? 0
    #expect(before > 3_000_000 && after < 200_000)
    #expect(disk.log.endOffset == 1 && disk.vote.epoch == QuorumEpoch(30))
    #expect(try QuorumJournal.open(in: directory).1 == disk)
  }
}

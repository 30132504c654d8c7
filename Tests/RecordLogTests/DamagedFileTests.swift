import Clockwork
import RecordLog
import Testing

/// Files that came back from a disk other than they were written.
@Suite("Damaged files of a log")
struct DamagedFileTests {
  let scratch = ScratchDirectory()

  private func open() throws(LogError) -> SegmentedLog {
    try SegmentedLog(opening: scratch.path, settings: .init(segmentBytes: 500, indexIntervalBytes: 64))
  }

  @Test("are read or refused, and what is read was written", arguments: 1...30 as ClosedRange<UInt64>)
  func mutated(seed: UInt64) throws {
    let log = try open()
    for index in 0..<16 {
      try log.append(
        batch(1 + index % 3, at: log.endOffset.rawValue, epoch: Int32(index / 4), time: Int64(index) * 100))
    }
    try log.close()
    let written = try log.everything()
    let files = scratch.names.map { ($0, scratch[$0]) }
    var dice = Dice(seed: seed)
    for _ in 0..<12 {
      for name in scratch.names where !files.contains(where: { $0.0 == name }) { scratch.remove(name) }
      for (name, bytes) in files { scratch[name] = bytes }
      let (name, bytes) = files[Int(dice.roll(UInt64(files.count)))]
      scratch[name] = dice.damage(bytes)
      // A log that cannot be opened says why; one that can must be usable.
      guard let damaged = try? open() else { continue }
      let read = (try? damaged.everything()) ?? []
      // The base offset and the leader's epoch are the leader's to set: the checksum does not cover them.
      let bodies = written.map { $0.serialized().dropFirst(17) }
      for batch in read {
        let body = batch.serialized().dropFirst(17)
        #expect(bodies.contains(body), "seed \(seed): \(name) gave a batch that nobody wrote")
      }
      // A damaged base offset may lie as far ahead as an offset can: more places than anybody could try.
      for offset in (damaged.startOffset.rawValue...damaged.endOffset.rawValue).prefix(64) {
        _ = try? damaged.read(from: Offset(offset), upTo: damaged.endOffset, maxBytes: 1)
      }
      _ = try? damaged.append(batch(at: damaged.endOffset.rawValue, epoch: 9))
    }
  }
}

extension Dice {
  /// The bytes after something happened to a few of them.
  fileprivate mutating func damage(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...roll(3) {
      guard !bytes.isEmpty else { return bytes }
      let place = Int(roll(UInt64(bytes.count)))
      switch roll(5) {
      case 0: bytes[place] = UInt8(roll(256))
      case 1: bytes[place] ^= 1 << UInt8(roll(8))
      case 2: bytes.removeSubrange(place...)
      case 3: bytes.insert(contentsOf: [0xFF, 0xFF, 0xFF, 0xFF], at: place)
      default: bytes.replaceSubrange(place..<min(bytes.count, place + 16), with: repeatElement(0, count: 16))
      }
    }
    return bytes
  }
}

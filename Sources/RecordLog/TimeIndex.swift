import Bytes

/// A segment's sparse index from timestamps to offsets. An entry (t, o) says: records later than t come after offset o.
/// Kafka's `.timeindex`: entries of 12 bytes, the offset relative to the segment's first.
struct TimeIndex: Equatable, Sendable {
  struct Entry: Equatable, Sendable {
    var timestamp: Int64
    var offset: Offset
  }

  let baseOffset: Offset
  private(set) var entries: [Entry] = []

  init(baseOffset: Offset) { self.baseOffset = baseOffset }

  /// Adds an entry unless its timestamp is no later than the last one's: timestamps rise, or the index says nothing new.
  mutating func append(_ timestamp: Int64, at offset: Offset) {
    if let last = entries.last, last.timestamp >= timestamp || last.offset >= offset { return }
    entries.append(Entry(timestamp: timestamp, offset: offset))
  }

  /// An offset up to which every record is earlier than `timestamp`; nil when the index knows of none.
  func offset(before timestamp: Int64) -> Offset? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].timestamp < timestamp { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? entries[low - 1].offset : nil
  }

  /// Forgets every entry beyond `offset`.
  mutating func truncate(after offset: Offset) {
    while let last = entries.last, last.offset > offset { entries.removeLast() }
  }

  static let entrySize = 12

  /// The entries from the `first`th on.
  func encoded(from first: Int) -> [UInt8] {
    var writer = ByteWriter(capacity: (entries.count - first) * Self.entrySize)
    for entry in entries[first...] {
      writer.write(entry.timestamp)
      writer.write(Int32(truncatingIfNeeded: entry.offset - baseOffset))
    }
    return writer.bytes
  }

  /// Nil when the bytes cannot be a time index: it is rebuilt then.
  init?(_ bytes: [UInt8], baseOffset: Offset) {
    self.init(baseOffset: baseOffset)
    var reader = ByteReader(bytes)
    while !reader.isAtEnd {
      guard let timestamp = try? reader.read(Int64.self), let relative = try? reader.read(Int32.self) else {
        return nil
      }
      let (offset, overflow) = baseOffset.rawValue.addingReportingOverflow(Int64(relative))
      guard relative >= 0, !overflow else { return nil }
      let before = entries.count
      append(timestamp, at: Offset(offset))
      guard entries.count == before + 1 else { return nil }
    }
  }
}

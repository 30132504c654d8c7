import Bytes

/// A segment's sparse index from offsets to places in its file: one entry every few kilobytes, so that a look-up is a
/// bisection and a short scan. Kafka's `.index`: entries of 8 bytes, the offset relative to the segment's first.
struct OffsetIndex: Equatable, Sendable {
  struct Entry: Equatable, Sendable {
    /// The last offset of the batch at `position`.
    var offset: Offset
    var position: Int
  }

  let baseOffset: Offset
  private(set) var entries: [Entry] = []

  init(baseOffset: Offset) { self.baseOffset = baseOffset }

  mutating func append(_ offset: Offset, at position: Int) { entries.append(Entry(offset: offset, position: position)) }

  /// The last entry whose batch ends at or below `offset`.
  func entry(atOrBelow offset: Offset) -> Entry? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].offset <= offset { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? entries[low - 1] : nil
  }

  /// The last entry that begins at or before `position` and ends below `limit`.
  func entry(atOrBefore position: Int, below limit: Offset) -> Entry? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      let isBefore = entries[middle].position <= position && entries[middle].offset < limit
      if isBefore { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? entries[low - 1] : nil
  }

  /// Forgets every entry beyond `offset`.
  mutating func truncate(after offset: Offset) {
    while let last = entries.last, last.offset > offset { entries.removeLast() }
  }

  static let entrySize = 8

  /// The entries from the `first`th on.
  func encoded(from first: Int) -> [UInt8] {
    var writer = ByteWriter(capacity: (entries.count - first) * Self.entrySize)
    for entry in entries[first...] {
      writer.write(Int32(truncatingIfNeeded: entry.offset - baseOffset))
      writer.write(Int32(truncatingIfNeeded: entry.position))
    }
    return writer.bytes
  }

  /// Nil when the bytes cannot be the index of a segment of `size` bytes: it is rebuilt then.
  init?(_ bytes: [UInt8], baseOffset: Offset, size: Int) {
    self.init(baseOffset: baseOffset)
    var reader = ByteReader(bytes)
    while !reader.isAtEnd {
      guard let relative = try? reader.read(Int32.self), let position = try? reader.read(Int32.self) else { return nil }
      let (offset, overflow) = baseOffset.rawValue.addingReportingOverflow(Int64(relative))
      guard relative >= 0, !overflow, Int(position) < size, offset > entries.last?.offset.rawValue ?? -1,
        Int(position) > entries.last?.position ?? -1
      else { return nil }
      append(Offset(offset), at: Int(position))
    }
  }
}

public import Clockwork

/// The metadata log's entries with the place where each epoch begins.
///
/// Kept in chunks: a world snapshots nodes by assignment, and the first append after a snapshot then copies one chunk
/// and the list of chunks, not every entry.
public struct QuorumLog: Hashable, Sendable {
  private static let chunkSize = 64

  /// Every chunk but the last is full.
  private var chunks: [[QuorumEntry]] = []
  /// Epochs in which something was appended, with the offset of their first entry; both ascend.
  private var starts: [QuorumEpochEnd] = []
  /// The offset that the next entry will get.
  public private(set) var endOffset: Int64 = 0

  public init() {}

  /// The epoch of the last entry; 0 for an empty log.
  public var lastEpoch: QuorumEpoch { starts.last?.epoch ?? QuorumEpoch(0) }

  /// The entry at `offset`; nil outside the log.
  public subscript(offset: Int64) -> QuorumEntry? {
    guard offset >= 0, offset < endOffset else { return nil }
    return chunks[Int(offset) / Self.chunkSize][Int(offset) % Self.chunkSize]
  }

  /// The epoch of the entry before `offset`, which together with `offset` names the whole log before it (Raft's log
  /// matching). Epoch 0 before the first entry; nil outside the log.
  public func epoch(before offset: Int64) -> QuorumEpoch? {
    guard offset >= 0, offset <= endOffset else { return nil }
    return starts.last { $0.endOffset < offset }?.epoch ?? QuorumEpoch(0)
  }

  /// The largest epoch in the log that is not above `epoch`, and where it ends. Epoch 0 ends at 0.
  public func end(ofEpochAtMost epoch: QuorumEpoch) -> QuorumEpochEnd {
    var end = endOffset
    for start in starts.reversed() {
      if start.epoch <= epoch { return QuorumEpochEnd(start.epoch, end) }
      end = start.endOffset
    }
    return QuorumEpochEnd(QuorumEpoch(0), 0)
  }

  /// At most `limit` entries from `offset` on.
  public func entries(from offset: Int64, limit: Int) -> [QuorumEntry] {
    guard offset >= 0, offset < endOffset, limit > 0 else { return [] }
    let last = offset + min(Int64(limit), endOffset - offset)
    return (offset..<last).map { chunks[Int($0) / Self.chunkSize][Int($0) % Self.chunkSize] }
  }

  mutating func append(_ entry: QuorumEntry) {
    if starts.isEmpty || lastEpoch < entry.epoch { starts.append(QuorumEpochEnd(entry.epoch, endOffset)) }
    if Int(endOffset) % Self.chunkSize == 0 { chunks.append([]) }
    chunks[chunks.count - 1].append(entry)
    endOffset += 1
  }

  /// Removes everything at and beyond `offset` and returns it.
  mutating func truncate(to offset: Int64) -> [QuorumEntry] {
    guard offset >= 0, offset < endOffset else { return [] }
    let removed = entries(from: offset, limit: Int(endOffset - offset))
    while let chunk = chunks.popLast() {
      endOffset -= Int64(chunk.count)
      if endOffset <= offset {
        let kept = chunk.prefix(Int(offset - endOffset))
        if !kept.isEmpty { chunks.append(Array(kept)) }
        break
      }
    }
    endOffset = offset
    starts.removeAll { $0.endOffset >= offset }
    return removed
  }

  public func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(endOffset)
    for chunk in chunks {
      for entry in chunk {
        hasher.combine(entry.epoch.rawValue)
        entry.record.fingerprint(into: &hasher)
      }
    }
  }
}

public import Clockwork

/// The metadata log's entries with the place where each epoch begins, and what came before them as a snapshot.
///
/// Kept in chunks: a world snapshots nodes by assignment, and the first append after a snapshot then copies one chunk
/// and the list of chunks, not every entry.
public struct QuorumLog: Hashable, Sendable {
  private static let chunkSize = 64

  /// What the entries before `startOffset` amounted to; nil while they are all here.
  public private(set) var snapshot: QuorumSnapshot?
  /// From `startOffset` on. Every chunk but the last is full.
  private var chunks: [[QuorumEntry]] = []
  /// Epochs that began after the snapshot, with the offset of their first entry; both ascend.
  private var starts: [QuorumEpochEnd] = []
  /// The offset that the next entry will get.
  public private(set) var endOffset: Int64 = 0

  public init() {}

  /// A log that begins after a snapshot.
  init(after snapshot: QuorumSnapshot) {
    self.snapshot = snapshot
    endOffset = snapshot.offset
  }

  /// The offset of the first entry that is still here.
  public var startOffset: Int64 { snapshot?.offset ?? 0 }

  /// The epoch of the entry before `startOffset`; 0 at the beginning of everything.
  private var startEpoch: QuorumEpoch { snapshot?.epoch ?? QuorumEpoch(0) }

  /// The epoch of the last entry; 0 for an empty log.
  public var lastEpoch: QuorumEpoch { starts.last?.epoch ?? startEpoch }

  /// The entry at `offset`; nil outside the log.
  public subscript(offset: Int64) -> QuorumEntry? {
    guard offset >= startOffset, offset < endOffset else { return nil }
    let place = Int(offset - startOffset)
    return chunks[place / Self.chunkSize][place % Self.chunkSize]
  }

  /// The epoch of the entry before `offset`, which together with `offset` names the whole log before it (Raft's log
  /// matching). Epoch 0 before the first entry ever; nil outside the log.
  public func epoch(before offset: Int64) -> QuorumEpoch? {
    guard offset >= startOffset, offset <= endOffset else { return nil }
    return starts.last { $0.endOffset < offset }?.epoch ?? startEpoch
  }

  /// The largest epoch in the log that is not above `epoch`, and where it ends. Epoch 0 ends at 0. Nil where only the
  /// snapshot could tell.
  public func end(ofEpochAtMost epoch: QuorumEpoch) -> QuorumEpochEnd? {
    var end = endOffset
    for start in starts.reversed() {
      if start.epoch <= epoch { return QuorumEpochEnd(start.epoch, end) }
      end = start.endOffset
    }
    return epoch >= startEpoch ? QuorumEpochEnd(startEpoch, end) : nil
  }

  /// At most `limit` entries from `offset` on; none when `offset` is outside the log.
  public func entries(from offset: Int64, limit: Int) -> [QuorumEntry] {
    guard offset >= startOffset, offset < endOffset, limit > 0 else { return [] }
    let first = Int(offset - startOffset)
    return (first..<first + Int(min(Int64(limit), endOffset - offset))).map {
      chunks[$0 / Self.chunkSize][$0 % Self.chunkSize]
    }
  }

  mutating func append(_ entry: QuorumEntry) {
    if lastEpoch < entry.epoch { starts.append(QuorumEpochEnd(entry.epoch, endOffset)) }
    if Int(endOffset - startOffset) % Self.chunkSize == 0 { chunks.append([]) }
    chunks[chunks.count - 1].append(entry)
    endOffset += 1
  }

  /// Removes everything at and beyond `offset` and returns it; nothing of the snapshot.
  mutating func truncate(to offset: Int64) -> [QuorumEntry] {
    guard offset >= startOffset, offset < endOffset else { return [] }
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

  /// Puts an image in the place of what it was folded from. No more than the log has, and no less than it has put away.
  mutating func compact(to image: MetadataImage) {
    guard image.appliedThrough > startOffset, let epoch = epoch(before: image.appliedThrough) else { return }
    let kept = entries(from: image.appliedThrough, limit: Int(endOffset - image.appliedThrough))
    self = QuorumLog(after: QuorumSnapshot(image: image, epoch: epoch))
    for entry in kept { append(entry) }
  }

  public func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(endOffset)
    snapshot?.fingerprint(into: &hasher)
    for chunk in chunks {
      for entry in chunk {
        hasher.combine(entry.epoch.rawValue)
        entry.record.fingerprint(into: &hasher)
      }
    }
  }
}

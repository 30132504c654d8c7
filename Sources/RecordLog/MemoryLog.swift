public import Clockwork

/// A partition's log in memory: what a broker's disk holds in the simulated world.
///
/// A value whose copies share what they have in common: batches lie in full chunks that never change and one open chunk,
/// so that the first append after a snapshot copies one chunk and a list of chunks, not the log.
public struct MemoryLog: PartitionLog {
  /// A batch and the digest of the log up to and including it.
  fileprivate struct Entry: Sendable {
    var batch: RecordBatch
    var digest: UInt64
  }

  /// Large enough that the list of chunks stays short, small enough that copying one costs about a microsecond.
  private static let chunkSize = 128

  public private(set) var startOffset = Offset.zero
  public private(set) var endOffset = Offset.zero
  public private(set) var epochs = LeaderEpochHistory()
  /// The serialised size of what is kept.
  public private(set) var sizeInBytes = 0
  /// How many bytes fit, or nil for no limit: a full disk is a fault the world may inject at any time. What is already
  /// there stays and can be read when the limit falls below it.
  public var capacity: Int?

  /// Counts writes: batches appended, plus one for every truncation.
  public private(set) var position: UInt64 = 0
  private var syncedPosition: UInt64 = 0

  /// All but the first hold `chunkSize` entries; the front of the first may have been removed.
  private var full: [[Entry]] = []
  private var open: [Entry] = []
  /// The digest of what lies before the first entry.
  private var baseDigest: UInt64 = 0

  public init() {}

  public mutating func begin(_ epoch: LeaderEpoch) {
    if epochs.isNews(epoch) { epochs.assign(epoch, at: endOffset) }
  }

  public mutating func append(_ batch: RecordBatch) throws(LogError) {
    try checkAppendable(batch)
    let size = batch.sizeInBytes
    if let capacity, sizeInBytes + size > capacity { throw .diskFull }
    if open.count == Self.chunkSize {
      full.append(open)
      open = []
      open.reserveCapacity(Self.chunkSize)
    }
    open.append(Entry(batch: batch, digest: batch.digest(after: digest)))
    if epochs.isNews(batch.leaderEpoch) { epochs.assign(batch.leaderEpoch, at: batch.baseOffset) }
    endOffset = batch.nextOffset
    sizeInBytes += size
    position += 1
  }

  public func read(from: Offset, upTo limit: Offset, maxBytes: Int) throws(LogError) -> [RecordBatch] {
    guard from >= startOffset, from <= endOffset else { throw .outOfRange(start: startOffset, end: endOffset) }
    guard from < endOffset, from < limit else { return [] }
    var batches: [RecordBatch] = []
    var room = max(0, maxBytes)
    for chunk in firstChunk(reaching: from)...full.count {
      let isDone = (chunk < full.count ? full[chunk] : open).withUnsafeBufferPointer {
        $0.collect(from: from, upTo: limit, into: &batches, room: &room)
      }
      if isDone { break }
    }
    return batches
  }

  public func offset(forTimestamp timestamp: Int64) throws(LogError) -> TimestampedOffset? {
    for entries in full + [open] {
      for entry in entries {
        if let found = entry.batch.first(atOrAfter: timestamp, from: startOffset) { return found }
      }
    }
    return nil
  }

  public func maxTimestampOffset() throws(LogError) -> TimestampedOffset? {
    var latest: TimestampedOffset?
    for entries in full + [open] {
      for entry in entries where entry.batch.maxTimestamp > latest?.timestamp ?? .min {
        if let found = entry.batch.latest(from: startOffset), found.timestamp > latest?.timestamp ?? .min {
          latest = found
        }
      }
    }
    return latest
  }

  /// Counts as synced at once, and so does what is left: `SegmentedLog` flushes with every truncation, because a
  /// follower that tells its leader where it now ends must not find the old suffix back after a power loss.
  public mutating func truncate(to offset: Offset) throws(LogError) {
    guard offset < endOffset else { return epochs.truncateFromEnd(endOffset) }
    guard offset >= startOffset else { return try reset(to: offset) }
    removeBatches(from: offset)
    position += 1
    syncedPosition = position
  }

  public mutating func reset(to offset: Offset) throws(LogError) {
    guard offset >= .zero else { throw .outOfRange(start: startOffset, end: endOffset) }
    full = []
    open = []
    epochs = LeaderEpochHistory()
    baseDigest = UInt64(bitPattern: offset.rawValue)
    sizeInBytes = 0
    startOffset = offset
    endOffset = offset
    position += 1
    syncedPosition = position
  }

  public mutating func remove() { self = MemoryLog() }

  public mutating func advanceStart(to offset: Offset) throws(LogError) {
    guard offset <= endOffset else { throw .outOfRange(start: startOffset, end: endOffset) }
    guard offset > startOffset else { return }
    let whole = full.prefix { $0.last.map { $0.batch.lastOffset < offset } ?? true }
    for chunk in whole { forget(chunk[...]) }
    full.removeFirst(whole.count)
    if full.isEmpty {
      let gone = open.prefix { $0.batch.lastOffset < offset }
      forget(gone)
      open.removeFirst(gone.count)
    } else {
      let gone = full[0].prefix { $0.batch.lastOffset < offset }
      forget(gone)
      full[0].removeFirst(gone.count)
    }
    startOffset = offset
    epochs.truncateFromStart(offset)
  }

  private mutating func forget(_ entries: ArraySlice<Entry>) {
    for entry in entries { sizeInBytes -= entry.batch.sizeInBytes }
    baseDigest = entries.last?.digest ?? baseDigest
  }

  /// Batch by batch: there are no segments here.
  public mutating func retain(
    now: Int64, bytes: Int64, age: Int64, below highWatermark: Offset
  ) throws(LogError) -> Bool {
    var start = startOffset
    var size = Int64(sizeInBytes)
    search: for entries in full + [open] {
      for entry in entries {
        let batch = entry.batch
        guard batch.nextOffset <= highWatermark,
          Retention.isOver(batch.maxTimestamp, now: now, age: age)
            || Retention.isOver(size, without: batch.sizeInBytes, bytes: bytes)
        else { break search }
        size -= Int64(batch.sizeInBytes)
        start = batch.nextOffset
      }
    }
    guard start > startOffset else { return false }
    try advanceStart(to: start)
    return true
  }
}

extension MemoryLog {
  /// Removes whole batches from the end until none reaches `offset`.
  private mutating func removeBatches(from offset: Offset) {
    while true {
      if open.isEmpty, let last = full.popLast() { open = last }
      guard let last = open.last?.batch, last.lastOffset >= offset else { break }
      open.removeLast()
      sizeInBytes -= last.sizeInBytes
    }
    endOffset = open.last?.batch.nextOffset ?? startOffset
    epochs.truncateFromEnd(endOffset)
  }

  /// The index of the first chunk that reaches `offset`, by bisection; the one after the full ones is the open one.
  private func firstChunk(reaching offset: Offset) -> Int {
    // What followers and consumers ask for, almost always.
    if let first = open.first, first.batch.baseOffset <= offset { return full.count }
    var low = 0
    var high = full.count
    while low < high {
      let middle = (low + high) / 2
      if full[middle].last.map({ $0.batch.lastOffset < offset }) ?? true { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension MemoryLog {
  /// The batch that is the `n`th counted from the end, from 1; there must be that many.
  private func batch(fromEnd n: Int) -> RecordBatch {
    if n <= open.count { return open[open.count - n].batch }
    let beyond = n - open.count - 1
    let chunk = full[full.count - 1 - beyond / Self.chunkSize]
    return chunk[chunk.count - 1 - beyond % Self.chunkSize].batch
  }
}

// On the bare buffer: going through the array retains and releases it for every batch looked at.
extension UnsafeBufferPointer<MemoryLog.Entry> {
  /// Collects the batches that hold offsets in `from ..< limit` while there is room, but at least one. Returns true when
  /// no later chunk can add any.
  fileprivate func collect(
    from: Offset, upTo limit: Offset, into batches: inout [RecordBatch], room: inout Int
  ) -> Bool {
    let first = firstIndex(reaching: from)
    batches.reserveCapacity(batches.count + Swift.min(count - first, 16))
    for index in first..<count {
      let size = self[index].batch.sizeInBytes
      guard self[index].batch.baseOffset < limit, batches.isEmpty || size <= room else { return true }
      batches.append(self[index].batch)
      room -= size
    }
    return false
  }

  /// The index of the first batch that reaches `offset`, by bisection.
  fileprivate func firstIndex(reaching offset: Offset) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].batch.lastOffset < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

// MARK: - Durability

extension MemoryLog {
  /// How many of the last batches are not yet on the platter; some may have been removed from the front since.
  public var unsyncedBatches: Int { Int(position - syncedPosition) }

  public mutating func synced(through position: UInt64) {
    syncedPosition = max(syncedPosition, min(position, self.position))
  }

  /// Loses a suffix of the unsynced batches, then recovers as `SegmentedLog` does on opening: the bytes of the first
  /// lost batch may have reached the platter in part, and only a whole one that checks is kept. What survived was on
  /// the platter, so it counts as synced.
  public mutating func losePower(_ choices: inout Choices) {
    let count = full.reduce(open.count) { $0 + $1.count }
    let lost = choices.choose(min(unsyncedBatches, count) + 1)
    if lost > 0 {
      let torn = batch(fromEnd: lost)
      var bytes = torn.serialized()
      bytes.removeLast(choices.choose(bytes.count + 1))
      let isWhole = (try? RecordBatch(validating: bytes)) != nil
      removeBatches(from: isWhole ? torn.nextOffset : torn.baseOffset)
    }
    epochs.truncateFromEnd(endOffset)
    syncedPosition = position
  }
}

// MARK: - Comparison

extension MemoryLog: Hashable {
  /// Names the contents in one word: two logs that began at the same offset and agree in digest were given the same
  /// batches in the same epochs, but for a chance of 2^-64; what was removed from the front since still counts. Costs nothing: it is kept with every batch.
  public var digest: UInt64 { (open.last ?? full.last?.last)?.digest ?? baseDigest }

  /// The digest of what lies before `offset`, batches that straddle it left out.
  public func digest(before offset: Offset) -> UInt64 {
    if offset >= endOffset { return digest }
    let chunk = firstChunk(reaching: offset)
    let index = (chunk < full.count ? full[chunk] : open).withUnsafeBufferPointer { $0.firstIndex(reaching: offset) }
    let entry =
      index > 0 ? (chunk < full.count ? full[chunk] : open)[index - 1] : chunk > 0 ? full[chunk - 1].last : nil
    return entry?.digest ?? baseDigest
  }

  /// Everything that decides what the log will do next. Of the position only what is not yet synced counts.
  public func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(startOffset.rawValue)
    hasher.combine(endOffset.rawValue)
    hasher.combine(digest)
    hasher.combine(unsyncedBatches)
    hasher.combine(capacity ?? -1)
    hasher.combine(epochs.entries.count)
    for entry in epochs.entries {
      hasher.combine(entry.epoch.rawValue)
      hasher.combine(entry.startOffset.rawValue)
    }
  }

  public static func == (a: MemoryLog, b: MemoryLog) -> Bool {
    a.startOffset == b.startOffset && a.endOffset == b.endOffset && a.digest == b.digest
      && a.unsyncedBatches == b.unsyncedBatches && a.capacity == b.capacity && a.epochs == b.epochs
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

extension RecordBatch {
  /// A digest of a log whose batches so far have the digest `previous`, with this batch added.
  fileprivate func digest(after previous: UInt64) -> UInt64 {
    var hasher = StateHasher()
    hasher.combine(previous)
    hasher.combine(baseOffset.rawValue)
    hasher.combine(leaderEpoch.rawValue)
    hasher.combine(UInt64(checksum) << 32 | UInt64(truncatingIfNeeded: body.count))
    return hasher.finalize()
  }
}

public import Clockwork

/// A partition's log in files, laid out as Kafka does: segments named by their first offset, a sparse offset and a time
/// index for each, `leader-epoch-checkpoint` beside them.
///
/// A class, because the files are one and a copy would not be another log: it has one owner, the broker whose disk it
/// is, and a broker on `SegmentedLog` cannot be snapshotted as one on `MemoryLog` can. After an error that leaves the
/// files in doubt (a sync that failed, a truncation that could not be finished) nothing more is written; reading goes on.
///
/// Every batch is checked again whenever it is read, so bytes that rot on disk become `.corrupt`, not records.
// Unchecked: one owner, never used from two threads at a time.
public final class SegmentedLog: PartitionLog, @unchecked Sendable {
  public struct Settings: Hashable, Sendable {
    /// The size at which a new segment is begun, in bytes (Kafka's `segment.bytes`).
    public var segmentBytes: Int
    /// How many bytes lie between two index entries (Kafka's `index.interval.bytes`).
    public var indexIntervalBytes: Int

    public init(segmentBytes: Int = 1 << 30, indexIntervalBytes: Int = 4096) {
      // Index entries hold positions of 31 bits.
      self.segmentBytes = min(max(segmentBytes, 1), Int(Int32.max))
      self.indexIntervalBytes = max(indexIntervalBytes, 0)
    }
  }

  private let settings: Settings
  /// Nil until the first write places a log that was made without a directory.
  private var directory: LogDirectory?
  private let isScratch: Bool
  /// Oldest first; the last one is written to. Empty only while there is no directory.
  private var segments: [Segment] = []
  /// Why nothing more may be written.
  private var failure: LogError?

  public private(set) var epochs = LeaderEpochHistory()
  /// The epochs as they are on disk: an epoch that has only begun gets there with its first batch.
  private var writtenEpochs = LeaderEpochHistory()
  /// Counts bytes appended, plus one for every truncation.
  public private(set) var position: UInt64 = 0
  private var syncedPosition: UInt64 = 0

  /// An empty log in a scratch directory, made on the first write and removed with the log: for whoever needs files but
  /// not to keep them.
  public init() {
    settings = Settings()
    isScratch = true
  }

  /// Opens the log in a directory, and creates both if need be. After a crash this recovers: everything beyond the
  /// recovery point is checked, and so is the end of every segment; the first torn or corrupt batch and all that follow are cut off, indexes and epochs are
  /// rebuilt where they are missing or do not fit.
  public init(opening path: String, settings: Settings = Settings()) throws(LogError) {
    self.settings = settings
    isScratch = false
    try place(in: try LogDirectory(path))
  }

  deinit { if isScratch { directory?.removeAll() } }

  public var startOffset: Offset { segments.first?.baseOffset ?? .zero }
  public var endOffset: Offset { segments.last?.nextOffset ?? .zero }
  /// How many bytes of batches there are.
  public var sizeInBytes: Int { segments.reduce(0) { $0 + $1.size } }
  public var segmentCount: Int { segments.count }

  // MARK: Writing

  public func begin(_ epoch: LeaderEpoch) {
    if epochs.isNews(epoch) { epochs.assign(epoch, at: endOffset) }
  }

  public func append(_ batch: RecordBatch) throws(LogError) {
    try checkWritable()
    try checkAppendable(batch)
    let active = try activeSegment(for: batch)
    var epochs = self.epochs
    if epochs.isNews(batch.leaderEpoch) { epochs.assign(batch.leaderEpoch, at: batch.baseOffset) }
    // Before the batch: recovery drops an epoch without records, but records without their epoch would mislead.
    if epochs != writtenEpochs { try write(epochs) }
    try active.append(batch)
    position += UInt64(batch.sizeInBytes)
  }

  /// The segment that takes the batch: a new one when the last is full, which is synced and sealed then.
  private func activeSegment(for batch: RecordBatch) throws(LogError) -> Segment {
    if directory == nil { try place(in: try LogDirectory.scratch()) }
    guard let directory, let last = segments.last else { throw .io(0, "find a segment to write to") }
    if last.hasRoom(for: batch, limit: settings.segmentBytes) { return last }
    try orFail { () throws(LogError) in try last.sync() }
    try last.seal()
    try writeRecoveryPoint(in: directory)
    let next = try newSegment(at: endOffset, in: directory)
    segments.append(next)
    return next
  }

  private func newSegment(at offset: Offset, in directory: LogDirectory) throws(LogError) -> Segment {
    let segment = try Segment(offset, in: directory, indexInterval: settings.indexIntervalBytes, isNew: true)
    try directory.sync()
    return segment
  }

  private func write(_ epochs: LeaderEpochHistory) throws(LogError) {
    try directory?.replace(Checkpoint.epochs, with: epochs.checkpoint)
    self.epochs = epochs
    writtenEpochs = epochs
  }

  private func writeRecoveryPoint(in directory: LogDirectory) throws(LogError) {
    try directory.replace(Checkpoint.recoveryPoint, with: Checkpoint.encode([[endOffset.rawValue]]))
  }

  private func checkWritable() throws(LogError) { if let failure { throw failure } }

  /// Whatever goes wrong in here leaves the files in doubt, so it is the last thing written.
  private func orFail<Result>(_ work: () throws(LogError) -> Result) throws(LogError) -> Result {
    do throws(LogError) { return try work() } catch {
      failure = error
      throw error
    }
  }

  /// Waits until everything appended is on the platter. A failure is final: the system may have dropped what it could
  /// not write, and a second try would succeed without it ("fsyncgate", Rebello et al., USENIX ATC 2020).
  public func flush() throws(LogError) {
    try checkWritable()
    try orFail { () throws(LogError) in try segments.last?.sync() }
    syncedPosition = position
  }

  /// Flushes, and notes that no recovery is needed when this log is opened again.
  public func close() throws(LogError) {
    try flush()
    guard let directory else { return }
    try segments.last?.seal()
    try writeRecoveryPoint(in: directory)
  }

  public func truncate(to offset: Offset) throws(LogError) {
    try checkWritable()
    guard offset < endOffset else {
      var epochs = self.epochs
      epochs.truncateFromEnd(endOffset)
      return epochs == self.epochs ? () : try write(epochs)
    }
    guard offset >= startOffset else { return try reset(to: offset) }
    try orFail { () throws(LogError) in
      // Newest first, so that a crash in between leaves a log without a gap.
      while segments.count > 1, let directory, let last = segments.last, last.baseOffset >= offset {
        try Segment.remove(last.baseOffset, from: directory)
        segments.removeLast()
      }
      var epochs = self.epochs
      try segments.last?.truncate(to: offset, noting: &epochs)
      epochs.truncateFromEnd(endOffset)
      try write(epochs)
      if let directory { try writeRecoveryPoint(in: directory) }
    }
    position += 1
    syncedPosition = position
  }

  public func reset(to offset: Offset) throws(LogError) {
    try checkWritable()
    guard offset >= .zero else { throw .outOfRange(start: startOffset, end: endOffset) }
    if directory == nil { try place(in: try LogDirectory.scratch()) }
    guard let directory else { return }
    try orFail { () throws(LogError) in
      while let last = segments.popLast() { try Segment.remove(last.baseOffset, from: directory) }
      try write(LeaderEpochHistory())
      segments = [try newSegment(at: offset, in: directory)]
      try writeRecoveryPoint(in: directory)
    }
    position += 1
    syncedPosition = position
  }

  // MARK: Reading

  public func read(from: Offset, upTo limit: Offset, maxBytes: Int) throws(LogError) -> [RecordBatch] {
    guard from >= startOffset, from <= endOffset else { throw .outOfRange(start: startOffset, end: endOffset) }
    var batches: [RecordBatch] = []
    var bytes = 0
    var isDone = from >= limit
    for segment in segments[firstSegment(reaching: from)...] where !isDone {
      try segment.scan(from: from) { batch throws(LogError) in
        guard batch.lastOffset >= from else { return true }
        bytes += batch.sizeInBytes
        isDone = batch.baseOffset >= limit || (!batches.isEmpty && bytes > maxBytes)
        if !isDone { batches.append(batch) }
        // What lies beyond the limit is not even looked at.
        if batch.nextOffset >= limit { isDone = true }
        return !isDone
      }
    }
    return batches
  }

  public func offset(forTimestamp timestamp: Int64) throws(LogError) -> Offset? {
    for segment in segments where segment.maxTimestamp >= timestamp {
      var found: Offset?
      try segment.scan(from: segment.timeIndex.offset(before: timestamp) ?? segment.baseOffset) {
        batch throws(LogError) in
        found = batch.offset(forTimestamp: timestamp)
        return found == nil
      }
      if let found { return found }
    }
    return nil
  }

  /// Reads the whole log: for comparing logs, not for every day.
  public func fingerprint(into hasher: inout StateHasher) {
    hasher.combine(startOffset.rawValue)
    hasher.combine(endOffset.rawValue)
    for batch in (try? read(from: startOffset, upTo: endOffset, maxBytes: .max)) ?? [] {
      hasher.combine(batch.baseOffset.rawValue)
      hasher.combine(batch.leaderEpoch.rawValue)
      hasher.combine(UInt64(batch.checksum))
    }
    for entry in epochs.entries {
      hasher.combine(entry.epoch.rawValue)
      hasher.combine(entry.startOffset.rawValue)
    }
  }

  /// The index of the last segment that begins at or before `offset`, by bisection.
  private func firstSegment(reaching offset: Offset) -> Int {
    var low = 0
    var high = segments.count
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].baseOffset <= offset { low = middle + 1 } else { high = middle }
    }
    return max(0, low - 1)
  }

  // MARK: Recovering

  private func place(in directory: LogDirectory) throws(LogError) {
    let bases = try directory.names().compactMap { Segment.baseOffset(of: $0) }
    let known = try directory.contents(of: Checkpoint.epochs).flatMap { LeaderEpochHistory(checkpoint: $0) }
    var epochs = known ?? LeaderEpochHistory()
    // Without the epochs every batch must be looked at to find them again.
    let knownGood = known == nil ? .zero : try recoveryPoint(in: directory)
    var segments: [Segment] = []
    for (base, next) in zip(bases, bases.dropFirst().map(Optional.some) + [nil]) {
      let segment = try Segment(base, in: directory, indexInterval: settings.indexIntervalBytes, isNew: false)
      let corruption = try segment.recover(from: knownGood, noting: &epochs)
      segments.append(segment)
      // A segment that does not reach the next one has lost its tail. What follows a gap is not this log any more.
      if corruption != nil || next.map({ segment.nextOffset != $0 }) ?? false { break }
    }
    for later in bases.dropFirst(segments.count).reversed() { try Segment.remove(later, from: directory) }
    if segments.isEmpty { segments = [try newSegment(at: .zero, in: directory)] }
    self.directory = directory
    self.segments = segments
    epochs.truncateFromEnd(endOffset)
    self.epochs = epochs
    writtenEpochs = known ?? LeaderEpochHistory()
    if epochs != known { try write(epochs) }
  }

  private func recoveryPoint(in directory: LogDirectory) throws(LogError) -> Offset {
    guard let bytes = try directory.contents(of: Checkpoint.recoveryPoint),
      let rows = Checkpoint.decode(bytes, columns: 1), rows.count == 1
    else { return .zero }
    return Offset(rows[0][0])
  }

  // MARK: Durability

  /// Notes what a sync has covered; the sync itself is `flush`, which whoever runs the live world calls.
  public func synced(through position: UInt64) {
    syncedPosition = max(syncedPosition, min(position, self.position))
  }

  /// Cuts a chosen number of unsynced bytes off the file, then recovers as on opening. Earlier segments were synced when
  /// they were sealed.
  public func losePower(_ choices: inout Choices) {
    guard let active = segments.last else { return }
    let unsynced = min(Int(position - syncedPosition), active.size)
    do throws(LogError) {
      try active.cut(choices.choose(unsynced + 1))
      var epochs = self.epochs
      _ = try active.recover(from: .zero, noting: &epochs)
      epochs.truncateFromEnd(endOffset)
      try write(epochs)
    } catch {
      failure = error
    }
    syncedPosition = position
  }
}

/// A partition's log in files, laid out as Kafka does: segments named by their first offset, a sparse offset and a time
/// index for each, `leader-epoch-checkpoint` beside them. The files lie in a directory on disk or in memory, where they
/// are gone with the process but otherwise the same.
///
/// A class, because the files are one and a copy would not be another log: it has one owner, the broker whose disk it
/// is, and a broker on `SegmentedLog` cannot be snapshotted as one on `MemoryLog` can. After an error that leaves the
/// files in doubt (a sync that failed, a truncation that could not be finished) nothing more is written; reading goes on.
///
/// An append is written, not synced: `flushing` says what to sync. Every batch is checked again whenever it is read, so
/// bytes that rot on disk become `.corrupt`, not records.
// Unchecked: one owner, never used from two threads at a time.
public final class SegmentedLog: PartitionLog, @unchecked Sendable {
  public struct Settings: Hashable, Sendable {
    /// The size at which a new segment is begun, in bytes (Kafka's `segment.bytes`).
    public var segmentBytes: Int
    /// How much later than a segment's first batch its last may be, in milliseconds of batch timestamps (`segment.ms`).
    public var segmentAge: Int64
    /// How many bytes lie between two index entries (`index.interval.bytes`).
    public var indexIntervalBytes: Int

    public init(segmentBytes: Int = 1 << 30, segmentAge: Int64 = 604_800_000, indexIntervalBytes: Int = 4096) {
      // Index entries hold positions of 31 bits.
      self.segmentBytes = min(max(segmentBytes, 1), Int(Int32.max))
      self.segmentAge = max(segmentAge, 1)
      self.indexIntervalBytes = max(indexIntervalBytes, 0)
    }
  }

  var settings: Settings
  let directory: LogDirectory
  /// Oldest first; the last one is written to. Empty only before the first write to a log in memory, and once the log
  /// was removed.
  var segments: [Segment] = []
  /// Why nothing more may be written.
  var failure: LogError?

  public internal(set) var startOffset = Offset.zero
  public internal(set) var endOffset = Offset.zero
  public internal(set) var epochs = LeaderEpochHistory()
  /// The epochs as they are on disk: an epoch that has only begun gets there with its first batch.
  var writtenEpochs = LeaderEpochHistory()
  /// Counts bytes appended, plus one for every truncation.
  public internal(set) var position: UInt64 = 0
  var syncedPosition: UInt64 = 0
  /// How far `syncBatches` has come, and the last segment whose name it made durable.
  var syncedEnd = Offset.zero
  var syncedSegment: Offset?
  /// Below it everything is whole and on the platter, and this is written down.
  var recoveryPoint = Offset.zero
  var truncations: UInt64 = 0
  /// Compaction went as far as here.
  var cleanedTo = Offset.zero

  /// An empty log in memory.
  public convenience init() { self.init(inMemory: "log") }

  /// An empty log in memory; `name` is for whoever looks into /proc.
  public init(inMemory name: String, settings: Settings = Settings()) {
    self.settings = settings
    directory = LogDirectory(inMemory: name)
  }

  /// Opens the log in a directory, and creates both if need be. After a crash this recovers: everything beyond the
  /// recovery point is checked, the first torn or corrupt batch and all that follow are cut off, indexes and epochs are
  /// rebuilt where they are missing or do not fit. Below the recovery point a few headers of each segment are read.
  public init(opening path: String, settings: Settings = Settings()) throws(LogError) {
    self.settings = settings
    directory = try LogDirectory(path)
    try recover(trusting: nil)
  }

  /// How many bytes of batches there are, those before the start that share a segment with later ones included.
  public var sizeInBytes: Int { segments.reduce(0) { $0 + $1.size } }
  public var segmentCount: Int { segments.count }

  // MARK: Appending

  public func begin(_ epoch: LeaderEpoch) {
    if epochs.isNews(epoch) { epochs.assign(epoch, at: endOffset) }
  }

  public func append(_ batch: RecordBatch) throws(LogError) {
    let active = try prepare(for: batch)
    try active.append([batch])
    appended(batch.sizeInBytes, to: active)
  }

  public func append(contentsOf batches: [RecordBatch]) throws(LogError) {
    var rest = batches[...]
    while let first = rest.first {
      let active = try prepare(for: first)
      var (count, bytes, end) = (1, first.sizeInBytes, first.nextOffset)
      for batch in rest.dropFirst().prefix(Segment.gatherLimit - 1) {
        guard batch.baseOffset >= end, batch.nextOffset > batch.baseOffset, batch.leaderEpoch == first.leaderEpoch,
          hasRoom(active, for: batch, after: bytes)
        else { break }
        (count, bytes, end) = (count + 1, bytes + batch.sizeInBytes, batch.nextOffset)
      }
      try active.append(rest.prefix(count))
      appended(bytes, to: active)
      rest = rest.dropFirst(count)
    }
  }

  private func appended(_ bytes: Int, to active: Segment) {
    endOffset = active.nextOffset
    position += UInt64(bytes)
  }

  /// Holds the batch to the rules, notes its epoch, and gives the segment that takes it.
  private func prepare(for batch: RecordBatch) throws(LogError) -> Segment {
    try checkWritable()
    try checkAppendable(batch)
    let active = try activeSegment(for: batch)
    if epochs.isNews(batch.leaderEpoch) || epochs != writtenEpochs {
      var epochs = self.epochs
      if epochs.isNews(batch.leaderEpoch) { epochs.assign(batch.leaderEpoch, at: batch.baseOffset) }
      // Before the batch: recovery drops an epoch without records, but records without their epoch would mislead. The
      // next flush syncs it, and until that is done recovery looks at every batch that could tell the epoch.
      try write(epochs, durably: false)
    }
    return active
  }

  /// The segment that takes the batch: a new one when the last is full.
  private func activeSegment(for batch: RecordBatch) throws(LogError) -> Segment {
    guard let last = segments.last else { return try roll() }
    return hasRoom(last, for: batch, after: 0) ? last : try roll()
  }

  /// Whether the batch still fits after `pending` bytes: in bytes, in time, and in what an index entry can express.
  private func hasRoom(_ segment: Segment, for batch: RecordBatch, after pending: Int) -> Bool {
    let size = segment.size + pending
    guard size > 0 else { return true }
    let age = batch.maxTimestamp.subtractingReportingOverflow(segment.firstTimestamp ?? batch.maxTimestamp)
    return size + batch.sizeInBytes <= settings.segmentBytes && !age.overflow && age.partialValue <= settings.segmentAge
      && batch.lastOffset - segment.baseOffset <= Int64(Int32.max)
  }

  /// Begins a new segment at the log end.
  @discardableResult
  func roll() throws(LogError) -> Segment {
    segments.last?.seal()
    let next = try Segment(endOffset, in: directory, indexInterval: settings.indexIntervalBytes, isNew: true)
    segments.append(next)
    return next
  }

  func write(_ epochs: LeaderEpochHistory, durably: Bool = true) throws(LogError) {
    try directory.replace(Checkpoint.epochs, with: epochs.checkpoint, durably: durably)
    self.epochs = epochs
    writtenEpochs = epochs
  }

  func checkWritable() throws(LogError) { if let failure { throw failure } }

  /// Whatever goes wrong in here leaves the files in doubt, so it is the last thing written.
  func orFail<Result>(_ work: () throws(LogError) -> Result) throws(LogError) -> Result {
    do throws(LogError) { return try work() } catch {
      failure = error
      throw error
    }
  }

  // MARK: Removing

  public func truncate(to offset: Offset) throws(LogError) {
    try checkWritable()
    syncedEnd = min(syncedEnd, offset)
    guard offset < endOffset else {
      var epochs = self.epochs
      epochs.truncateFromEnd(endOffset)
      return epochs == self.epochs ? () : try write(epochs)
    }
    guard offset >= startOffset else { return try reset(to: offset) }
    truncations += 1
    try orFail { () throws(LogError) in
      // Newest first, so that a crash in between leaves a log without a gap.
      while segments.count > 1, let last = segments.last, last.baseOffset >= offset {
        try Segment.remove(last.baseOffset, from: directory)
        segments.removeLast()
      }
      var epochs = self.epochs
      try segments.last?.truncate(to: offset, logStart: startOffset, noting: &epochs)
      endOffset = max(startOffset, segments.last?.nextOffset ?? startOffset)
      epochs.truncateFromEnd(endOffset)
      try write(epochs)
      try lowerRecoveryPoint()
    }
    position += 1
    syncedPosition = position
  }

  public func reset(to offset: Offset) throws(LogError) {
    try checkWritable()
    guard offset >= .zero else { throw .outOfRange(start: startOffset, end: endOffset) }
    truncations += 1
    (syncedEnd, syncedSegment) = (.zero, nil)
    try orFail { () throws(LogError) in
      try directory.remove(Checkpoint.logStart)
      try directory.remove(Checkpoint.cleanerOffset)
      cleanedTo = .zero
      while let last = segments.popLast() { try Segment.remove(last.baseOffset, from: directory) }
      try write(LeaderEpochHistory())
      startOffset = offset
      endOffset = offset
      try roll()
      recoveryPoint = offset
      try directory.replace(Checkpoint.recoveryPoint, with: Checkpoint.encode([[offset.rawValue]]))
    }
    position += 1
    syncedPosition = position
  }

  /// Removes the files and the directory. What was read from it before can still be sent.
  public func remove() throws(LogError) {
    failure = .io(0, "write to a log that was removed")
    truncations += 1
    segments = []
    startOffset = .zero
    endOffset = .zero
    epochs = LeaderEpochHistory()
    writtenEpochs = epochs
    try directory.removeAll()
  }
}

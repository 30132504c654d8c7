public import Clockwork

extension SegmentedLog {
  // MARK: Flushing

  /// What must be synced so that everything appended so far survives a power loss. Carry it out on any thread, then tell
  /// `flushed`. Between the two the log can be used as ever.
  public func flushing() throws(LogError) -> LogFlush {
    try checkWritable()
    var files: [LogFile] = []
    if !directory.isInMemory, endOffset > recoveryPoint {
      for segment in segments where segment.nextOffset > recoveryPoint { files += try segment.saveIndexes() }
      files.append(try directory.file(Checkpoint.epochs))
    }
    return LogFlush(
      files: files, directory: directory, endOffset: endOffset, position: position, truncations: truncations)
  }

  /// The flush is done: recovery need not look at what it covers. The note is written, but not waited for: an older one,
  /// or none, costs time at the next start and nothing else.
  ///
  /// A failure is final: the system may have dropped what it could not write, and a second try would succeed without it
  /// ("fsyncgate", Rebello et al., USENIX ATC 2020).
  public func flushed(_ flush: LogFlush, failing error: LogError? = nil) throws(LogError) {
    try checkWritable()
    if let error {
      failure = error
      throw error
    }
    guard flush.truncations == truncations else { return }
    syncedPosition = max(syncedPosition, flush.position)
    guard flush.endOffset > recoveryPoint else { return }
    recoveryPoint = flush.endOffset
    let note = Checkpoint.encode([[recoveryPoint.rawValue]])
    try directory.replace(Checkpoint.recoveryPoint, with: note, durably: false)
  }

  /// Flushes here and now, and waits for it.
  public func checkpoint() throws(LogError) {
    let flush = try flushing()
    var failure: LogError?
    do throws(LogError) { try flush.run() } catch { failure = error }
    try flushed(flush, failing: failure)
  }

  /// Waits until every batch appended so far survives a power loss, and leaves the indexes and the note of it to the next
  /// `checkpoint`: one wait for the disk, where a flush takes several. Recovery then looks at more batches, and finds
  /// what is missing in them.
  public func syncBatches() throws(LogError) {
    try checkWritable()
    guard position > syncedPosition, !directory.isInMemory else { return }
    try orFail { () throws(LogError) in
      for segment in segments where segment.nextOffset > syncedEnd { try segment.sync() }
      if segments.last?.baseOffset != syncedSegment { try directory.sync() }
    }
    syncedPosition = position
    syncedEnd = endOffset
    syncedSegment = segments.last?.baseOffset
  }

  /// Flushes, and notes that no recovery is needed when this log is opened again.
  public func close() throws(LogError) {
    segments.last?.seal()
    try checkpoint()
  }

  /// After a truncation: what will be appended from here on is neither known to be good nor compacted.
  func lowerRecoveryPoint() throws(LogError) {
    if cleanedTo > endOffset {
      cleanedTo = endOffset
      try directory.replace(Checkpoint.cleanerOffset, with: Checkpoint.encode([[cleanedTo.rawValue]]))
    }
    guard recoveryPoint > endOffset else { return }
    recoveryPoint = endOffset
    try directory.replace(Checkpoint.recoveryPoint, with: Checkpoint.encode([[recoveryPoint.rawValue]]))
  }

  // MARK: Recovering

  /// Makes the log out of what is in the directory; `point` stands for the recovery point written there.
  func recover(trusting point: Offset?) throws(LogError) {
    startOffset = try checkpoint(Checkpoint.logStart) ?? .zero
    cleanedTo = try checkpoint(Checkpoint.cleanerOffset) ?? .zero
    try finishSwaps()
    let bases = try basesFromStart()
    let known = try directory.contents(of: Checkpoint.epochs).flatMap { LeaderEpochHistory(checkpoint: $0) }
    var epochs = known ?? LeaderEpochHistory()
    // Without the epochs every batch must be looked at to find them again.
    let written = try checkpoint(Checkpoint.recoveryPoint) ?? .zero
    let knownGood = known == nil ? .zero : point ?? written
    segments = []
    for (base, next) in zip(bases, bases.dropFirst().map(Optional.some) + [nil]) {
      let segment = try Segment(base, in: directory, indexInterval: settings.indexIntervalBytes, isNew: false)
      let corruption = try segment.recover(from: knownGood, logStart: startOffset, noting: &epochs)
      segments.append(segment)
      // A segment that does not reach the next one has lost its tail (compaction keeps the end of each). What follows a
      // gap is not this log any more.
      if corruption != nil || next.map({ segment.nextOffset != $0 }) ?? false { break }
    }
    for later in bases.dropFirst(segments.count).reversed() { try Segment.remove(later, from: directory) }
    startOffset = max(startOffset, segments.first?.baseOffset ?? .zero)
    endOffset = max(startOffset, segments.last?.nextOffset ?? .zero)
    if segments.isEmpty { try roll() }
    recoveryPoint = min(knownGood, endOffset)
    cleanedTo = min(cleanedTo, endOffset)
    epochs.truncateFromEnd(endOffset)
    self.epochs = epochs
    writtenEpochs = known ?? LeaderEpochHistory()
    if epochs != known { try write(epochs) }
  }

  /// Where the segments begin that reach the start; those before it are removed.
  private func basesFromStart() throws(LogError) -> [Offset] {
    var bases = try directory.names().compactMap { Segment.baseOffset(of: $0) }[...]
    while let first = bases.first, let second = bases.dropFirst().first, second <= startOffset {
      try Segment.remove(first, from: directory)
      bases = bases.dropFirst()
    }
    return Array(bases)
  }

  /// The one offset in a checkpoint file; nil when it is not there or holds anything else.
  private func checkpoint(_ name: String) throws(LogError) -> Offset? {
    guard let bytes = try directory.contents(of: name), let rows = Checkpoint.decode(bytes, columns: 1),
      rows.count == 1, rows[0][0] >= 0
    else { return nil }
    return Offset(rows[0][0])
  }

  // MARK: Durability

  /// Notes what a sync has covered; the sync itself is `LogFlush.run`, which whoever runs the live world calls.
  public func synced(through position: UInt64) {
    syncedPosition = max(syncedPosition, min(position, self.position))
  }

  /// Cuts a chosen number of unsynced bytes off the end, then recovers as on opening, trusting nothing.
  public func losePower(_ choices: inout Choices) {
    guard !segments.isEmpty else { return }
    var lost = choices.choose(min(Int(position - syncedPosition), sizeInBytes) + 1)
    do throws(LogError) {
      for segment in segments.reversed() where lost > 0 {
        let size = segment.size
        try segment.cut(lost)
        lost -= min(lost, size)
      }
      truncations += 1
      try recover(trusting: .zero)
    } catch {
      failure = error
    }
    syncedPosition = position
  }
}

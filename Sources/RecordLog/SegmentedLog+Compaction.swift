extension SegmentedLog {
  /// What compaction would do now; nil when it is not worth it. Only sealed segments, flushed, below `limit` (the last
  /// stable offset, so that every transaction in them is decided) and old enough are touched. Carry it out on any thread,
  /// then tell `compacted`; do not ask for another one meanwhile.
  public func compaction(
    _ rules: CompactionRules, now: Int64, below limit: Offset
  ) throws(LogError) -> LogCompaction? {
    try checkWritable()
    let end = directory.isInMemory ? limit : min(limit, recoveryPoint)
    let sources = segments.dropLast().prefix { segment in
      segment.nextOffset <= end
        && (rules.minLag == 0 || Retention.isOver(segment.maxTimestamp, now: now, age: rules.minLag))
    }
    let dirty = sources.reduce(0) { $1.nextOffset > cleanedTo ? $0 + $1.size : $0 }
    let total = sources.reduce(0) { $0 + $1.size }
    guard dirty > 0, Double(dirty) >= rules.minDirtyRatio * Double(total) else { return nil }
    return LogCompaction(
      sources: sources.map(\.source), directory: directory, rules: rules, now: now, cleanedTo: cleanedTo,
      segmentBytes: settings.segmentBytes, truncations: truncations)
  }

  /// Puts what a compaction wrote in the place of what it read, segment by segment. Replacements of segments that are
  /// gone meanwhile are thrown away. False, and nothing is changed, when the log was cut short meanwhile.
  public func compacted(_ result: LogCompaction.Result) throws(LogError) -> Bool {
    try checkWritable()
    let isCurrent = result.truncations == truncations
    for replacement in result.replacements {
      if isCurrent, let first = segments.firstIndex(where: { $0.baseOffset == replacement.bases[0] }) {
        try orFail { () throws(LogError) in try swap(replacement, at: first) }
      } else {
        try directory.discard(Segment.name(replacement.bases[0], "cleaned"))
      }
    }
    guard isCurrent else { return false }
    cleanedTo = result.cleanedTo
    let note = Checkpoint.encode([[cleanedTo.rawValue]])
    try directory.replace(Checkpoint.cleanerOffset, with: note, durably: false)
    return true
  }

  /// From the moment the file is called `.swap` it stands for the segments it replaces, and a crash cannot undo it.
  private func swap(_ replacement: LogCompaction.Result.Replacement, at first: Int) throws(LogError) {
    let base = replacement.bases[0]
    let swap = Segment.name(base, "swap")
    try directory.place(replacement.file, Segment.name(base, "cleaned"), as: swap)
    try directory.sync()
    for old in replacement.bases { try Segment.remove(old, from: directory) }
    try directory.rename(swap, to: Segment.name(base, "log"))
    try directory.sync()
    let segment = try Segment(base, in: directory, indexInterval: settings.indexIntervalBytes, isNew: false)
    var epochs = self.epochs
    if let error = try segment.recover(from: Offset(.max), logStart: startOffset, noting: &epochs) {
      throw .corrupt(error)
    }
    segment.seal()
    segments.replaceSubrange(first..<first + replacement.bases.count, with: CollectionOfOne(segment))
  }

  /// After a crash: drafts are thrown away, swaps are finished.
  func finishSwaps() throws(LogError) {
    for name in try directory.names() {
      if name.hasSuffix(".cleaned") { try directory.remove(name) }
      guard let base = Segment.baseOffset(of: name, "swap") else { continue }
      let file = try directory.file(name)
      var scanner = HeaderScanner(from: 0, to: try file.size())
      var end = base
      while let header = try scanner.nextHeader(in: file) { end = header.nextOffset }
      for old in try directory.names().compactMap({ Segment.baseOffset(of: $0, "log") }) where old >= base && old < end
      {
        try Segment.remove(old, from: directory)
      }
      try directory.rename(name, to: Segment.name(base, "log"))
    }
  }
}

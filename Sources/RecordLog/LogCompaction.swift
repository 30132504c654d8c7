/// One run of compaction over sealed segments, which never change: like a flush, it may be carried out on another thread
/// than the owner's, who then hears of it by `SegmentedLog.compacted`.
///
/// Kafka's rules: of each key the latest record stays, at its offset; records without a key go, and so do those of
/// aborted transactions. Tombstones and markers go once an earlier run has seen them and they are older than
/// `deleteRetention` by their own timestamps (simpler than KIP-534, which stamps the batch when it is first seen: a
/// producer with a slow clock shortens the time its tombstones stay). What is left of a compressed batch is compressed
/// again, by the same codec. A batch that cannot be opened is kept whole, and so is every tombstone after it: the value
/// that one deletes may be in there.
public struct LogCompaction: Sendable {
  struct Source: Sendable {
    var baseOffset: Offset
    var nextOffset: Offset
    var size: Int
    var file: LogFile
  }

  let sources: [Source]
  let directory: LogDirectory
  let rules: CompactionRules
  let now: Int64
  /// Earlier runs went as far as here.
  let cleanedTo: Offset
  let segmentBytes: Int
  let truncations: UInt64

  /// What is to take the place of some segments.
  public struct Result: Sendable {
    struct Replacement: Sendable {
      /// The segments that it replaces, in order.
      var bases: [Offset]
      var file: LogFile
    }

    var replacements: [Replacement] = []
    var cleanedTo: Offset
    /// Markers that are in the log no more: of transactions of which nothing was left.
    public internal(set) var removedMarkers: [Offset] = []
    let truncations: UInt64
  }

  /// Reads the segments and writes their replacements beside them.
  public func run() throws(LogError) -> Result {
    var survey = CompactionSurvey(self)
    for source in sources { try survey.walk(source) }
    survey.stopAtOpenTransactions()
    for source in sources where source.nextOffset > cleanedTo { try survey.noteKeys(source) }
    var result = Result(cleanedTo: survey.end, truncations: truncations)
    for group in groups(below: survey.end) {
      if let file = try clean(group, &survey) {
        result.replacements.append(Result.Replacement(bases: group.map(\.baseOffset), file: file))
      }
    }
    result.removedMarkers = survey.removedMarkers
    return result
  }

  /// Neighbours that fit into one segment together, so that small remains of segments become few.
  private func groups(below end: Offset) -> [ArraySlice<Source>] {
    var groups: [ArraySlice<Source>] = []
    var rest = sources.prefix { $0.baseOffset < end }
    while let first = rest.first {
      var (count, size) = (1, first.size)
      for source in rest.dropFirst() {
        guard size + source.size <= segmentBytes, source.nextOffset - first.baseOffset <= Int64(Int32.max) else {
          break
        }
        (count, size) = (count + 1, size + source.size)
      }
      groups.append(rest.prefix(count))
      rest = rest.dropFirst(count)
    }
    return groups
  }

  /// The file that replaces a group, synced; nil when nothing would change.
  private func clean(_ group: ArraySlice<Source>, _ survey: inout CompactionSurvey) throws(LogError) -> LogFile? {
    guard let first = group.first, let last = group.last else { return nil }
    let name = Segment.name(first.baseOffset, "cleaned")
    let file = try directory.draft(name)
    var position = 0
    var pending: [UInt8] = []
    var hasChanged = group.count > 1
    for source in group {
      var scanner = BatchScanner(from: 0, to: source.size)
      while let batch = try scanner.next(in: source.file) {
        // The end of the last one stays, so that a log without a gap is one that lost nothing.
        let isEnd = batch.nextOffset == last.nextOffset
        let cleaned = survey.clean(batch) ?? (isEnd ? batch.emptied : nil)
        hasChanged = hasChanged || cleaned?.checksum != batch.checksum
        cleaned?.serialized(into: &pending)
        guard pending.count > 1 << 20 else { continue }
        try file.write(pending, at: position)
        position += pending.count
        pending.removeAll(keepingCapacity: true)
      }
    }
    guard hasChanged else {
      try directory.discard(name)
      return nil
    }
    try file.write(pending, at: position)
    try file.sync()
    return file
  }
}

public import Clockwork

extension SegmentedLog {
  public func read(from: Offset, upTo limit: Offset, maxBytes: Int) throws(LogError) -> [RecordBatch] {
    try slice(from: from, upTo: limit, maxBytes: maxBytes).batches()
  }

  public func slice(from: Offset, upTo limit: Offset, maxBytes: Int) throws(LogError) -> LogSlice {
    guard from >= startOffset, from <= endOffset else { throw .outOfRange(start: startOffset, end: endOffset) }
    guard from < limit, from < endOffset else { return .regions([]) }
    var regions: [LogRegion] = []
    var room = max(0, maxBytes)
    for segment in segments[firstSegment(reaching: from)...] {
      let bytes = try segment.bytes(from: from, upTo: limit, maxBytes: room, firstMustFit: !regions.isEmpty)
      if !bytes.isEmpty { regions.append(segment.region(bytes)) }
      guard bytes.upperBound == segment.size, bytes.count <= room else { break }
      room -= bytes.count
    }
    return .regions(regions)
  }

  public func scan(from offset: Offset, _ visit: (RecordBatch.Header, MarkerRecord?) -> Void) throws(LogError) {
    guard !segments.isEmpty else { return }
    let from = max(offset, startOffset)
    for segment in segments[firstSegment(reaching: from)...] { try segment.scan(from: from, visit) }
  }

  public func offset(forTimestamp timestamp: Int64) throws(LogError) -> TimestampedOffset? {
    for segment in segments where segment.maxTimestamp >= timestamp {
      var found: TimestampedOffset?
      let earlier = segment.timeIndex.offset(before: timestamp) ?? segment.baseOffset
      try segment.scan(from: max(earlier, startOffset)) { batch throws(LogError) in
        found = batch.first(atOrAfter: timestamp, from: startOffset)
        return found == nil
      }
      if let found { return found }
    }
    return nil
  }

  public func maxTimestampOffset() throws(LogError) -> TimestampedOffset? {
    var latest: TimestampedOffset?
    for segment in segments where segment.maxTimestamp > latest?.timestamp ?? .min {
      let isWhole = segment.maxTimestampOffset >= startOffset
      let from = isWhole ? segment.maxTimestampOffset : startOffset
      try segment.scan(from: from) { batch throws(LogError) in
        guard batch.lastOffset >= from else { return true }
        if let found = batch.latest(from: startOffset), found.timestamp > latest?.timestamp ?? .min { latest = found }
        // When the latest batch of the segment is no longer all there, the rest has to be searched.
        return !isWhole || latest?.timestamp != segment.maxTimestamp
      }
    }
    return latest
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

  /// The index of the last segment that begins at or before `offset`, by bisection. There must be a segment.
  private func firstSegment(reaching offset: Offset) -> Int {
    // What followers and consumers ask for, almost always.
    if let last = segments.last, last.baseOffset <= offset { return segments.count - 1 }
    var low = 0
    var high = segments.count
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].baseOffset <= offset { low = middle + 1 } else { high = middle }
    }
    return max(0, low - 1)
  }
}

/// When something at the front of a log may go (Kafka's `retention.ms` and `retention.bytes`).
enum Retention {
  /// Whether what was last written to at `timestamp` is older than `age`. Never when its producer had no clock.
  static func isOver(_ timestamp: Int64, now: Int64, age: Int64) -> Bool {
    guard age >= 0, timestamp >= 0 else { return false }
    let (elapsed, overflow) = now.subtractingReportingOverflow(timestamp)
    return !overflow && elapsed > age
  }

  /// Whether a log of `size` bytes still holds `bytes` without a part of itself.
  static func isOver(_ size: Int64, without part: Int, bytes: Int64) -> Bool {
    bytes >= 0 && size - Int64(part) >= bytes
  }
}

extension SegmentedLog {
  public func advanceStart(to offset: Offset) throws(LogError) {
    try checkWritable()
    guard offset <= endOffset else { throw .outOfRange(start: startOffset, end: endOffset) }
    guard offset > startOffset else { return }
    try orFail { () throws(LogError) in
      // So that the segment that is written to does not hold on to what is gone.
      if offset == endOffset, let last = segments.last, last.size > 0 { try roll() }
      // First: segments that a crash leaves are removed when the log is opened.
      try directory.replace(Checkpoint.logStart, with: Checkpoint.encode([[offset.rawValue]]))
      startOffset = offset
      while segments.count > 1, segments[1].baseOffset <= offset {
        try Segment.remove(segments[0].baseOffset, from: directory)
        segments.removeFirst()
      }
      var epochs = self.epochs
      epochs.truncateFromStart(offset)
      try write(epochs, durably: false)
    }
  }

  public func retain(
    now: Int64, bytes: Int64, age: Int64, below highWatermark: Offset
  ) throws(LogError) -> Bool {
    var start = startOffset
    var size = Int64(sizeInBytes)
    for segment in segments {
      guard segment.size > 0, segment.nextOffset <= highWatermark,
        Retention.isOver(segment.maxTimestamp, now: now, age: age)
          || Retention.isOver(size, without: segment.size, bytes: bytes)
      else { break }
      size -= Int64(segment.size)
      start = segment.nextOffset
    }
    guard start > startOffset else { return false }
    try advanceStart(to: start)
    return true
  }

  /// Changes the settings, for what is appended from now on.
  public func configure(_ settings: Settings) { self.settings = settings }
}

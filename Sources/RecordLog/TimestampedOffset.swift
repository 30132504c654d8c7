/// A record found by its timestamp (ListOffsets, KIP-79, KIP-734).
public struct TimestampedOffset: Hashable, Sendable {
  public var offset: Offset
  /// In milliseconds.
  public var timestamp: Int64
  /// The epoch of the batch it lies in.
  public var leaderEpoch: LeaderEpoch

  public init(_ offset: Offset, _ timestamp: Int64, _ leaderEpoch: LeaderEpoch) {
    self.offset = offset
    self.timestamp = timestamp
    self.leaderEpoch = leaderEpoch
  }
}

extension RecordBatch {
  /// The first record in here at or after both `timestamp` and `start`; nil when there is none. When the records cannot
  /// be read, the batch's own first offset and latest timestamp.
  func first(atOrAfter timestamp: Int64, from start: Offset) -> TimestampedOffset? {
    guard maxTimestamp >= timestamp else { return nil }
    guard let records = try? records() else {
      return TimestampedOffset(max(baseOffset, start), maxTimestamp, leaderEpoch)
    }
    return records.first { $0.timestamp >= timestamp && $0.offset >= start }.map {
      TimestampedOffset($0.offset, $0.timestamp, leaderEpoch)
    }
  }

  /// The first record that has the largest timestamp of those from `start` on. When the records cannot be read, the
  /// batch's last offset (as Kafka answers for batches it does not open) and latest timestamp.
  func latest(from start: Offset) -> TimestampedOffset? {
    guard lastOffset >= start else { return nil }
    guard let records = try? records() else { return TimestampedOffset(lastOffset, maxTimestamp, leaderEpoch) }
    var latest: TimestampedOffset?
    for record in records where record.offset >= start && record.timestamp > latest?.timestamp ?? .min {
      latest = TimestampedOffset(record.offset, record.timestamp, leaderEpoch)
    }
    return latest
  }
}

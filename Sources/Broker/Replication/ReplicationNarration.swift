import RecordLog

/// What replication's messages say in a trace.
extension FetchRequest {
  public var summary: String {
    let asked = partitions.map { "\($0.id) from \($0.offset)" }.joined(separator: ", ")
    return "Fetch \(asked)"
  }

  /// A follower's or a consumer's asking is the heartbeat of replication; what it brings is told by the answer.
  public var isRoutine: Bool { replica != nil }
}

extension FetchReply {
  public var summary: String {
    partitions.map { partition in
      if let error = partition.error { return "Fetched \(partition.id): \(error.rawValue)" }
      if let end = partition.diverging {
        return "Fetched \(partition.id): epoch \(end.epoch) ended at \(end.endOffset)"
      }
      guard case .batches(let batches) = partition.records, let first = batches.first, let last = batches.last else {
        return "Fetched \(partition.id): nothing new, HW \(partition.highWatermark)"
      }
      let range = first.baseOffset == last.lastOffset ? "\(first.baseOffset)" : "\(first.baseOffset)–\(last.lastOffset)"
      return "Fetched \(partition.id): \(range), HW \(partition.highWatermark)"
    }.joined(separator: "; ")
  }

  public var isRoutine: Bool {
    partitions.allSatisfy { $0.error == nil && $0.diverging == nil && $0.records.isEmpty }
  }
}

extension EpochEndRequest {
  public var summary: String { "OffsetForLeaderEpoch \(id): where did epoch \(epoch) end?" }
}

extension EpochEndReply {
  public var summary: String {
    if let error { return "OffsetForLeaderEpoch \(id): \(error.rawValue)" }
    return "OffsetForLeaderEpoch \(id): "
      + (end.map { "epoch \($0.epoch) ended at \($0.endOffset)" } ?? "unknown epoch")
  }
}

extension ProduceRequest {
  public var summary: String { "Produce \(partition) acks=\(acks)" }
}

extension ProduceReply {
  public var summary: String {
    "Produced \(partition): " + (error.map(\.rawValue) ?? "offset \(baseOffset)")
  }
}

extension Acks: CustomStringConvertible {
  public var description: String {
    switch self {
    case .none: "0"
    case .leader: "1"
    case .all: "all"
    }
  }
}

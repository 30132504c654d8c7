public import RecordLog

/// Which offset of a partition is asked for (Kafka's ListOffsets).
public enum OffsetQuery: Hashable, Sendable {
  case earliest
  /// The end as consumers see it: the high watermark, or the last stable offset.
  case latest
  /// The record with the largest timestamp (KIP-734).
  case maxTimestamp
  /// The first record at or after this time, in milliseconds.
  case timestamp(Int64)
}

extension Broker {
  /// Answers for a partition that this broker leads; nil when no record is that late. Nothing beyond what a consumer of
  /// this isolation may read is told.
  public func offset(
    of query: OffsetQuery, in id: PartitionID, isolation: Isolation, currentEpoch: LeaderEpoch?
  ) -> Result<TimestampedOffset?, BrokerError> {
    guard let index = replicaIndex(of: id) else {
      return .failure(image.partition(id) == nil ? .unknownTopicOrPartition : .notLeaderOrFollower)
    }
    if let error = refusal(of: currentEpoch, index, anyReplica: false) { return .failure(error) }
    let replica = replicas[index]
    // A new leader may not know yet what its predecessor's consumers have seen (KIP-207).
    if let start = replica.leadership?.epochStart, replica.highWatermark < start, query != .earliest {
      return .failure(.offsetNotAvailable)
    }
    let log = disk.partitions[replica.slot].log
    let end = isolation == .readCommitted ? lastStableOffset(index) : replica.highWatermark
    do throws(LogError) {
      switch query {
      case .earliest:
        return .success(
          TimestampedOffset(log.startOffset, -1, log.epochs.epoch(at: log.startOffset) ?? LeaderEpoch(-1)))
      case .latest:
        return .success(TimestampedOffset(end, -1, log.epochs.latest ?? LeaderEpoch(-1)))
      case .maxTimestamp:
        let found = try log.maxTimestampOffset()
        return .success(found.flatMap { $0.offset < end ? $0 : nil })
      case .timestamp(let timestamp):
        let found = try log.offset(forTimestamp: timestamp)
        return .success(found.flatMap { $0.offset < end ? $0 : nil })
      }
    } catch {
      return .failure(.kafkaStorageError)
    }
  }

  /// DeleteRecords (KIP-107): nothing before `offset` is kept; nil stands for the high watermark. Followers do the same
  /// when they hear of the new start.
  public mutating func deleteRecords(in id: PartitionID, before offset: Offset?) -> Result<Offset, BrokerError> {
    guard let index = replicaIndex(of: id) else {
      return .failure(image.partition(id) == nil ? .unknownTopicOrPartition : .notLeaderOrFollower)
    }
    guard replicas[index].isLeading else { return .failure(.notLeaderOrFollower) }
    let start = offset ?? replicas[index].highWatermark
    guard start <= replicas[index].highWatermark, start >= .zero else { return .failure(.offsetOutOfRange) }
    do {
      try disk.partitions[replicas[index].slot].log.advanceStart(to: start)
    } catch {
      return .failure(.kafkaStorageError)
    }
    return .success(disk.partitions[replicas[index].slot].log.startOffset)
  }
}

public import Clockwork
public import RecordLog

/// What a broker no longer keeps (`cleanup.policy`): the shell asks for it again and again, as only the shell has other
/// threads to do the work on.
extension Broker {
  /// Moves the starts of logs beyond what their topics' retention.ms and retention.bytes let go.
  ///
  /// Leaders and followers alike, each by its own high watermark, as in Kafka. Nothing of a transaction that is still open
  /// goes: readers of committed records have not been there yet.
  public mutating func applyRetention(_ fx: inout BrokerEffects) {
    let now = fx.now.nanoseconds / 1_000_000
    for index in replicas.indices where !replicas[index].isOffline {
      guard let config = image.topic(replicas[index].id.topic)?.config, config.cleans("delete") else { continue }
      let (slot, stable) = (replicas[index].slot, lastStableOffset(index))
      do throws(LogError) {
        guard
          try disk.partitions[slot].log.retain(
            now: now, bytes: config.number("retention.bytes"), age: config.number("retention.ms"), below: stable)
        else { continue }
        let start = disk.partitions[slot].log.startOffset
        ledgers[slot].forget(silentSince: Instant(nanoseconds: .min), before: start)
        fx.note("retains \(image.name(of: replicas[index].id)) from \(start) on")
      } catch {
        replicas[index].isOffline = true
        fx.note("cannot remove old records of \(image.name(of: replicas[index].id)): \(error)")
      }
    }
  }
}

/// A compaction that is worth its work. Whoever carries it out, on any thread, hands the result to `take`.
public struct DueCompaction: Sendable {
  public let partition: PartitionID
  public let compaction: LogCompaction
  /// The log as it was opened: a restart opens it anew, and a result for the one before is nobody's.
  let log: SegmentedLog
}

extension Broker where Log == SegmentedLog {
  /// The first replica after `last`, by id, whose log is to be compacted and has become worth it. Nil when there is none.
  public func nextCompaction(after last: PartitionID?, at now: Instant) -> DueCompaction? {
    for index in replicas.indices where !replicas[index].isOffline {
      let id = replicas[index].id
      if let last, !(last < id) { continue }
      guard let config = image.topic(id.topic)?.config, config.cleans("compact") else { continue }
      let log = disk.partitions[replicas[index].slot].log
      // A log that cannot be asked takes no more records either, and says so where they come in.
      let compaction = try? log.compaction(
        config.compactionRules, now: now.nanoseconds / 1_000_000, below: lastStableOffset(index))
      if let compaction { return DueCompaction(partition: id, compaction: compaction, log: log) }
    }
    return nil
  }

  public mutating func take(
    _ result: LogCompaction.Result, of due: DueCompaction, _ fx: inout BrokerEffects
  ) {
    guard let index = replicaIndex(of: due.partition), disk.partitions[replicas[index].slot].log === due.log else {
      return
    }
    do throws(LogError) {
      guard try due.log.compacted(result) else { return }
      ledgers[replicas[index].slot].forgetAborted(endingAt: result.removedMarkers)
      fx.note("has compacted \(image.name(of: due.partition))")
    } catch {
      replicas[index].isOffline = true
      fx.note("cannot put the compacted \(image.name(of: due.partition)) in place: \(error)")
    }
  }
}

extension TopicConfig {
  /// Whether cleanup.policy names `policy`.
  fileprivate func cleans(_ policy: Substring) -> Bool {
    self["cleanup.policy"]?.split(separator: ",").contains(policy) ?? false
  }

  /// -1 is no limit.
  fileprivate func number(_ key: String) -> Int64 { self[key].flatMap { Int64($0) } ?? -1 }

  fileprivate var compactionRules: CompactionRules {
    var rules = CompactionRules()
    if let ratio = self["min.cleanable.dirty.ratio"].flatMap({ Double($0) }) { rules.minDirtyRatio = ratio }
    rules.minLag = max(0, number("min.compaction.lag.ms"))
    rules.deleteRetention = max(0, number("delete.retention.ms"))
    return rules
  }
}
